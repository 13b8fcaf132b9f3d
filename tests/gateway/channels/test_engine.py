"""What all platforms share: order, duplicates, sending again, dead letters, stop, limits, what is kept."""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from smartcity.addresses import Proxies
from smartcity.gateway.app import create_app
from smartcity.gateway.channels.catalogue import WEBHOOKS, channels
from smartcity.gateway.channels.delivery import Patience
from smartcity.gateway.channels.engine import Engine
from smartcity.gateway.channels.store import Arrived, Letter, Part, Person, Store
from smartcity.gateway.errors import GatewayError, answer_gateway_error
from smartcity.gateway.limits import Limits
from smartcity.gateway.rasa_client import RasaClient
from smartcity.settings import SettingError, read_settings

from ..conftest import StartGateway
from ..standin import SECRET, StandIn, free_port, running
from ..steps import error_of
from .conftest import SETTINGS, letters, until
from .echo import Echo
from .platforms import Platforms
from .posts import (
    PHONE,
    TELEGRAM_SECRET,
    meta,
    slack,
    slack_event,
    sms,
    telegram,
    telegram_message,
    telegram_press,
    twilio,
    whatsapp,
    whatsapp_message,
)

Wait = Callable[[int], list[str]]
Gateway = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture(scope="module")
def _echo_server() -> Iterator[tuple[Echo, int]]:
    echo = Echo(read_settings({"SMARTCITY_SECRET": SECRET}).secret_for("internal"))
    with running(echo.app) as port:
        yield echo, port


@pytest.fixture
def echo(_echo_server: tuple[Echo, int]) -> Echo:
    _echo_server[0].reset()
    return _echo_server[0]


@pytest.fixture
def gateway(echo: Echo, _echo_server: tuple[Echo, int], base: dict[str, str], tmp_path: Path) -> Gateway:
    """A gateway that can be stopped and started again over the same VAR; `patience` makes waiting short."""

    @contextmanager
    def started(patience: Patience | None = None, **environ: str) -> Iterator[httpx.Client]:
        chosen = {"SECRET": SECRET, "VAR": str(tmp_path), "RASA_PORT": str(_echo_server[1]), "LIMITS": "off"}
        settings = read_settings(
            {f"SMARTCITY_{name}": value for name, value in {**chosen, **SETTINGS, **base, **environ}.items()}
        )
        rasa = RasaClient(settings)
        engine = Engine(
            settings, rasa, Limits(settings, Proxies("")), channels(settings), WEBHOOKS, patience or Patience()
        )

        @asynccontextmanager
        async def lifespan(app: Starlette) -> Any:
            await engine.start()
            yield
            await engine.close()
            await rasa.close()

        handlers: Any = {GatewayError: answer_gateway_error}
        app = Starlette(routes=engine.routes(), exception_handlers=handlers, lifespan=lifespan)
        with (
            running(app) as port,
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20, trust_env=False) as client,
        ):
            yield client

    return started


def _answers(platforms: Platforms, to: str) -> list[str]:
    """The answers of one person, without the first contact."""
    return [text.removeprefix("Antwort auf ") for text in platforms.texts(to) if text.startswith("Antwort auf ")]


def test_order_is_kept_and_nobody_waits_for_another(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    echo.slow = 0.1
    with gateway() as client:
        for number in range(5):
            for person in range(10):
                telegram(client, telegram_message(f"{person}-{number}", person=person))
        until(lambda: len(platforms.sent) == 60, 20)
    for person in range(10):
        assert _answers(platforms, str(person)) == [f"{person}-{number}" for number in range(5)]
    assert len({said["sender"] for said in echo.received}) == 10


def test_the_same_message_again_is_not_answered_also_after_a_restart(
    gateway: Gateway, echo: Echo, platforms: Platforms
) -> None:
    update = telegram_message("Hallo")
    with gateway() as client:
        for _ in range(3):
            assert telegram(client, update).status_code == 200
        until(lambda: len(platforms.sent) == 2)
    with gateway() as client:
        telegram(client, update)
        telegram(client, telegram_message("Ende"))
        until(lambda: len(platforms.sent) == 3)
    assert [said["text"] for said in echo.received] == ["Hallo", "Ende"]
    assert len({said["sender"] for said in echo.received}) == 1


def test_the_webhook_is_answered_before_rasa(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    echo.slow = 3
    with gateway() as client:
        began = time.monotonic()
        for number in range(5):
            telegram(client, telegram_message("Hallo", person=number))
        assert time.monotonic() - began < 1


def test_a_busy_platform_is_left_alone_for_as_long_as_it_says(gateway: Gateway, platforms: Platforms) -> None:
    platforms.answers = [(429, {}, {"ok": False, "error_code": 429, "parameters": {"retry_after": 1}})]
    with gateway(Patience(first=0.01)) as client:
        began = time.monotonic()
        telegram(client, telegram_message("eins", person=1))
        until(lambda: platforms.tries == 1)
        telegram(client, telegram_message("zwei", person=2))
        until(lambda: len(platforms.sent) == 4)
        assert 0.9 < time.monotonic() - began < 3
    assert platforms.tries == 5


@pytest.mark.parametrize("headers, seconds", [({"Retry-After": "1"}, 0.9), ({"Retry-After": "nonsense"}, 0)])
def test_retry_after_of_the_header(
    gateway: Gateway, platforms: Platforms, headers: dict[str, str], seconds: float
) -> None:
    platforms.answers = [(429, headers, {})]
    with gateway(Patience(first=0.01)) as client:
        began = time.monotonic()
        meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo")))
        until(lambda: len(platforms.sent) == 2)
        assert seconds < time.monotonic() - began < 3


def test_what_cannot_be_sent_is_given_up_and_its_reason_kept(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path
) -> None:
    platforms.answers = [(500, {}, {})] * 3 + [(400, {}, {"ok": False, "description": f"chat {PHONE}"})]
    with gateway(Patience(first=0.01, attempts=3)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(letters(tmp_path)) == 2)
        telegram(client, telegram_message("Noch da?"))
        until(lambda: len(platforms.sent) == 1)
    refused, failed = letters(tmp_path)
    assert (failed.reason, failed.attempts) == ("500", 3)
    assert (refused.reason, refused.attempts) == ("400", 1)
    assert failed.channel == "telegram" and failed.sender == echo.received[0]["sender"]
    assert refused.content is not None and "Antwort auf Hallo" in refused.content
    assert _answers(platforms, "77") == ["Noch da?"]


@pytest.mark.parametrize("answer", ["inquiry/summary", "withdrawal/contact"])
def test_no_dead_letter_keeps_what_a_form_was_told(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, answer: str
) -> None:
    echo.answer = answer
    platforms.answers = [(400, {}, {"ok": False})] * 2
    with gateway(Patience(first=0.01, attempts=1)) as client:
        telegram(client, telegram_message("Erika Mustermann"))
        until(lambda: len(letters(tmp_path)) == 2)
    assert letters(tmp_path)[0].content is None


def test_a_platform_that_hangs_up_is_tried_again(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(
        Patience(first=0.01, longest=0.1, attempts=50), PLATFORM_BASE=f"http://127.0.0.1:{free_port()}"
    ) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: echo.received)
    assert not platforms.sent
    with gateway() as client:
        until(lambda: len(platforms.sent) == 2)
    assert len(echo.received) == 1


def test_a_restart_loses_nothing(gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path) -> None:
    platforms.answers = [(400, {}, {}), (503, {}, {})]
    with gateway(Patience(first=60)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: platforms.tries == 2)
        telegram(client, telegram_message("Zweite"))
    assert len(letters(tmp_path)) == 1
    with gateway():
        until(lambda: len(platforms.sent) == 2)
    assert _answers(platforms, "77") == ["Hallo", "Zweite"]
    assert len(letters(tmp_path)) == 1
    assert _rows(tmp_path, "outgoing") == _rows(tmp_path, "incoming") == []


def _rows(var: Path, table: str) -> list[Any]:
    with closing(sqlite3.connect(var / "channels.db")) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


@pytest.mark.parametrize("word", ["stop", "löschen", "/stop", "Stopp!"])
def test_stop_forgets(gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, word: str) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        telegram(client, telegram_message(word))
        until(lambda: len(platforms.sent) == 3)
        assert platforms.texts()[2].startswith("Ich habe dieses Gespräch gelöscht.")
        assert echo.forgotten == [echo.received[0]["sender"]]
        assert _rows(tmp_path, "choices") == []
        with closing(sqlite3.connect(tmp_path / "console.db")) as connection:
            assert connection.execute("SELECT count(*) FROM erasures WHERE done IS NULL").fetchone() == (1,)
        telegram(client, telegram_message("Wieder da"))
        until(lambda: len(platforms.sent) == 5)
    assert "eine Maschine, kein Mensch" in platforms.texts()[3]
    assert echo.received[1]["sender"] != echo.received[0]["sender"]
    assert len(echo.received) == 2


def test_stop_ends_what_waits_to_be_sent(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    platforms.answers = [(503, {}, {})]
    with gateway(Patience(first=60)) as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: platforms.tries == 1)
        telegram(client, telegram_message("Und noch etwas"))
        telegram(client, telegram_message("stop"))
        until(lambda: platforms.sent)
    assert [text[:10] for text in platforms.texts()] == ["Ich habe d"]
    assert len(echo.received) == 1


def test_stop_during_a_turn_drops_its_answer(gateway: Gateway, start: StartGateway, base: dict[str, str],
                                             rasa: StandIn, platforms: Platforms) -> None:  # fmt: skip
    client = start(**SETTINGS, **base)
    rasa.delay = 0.5
    telegram(client, telegram_message("Hallo"))
    until(lambda: rasa.received)
    telegram(client, telegram_message("stop"))
    until(lambda: platforms.sent)
    assert [text[:10] for text in platforms.texts()] == ["Ich habe d"]
    assert rasa.forgotten == [rasa.received[0]["sender"]]


def test_a_deletion_that_failed_is_not_claimed(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        echo.forget_status = 500
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 3)
        assert platforms.texts()[2].startswith("Das Löschen hat gerade nicht geklappt.")
        echo.forget_status = 204
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 4)
    assert platforms.texts()[3].startswith("Ich habe dieses Gespräch gelöscht.")


def test_a_conversation_that_rasa_has_deleted_begins_anew(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: len(platforms.sent) == 2)
        echo.deleted.add(echo.received[0]["sender"])
        telegram(client, telegram_message("Noch da?"))
        until(lambda: len(platforms.sent) == 3)
    assert _answers(platforms, "77") == ["Hallo", "Noch da?"]
    assert echo.received[1]["sender"] != echo.received[0]["sender"]


def test_rasa_is_asked_again_before_a_person_reads_that_it_is_away(
    gateway: Gateway, echo: Echo, platforms: Platforms
) -> None:
    echo.down = 2
    with gateway() as client:
        telegram(client, telegram_message("eins", person=1))
        until(lambda: len(platforms.sent) == 2)
        echo.down = 3
        telegram(client, telegram_message("/start", person=2))
        until(lambda: len(platforms.sent) == 4)
    assert _answers(platforms, "1") == ["eins"]
    first, away = platforms.texts("2")
    assert "eine Maschine, kein Mensch" in first
    assert away.startswith("Der Assistent ist gerade nicht erreichbar.")


def test_texts_are_cleaned_and_limited(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(MAX_TEXT="20") as client:
        telegram(client, telegram_message("x" * 21))
        telegram(client, telegram_message("\u200b"))
        telegram(client, telegram_message("Hal\x00lo"))
        telegram(client, telegram_message("/greet{}"))
        until(lambda: len(platforms.sent) == 5)
    assert "höchstens 20 Zeichen" in platforms.texts()[1]
    assert platforms.texts()[2].startswith("Ich kann nur Text lesen")
    assert [said["text"] for said in echo.received] == ["Hallo", "/greet{}"]
    assert all("payload" not in said for said in echo.received)


def test_halves_of_surrogate_pairs_stop_nobody(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    def post(client: httpx.Client, body: str) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}
        return client.post("/channels/telegram", content=body.encode(), headers=headers).status_code

    with gateway(MAX_TEXT="5") as client:
        said = json.dumps(telegram_message("@@")).replace("@@", "\\ud800Hallo")
        assert post(client, said) == 200
        until(lambda: len(platforms.sent) == 2)
        assert post(client, json.dumps(telegram_press("@@")).replace("@@", "\\udfff")) == 200
        until(lambda: len(platforms.sent) == 3)
    assert [one["text"] for one in echo.received] == ["Hallo"]
    assert platforms.texts()[2].startswith("Diese Schaltfläche gilt nicht mehr.")


def test_a_press_that_was_made_up_says_nothing_to_rasa(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_press('/greet{"a": 1}'))
        until(lambda: len(platforms.sent) == 2)
    assert not echo.received


def test_too_many_messages_are_told_once(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway(LIMITS="on", MESSAGES_PER_MINUTE="3") as client:
        for number in range(8):
            telegram(client, telegram_message(f"{number}"))
        telegram(client, telegram_message("Hallo", person=5))
        until(lambda: len(platforms.sent) == 7)
        telegram(client, telegram_message("stop"))
        until(lambda: len(platforms.sent) == 8)
    assert _answers(platforms, "77") == ["0", "1", "2"]
    assert sum("viele Nachrichten" in text for text in platforms.texts("77")) == 1
    assert platforms.texts("77")[-1].startswith("Ich habe dieses Gespräch gelöscht.")


def test_forged_requests_count_against_their_address(gateway: Gateway, platforms: Platforms) -> None:
    with gateway(LIMITS="on", ADDRESS_PER_MINUTE="2") as client:
        for number in range(4):
            assert telegram(client, telegram_message("Hallo", person=number)).status_code == 200
        for _ in range(2):
            error_of(telegram(client, telegram_message("Hallo"), "wrong"), 403, "bad_signature")
        error_of(telegram(client, telegram_message("Hallo"), "wrong"), 429, "too_many_requests")


def test_a_full_queue_sends_platforms_away(gateway: Gateway, platforms: Platforms, tmp_path: Path) -> None:
    """Platforms come again after 503, and nothing was half taken."""
    store = Store(tmp_path / "channels.db")
    many = [Arrived(f"s{n}", f"p{n % 5}", "off", {}) for n in range(10_000)]
    store.accept(many, time.time())
    with gateway() as client:
        # The waiting are for a platform that is off, so they go at once; put them there again.
        until(lambda: store.waiting() == 0, 60)
        store.accept([Arrived(f"t{n}", "nobody", "off", {}) for n in range(10_000)], time.time())
        update = telegram_message("Hallo")
        error_of(telegram(client, update), 503, "unavailable")
        with closing(sqlite3.connect(tmp_path / "channels.db")) as connection:
            connection.execute("DELETE FROM incoming")
            connection.commit()
        assert telegram(client, update).status_code == 200
        until(lambda: len(platforms.sent) == 2)
    store.close()


def test_no_address_name_or_token_reaches_rasa_the_log_or_what_is_kept(
    gateway: Gateway, echo: Echo, platforms: Platforms, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platforms.answers = [(500, {}, {"error": {"message": f"+{PHONE}"}})] * 2
    with gateway(Patience(first=0.01, attempts=2)) as client:
        # The ids of WhatsApp's messages hold the number.
        meta(client, "whatsapp", whatsapp(whatsapp_message("Hallo", id=f"wamid.{PHONE}")))
        until(lambda: letters(tmp_path) and platforms.sent)
        twilio(client, sms("Hallo"))
        telegram(client, telegram_message("Hallo", person=4915112345678))
        slack(client, slack_event("Hallo", user="U12345678"))
        meta(client, "whatsapp", whatsapp({"id": "x", "from": PHONE, "type": "text", "text": 3, "timestamp": "1"}))
        until(lambda: len(platforms.sent) == 7)
        until(lambda: not _rows(tmp_path, "outgoing"))
    # What httpcore tells at this level is nobody's log.
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("httpcore"))
    assert "dead_letter" in logged
    everything = logged + str(echo.received)
    for path in tmp_path.iterdir():
        everything += path.read_bytes().decode("latin-1")
    for private in ("12345678", "otto", "Beispiel", *(value for name, value in SETTINGS.items() if "TOKEN" in name)):
        assert private.casefold() not in everything.casefold(), private
    assert all(len(said["sender"].partition(":")[2]) == 32 for said in echo.received)


def test_pseudonyms_need_the_key(gateway: Gateway, echo: Echo, platforms: Platforms) -> None:
    with gateway() as client:
        telegram(client, telegram_message("Hallo"))
        until(lambda: echo.received)
    digests = []
    for secret in (SECRET, "another secret of thirty-two signs"):
        settings = read_settings({"SMARTCITY_SECRET": secret, **{f"SMARTCITY_{k}": v for k, v in SETTINGS.items()}})
        engine = Engine(settings, RasaClient(settings), Limits(settings, Proxies("")), channels(settings), WEBHOOKS)
        digests.append(engine._digest("telegram", "person", "77"))
    assert echo.received[0]["sender"] == f"telegram:{digests[0]}"
    assert digests[1] != digests[0]


def test_dead_letters_keep_their_text_for_a_while_only(tmp_path: Path) -> None:
    store = Store(tmp_path / "channels.db")
    now, day = 1_800_000_000.0, 24 * 3600.0
    store.bury(Letter(now, "telegram", "telegram:a", "500", 3, "ein Text"))
    store.bury(Letter(now + 80 * day, "telegram", "telegram:b", "500", 3, "ein Text"))
    store.tidy(now + 6 * day)
    assert [letter.content for letter in store.letters()] == ["ein Text", "ein Text"]
    store.tidy(now + 8 * day)
    assert [letter.content for letter in store.letters()] == ["ein Text", None]
    store.tidy(now + 91 * day)
    assert [(letter.sender, letter.content) for letter in store.letters()] == [("telegram:b", None)]
    store.close()
    assert b"ein Text" not in (tmp_path / "channels.db").read_bytes()


def test_seen_messages_and_choices_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path / "channels.db")
    now, day = 1_800_000_000.0, 24 * 3600.0
    assert store.accept([Arrived("a", "p", "telegram", {}), Arrived("a", "p", "telegram", {})], now) == ["p"]
    store.tidy(now + 7 * day)
    assert store.has_seen("a")
    store.tidy(now + 9 * day)
    assert not store.has_seen("a")
    waiting = store.next_waiting("p")
    assert waiting is not None
    part = Part(0, "p", "telegram", "s", {"chat_id": 1}, {"text": "x"}, "k", 0, now)
    choices = {f"r{number}": f"/c{number}" for number in range(100)}
    assert store.answered(waiting, [part], Person("p", greeted=True), choices, now)
    assert not store.answered(waiting, [part], Person("p"), {}, now)
    assert store.payload("p", "r39") is None
    assert store.payload("p", "r40") == "/c40" and store.payload("p", "r99") == "/c99"
    assert store.payload("q", "r99") is None
    store.close()


def test_the_store_is_for_its_owner_only(gateway: Gateway, tmp_path: Path) -> None:
    with gateway():
        assert (tmp_path / "channels.db").stat().st_mode & 0o077 == 0


def test_platforms_that_are_off_have_no_webhook(start: StartGateway, tmp_path: Path) -> None:
    client = start()
    for name in WEBHOOKS:
        error_of(client.post(f"/channels/{name}"), 404, "not_found")
    error_of(client.get("/channels/whatsapp"), 404, "not_found")
    error_of(client.get("/channels/telegram"), 405, "method_not_allowed")
    assert not (tmp_path / "channels.db").exists()


def test_a_half_set_platform_stops_the_start(tmp_path: Path) -> None:
    settings = {"SMARTCITY_VAR": str(tmp_path), "SMARTCITY_SECRET": SECRET, "SMARTCITY_WHATSAPP_TOKEN": "t"}
    with pytest.raises(SettingError) as refused:
        create_app(read_settings(settings))
    assert str(refused.value) == (
        "Whatsapp is switched on by SMARTCITY_WHATSAPP_TOKEN, but these settings are empty: "
        "SMARTCITY_WHATSAPP_PHONE_ID, SMARTCITY_META_APP_SECRET, SMARTCITY_META_VERIFY_TOKEN, SMARTCITY_PUBLIC_URL."
    )


@pytest.mark.parametrize(
    "name, value",
    [
        ("TELEGRAM_TOKEN", "1/../2:x"),
        ("SLACK_TOKEN", "xoxb geheim"),
        ("MATRIX_TOKEN", "gehéim"),
        ("WHATSAPP_PHONE_ID", "1/2"),
        ("PUBLIC_URL", "chat.example.org"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_and_no_secret_shown(name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({f"SMARTCITY_{name}": value})
    assert str(refused.value).startswith(f"SMARTCITY_{name}: ")
    assert (value in str(refused.value)) == (not name.endswith("TOKEN"))


def test_a_space_around_a_token_is_no_part_of_it() -> None:
    assert read_settings({"SMARTCITY_SLACK_TOKEN": " xoxb-1 "}).slack_token == "xoxb-1"
