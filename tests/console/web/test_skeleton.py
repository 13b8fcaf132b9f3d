"""The skeleton stands: pages, errors, headers, files, health."""

from __future__ import annotations

from ..conftest import SignIn
from ..staff import Staff


def test_the_first_page(client: Staff) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "Chefin" in page.text
    assert 'lang="de"' in page.text


def test_nobody_is_led_to_the_first_account(sign_in: SignIn) -> None:
    page = sign_in(None).get("/")
    assert (page.status_code, page.headers["location"]) == (303, "/setup")


def test_an_unknown_page(client: Staff) -> None:
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "Diese Seite gibt es nicht" in page.text


def test_health(sign_in: SignIn) -> None:
    answer = sign_in(None).get("/health")
    assert answer.json() == {"console": "ok", "database": "ok"}
