"""A desk on a fresh database of each kind, and a real mail server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from smartcity.inquiries import delivery
from smartcity.inquiries.desk import Desk
from smartcity.inquiries.office import Office
from smartcity.inquiries.store import Store
from smartcity.settings import Settings, read_settings

from ..databases import KINDS, database_url
from .certificates import Certificate, make_certificate
from .mail_server import MailServer
from .people import ERNA, OFFICE

SECRET = "0123456789abcdef" * 4


def settings_for(folder: Path, url: str = "", **more: str) -> Settings:
    values = {"VAR": str(folder / "var"), "SECRET": SECRET, "OFFICE_MAIL": OFFICE, "SMTP_STARTTLS": "off"}
    values |= {"DATABASE": url, "SMTP_HOST": "127.0.0.1", **more}
    return read_settings({f"SMARTCITY_{name}": value for name, value in values.items()})


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with database_url(request.param, tmp_path) as url:
        yield url


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that was killed leaves connections that say nothing."""
    monkeypatch.setattr(delivery, "SMTP_SECONDS", 3.0)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def settings(tmp_path: Path, url: str, mail_server: MailServer) -> Settings:
    return settings_for(tmp_path, url, SMTP_PORT=str(mail_server.port))


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store(settings)
    yield store
    store.close()


@pytest.fixture
def desk(settings: Settings, store: Store) -> Desk:
    return Desk(settings, store.engine)


@pytest.fixture
def office(settings: Settings, store: Store) -> Office:
    return Office(settings, store.engine)


@pytest.fixture
def filed(desk: Desk) -> str:
    """The reference of a request for an appointment."""
    desk.note("web:erna", **ERNA)
    return desk.file("web:erna").reference


@pytest.fixture
def number(office: Office, filed: str) -> int:
    """The id of that request."""
    (row,) = office.lists.page().rows
    return int(row.id)


def rows(store: Store, table: Any) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(table.select().order_by(*table.primary_key.columns)))
