"""What ends without anybody noticing: nightly backups that stop, and certificates that nobody renews."""

from __future__ import annotations

import datetime as dt
import math
import re
import socket
import ssl
import time
from contextlib import suppress
from pathlib import Path
from typing import Dict, Optional, Tuple
from urllib.parse import urlsplit

from cryptography import x509
from prometheus_client import Gauge

from smartcity.settings import Settings

BACKUP = re.compile(r"smartcity-(\d{8}T\d{6})Z\.tar\.gz")
"""As `smartcity backup FOLDER` names them: by the name, since a copy may have lost its file's time."""
CONNECT_SECONDS = 3.0
KEPT_SECONDS = 300.0
"""How long what a server showed is told again: Prometheus asks several times a minute."""

BACKUP_AGE = Gauge(
    "smartcity_backup_age_seconds", "Age of the newest backup in the folder; infinite without one.", ["folder"]
)
CERTIFICATE_LEFT = Gauge(
    "smartcity_certificate_seconds_left",
    "Until the certificate ends; below 0 afterwards, 0 where none can be read.",
    ["at"],
)

_shown: Dict[str, Tuple[float, Optional[dt.datetime]]] = {}


def look(settings: Settings) -> None:
    """Set both for what the settings name. Takes up to 3 s for each certificate at an address."""
    if settings.backups:
        made = newest_backup(Path(settings.backups))
        BACKUP_AGE.labels(settings.backups).set(_now().timestamp() - made.timestamp() if made else math.inf)
    for place in settings.certificates:
        end = certificate_end(place)
        CERTIFICATE_LEFT.labels(place).set((end - _now()).total_seconds() if end else 0)


def newest_backup(folder: Path) -> Optional[dt.datetime]:
    """When the newest backup in a folder was made; None where there is none or the folder cannot be read."""
    made = []
    with suppress(OSError):
        for path in folder.iterdir():
            if found := BACKUP.fullmatch(path.name):
                with suppress(ValueError):
                    made.append(dt.datetime.strptime(found[1], "%Y%m%dT%H%M%S").replace(tzinfo=dt.timezone.utc))
    return max(made, default=None)


def certificate_end(place: str) -> Optional[dt.datetime]:
    """When the certificate in a file, or the one that a server at an https address shows, ends; None: unreadable."""
    if not place.startswith("https://"):
        with suppress(OSError, ValueError):
            # The server's own comes first in a chain.
            return x509.load_pem_x509_certificate(Path(place).read_bytes()).not_valid_after_utc
        return None
    moment, end = _shown.get(place, (-math.inf, None))
    if end is None or time.monotonic() - moment > KEPT_SECONDS:
        end = _end_at(place)
        _shown[place] = (time.monotonic(), end)
    return end


def _end_at(address: str) -> Optional[dt.datetime]:
    parts = urlsplit(address)
    # Read, not trusted: one that has ended or that nobody signed must be seen, too.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(OSError, ValueError):
        reached = socket.create_connection((parts.hostname or "", parts.port or 443), CONNECT_SECONDS)
        with reached, context.wrap_socket(reached, server_hostname=parts.hostname) as secured:
            shown = secured.getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(shown).not_valid_after_utc if shown else None
    return None


def _now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)
