"""Rules for secrets: made by a machine, and one for all processes."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable

from smartcity.production.rule import Rule, Situation, is_loopback

_KNOWN = re.compile(
    r"change.?me|secret|geheim|passw|example|beispiel|default|smartcity|krefeld|12345678|abcdefg|qwert", re.IGNORECASE
)
"""What people write where a secret is wanted; in 64 random hex digits none of it is likely."""
_GUESSED = ("", "postgres", "root", "admin", "smartcity", "rasa", "test")
SHORTEST = 16


def is_weak(secret: str) -> bool:
    """Whether a person may have made it up: repeated, in order, or with a known word in it."""
    signs = len(set(secret))
    return signs < 10 or bool(_KNOWN.search(secret)) or secret in secret[1:] + secret[:-1]


def _weak_secret(now: Situation) -> bool:
    return bool(now.settings.secret) and is_weak(now.settings.secret)


def _kept_secret_weak(now: Situation) -> bool:
    if now.settings.secret:
        return False
    try:
        kept = (now.settings.var / "secret").read_text("ascii").strip()
    except (OSError, ValueError):
        return False
    return bool(kept) and is_weak(kept)


def _secret_not_shared(now: Situation) -> bool:
    shared = now.database is not None and now.database.get_backend_name() != "sqlite"
    return not now.settings.secret and (shared or bool(now.settings.redis))


def _short(names: Iterable[str]) -> Rule:
    """One rule for secrets that both sides choose freely."""
    return Rule(
        " or ".join(f"SMARTCITY_{name}" for name in names),
        "it is so short that it can be guessed",
        "use at least 16 random signs: openssl rand -hex 32",
        lambda now: any(0 < len(getattr(now.settings, name.lower())) < SHORTEST for name in names),
    )


def _weak_keys(now: Situation) -> bool:
    return any(len(set(base64.urlsafe_b64decode(key))) < 12 for key in now.settings.inquiry_keys)


def _password_guessed(now: Situation) -> bool:
    return any(
        url is not None
        and url.get_backend_name() == "postgresql"
        and not is_loopback(url.host)
        and (url.password in (*_GUESSED, url.username, url.database) or url.password is None)
        and "passfile" not in url.query
        and "sslcert" not in url.query
        for url in (now.database, now.tracker_store)
    )


RULES = (
    Rule(
        "SMARTCITY_SECRET",
        "it is one that people think up, so others can think it up too",
        "make one: openssl rand -hex 32",
        _weak_secret,
    ),
    Rule(
        "SMARTCITY_SECRET",
        "the one kept in VAR is one that people think up",
        "remove the file 'secret' in SMARTCITY_VAR, or set SMARTCITY_SECRET to: openssl rand -hex 32",
        _kept_secret_weak,
    ),
    Rule(
        "SMARTCITY_SECRET",
        "it stands in VAR alone, while the database or Redis is shared: another machine would make another one, and "
        "refuse sessions and read no request",
        "set it to the same on all: the text of the file 'secret' in SMARTCITY_VAR, or openssl rand -hex 32",
        _secret_not_shared,
    ),
    Rule(
        "SMARTCITY_INQUIRY_KEYS",
        "a key is no random one",
        "make one: python -c 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'",
        _weak_keys,
    ),
    _short(("META_VERIFY_TOKEN",)),
    Rule(
        "SMARTCITY_DATABASE or endpoints.yml",
        "the password of PostgreSQL on another machine is missing or can be guessed",
        "give the role a random password, or a client certificate",
        _password_guessed,
    ),
)
