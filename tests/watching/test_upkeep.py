"""The age of backups and the end of certificates, of real folders, files and servers."""

from __future__ import annotations

import datetime as dt
import math
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from smartcity.settings import SettingError, read_settings
from smartcity.watching import upkeep

from ..inquiries.certificates import Certificate, make_certificate

DAY = 86_400


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    upkeep._shown.clear()


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    """Ends in a day."""
    return make_certificate(tmp_path)


@pytest.fixture
def server(certificate: Certificate) -> Iterator[str]:
    """Shows the certificate to everybody who comes."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                reached, _ = listening.accept()
            except OSError:
                return
            try:
                certificate.context().wrap_socket(reached, server_side=True).close()
            except OSError:
                reached.close()

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"https://127.0.0.1:{listening.getsockname()[1]}"
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()
    thread.join()


def _left(place: str) -> float:
    found = REGISTRY.get_sample_value("smartcity_certificate_seconds_left", {"at": place})
    assert found is not None
    return found


def _age(folder: Path) -> float:
    found = REGISTRY.get_sample_value("smartcity_backup_age_seconds", {"folder": str(folder)})
    assert found is not None
    return found


def test_the_newest_backup_counts_by_its_name(tmp_path: Path) -> None:
    settings = read_settings({"SMARTCITY_BACKUPS": str(tmp_path)})
    now = dt.datetime.now(dt.timezone.utc)
    for days in (3, 1, 2):
        made = tmp_path / f"smartcity-{now - dt.timedelta(days=days):%Y%m%dT%H%M%SZ}.tar.gz"
        made.touch()
        # A copy from elsewhere is as new as its file says; what is in it is not.
        os.utime(made, (now.timestamp(), now.timestamp()))
    for other in ("smartcity-20991399T999999Z.tar.gz", ".smartcity-20990101T000000Z.tar.gz.17", "notes.txt"):
        (tmp_path / other).touch()
    upkeep.look(settings)
    assert DAY <= _age(tmp_path) < DAY + 60


@pytest.mark.parametrize("folder", ["", "gone"])
def test_no_backup_is_infinitely_old(tmp_path: Path, folder: str) -> None:
    upkeep.look(read_settings({"SMARTCITY_BACKUPS": str(tmp_path / folder)}))
    assert _age(tmp_path / folder) == math.inf


def test_a_server_tells_which_certificate_it_shows(server: str, certificate: Certificate) -> None:
    settings = read_settings({"SMARTCITY_CERTIFICATES": f"{server}/, {certificate.path}"})
    upkeep.look(settings)
    for place in (server, str(certificate.path)):
        assert DAY - 60 < _left(place) <= DAY
    assert upkeep.certificate_end(server) == upkeep.certificate_end(str(certificate.path))


def test_what_cannot_be_read_has_no_time_left(tmp_path: Path, certificate: Certificate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        gone = f"https://127.0.0.1:{probe.getsockname()[1]}"
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("no certificate", "ascii")
    places = (gone, str(nothing), str(tmp_path / "gone.pem"), str(certificate.key))
    upkeep.look(read_settings({"SMARTCITY_CERTIFICATES": ",".join(places)}))
    assert [_left(place) for place in places] == [0, 0, 0, 0]


def test_a_server_that_comes_back_is_asked_at_once(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as away:
        away.setattr(upkeep, "_end_at", lambda address: None)
        assert upkeep.certificate_end(server) is None
    assert upkeep.certificate_end(server) is not None


@pytest.mark.parametrize("text", ["http://chat.example.org", "https://chat.example.org/chat", "https://a@b", "ftp://x"])
def test_other_addresses_are_refused(text: str) -> None:
    with pytest.raises(SettingError, match="SMARTCITY_CERTIFICATES"):
        read_settings({"SMARTCITY_CERTIFICATES": text})
