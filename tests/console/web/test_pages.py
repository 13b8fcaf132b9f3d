"""Each page as staff use it: what it shows, what its forms do, what the audit says of it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from smartcity.console import clock
from smartcity.console.tables import accounts, audit, conversations, turns
from smartcity.console.tables import views as views_table
from smartcity.console.turn_list import PAGE

from ..conftest import SignIn
from ..rows import a_conversation, an_account, an_answer, stored, turn_ids
from ..staff import Staff

DAY = 24 * 60 * 60 * 1000
GOOD = "vier Wörter ohne Sinn"


def _deeds(engine: Engine, *hidden: str) -> list[tuple[str, str | None]]:
    return [(row["deed"], row["subject"]) for row in stored(engine, audit) if row["deed"] not in hidden]


# -- overview


def test_what_failed_yesterday_is_on_the_first_page(client: Staff, engine: Engine) -> None:
    yesterday = clock.start_of(clock.today()) - 1
    a_conversation(engine, [{"outcome": "not_understood"}] * 2, ended=yesterday)
    a_conversation(engine, [{"outcome": "not_understood"}], ended=yesterday - 2 * DAY)
    page = client.get("/").text
    tile = re.search(r'href="(/search\?[^"]*queue=not_understood[^"]*)">\s*<strong>(\d+)</strong>', page)
    assert tile and tile[2] == "2"
    listed = client.get(html.unescape(tile[1])).text
    assert listed.count('class="said"') == 2
    assert re.search(r"<strong>3</strong>\s*<span>Nicht verstanden", client.get("/?period=7d").text)
    assert 'href="/?period=2d" aria-current="true"' in client.get("/?period=evil").text


def test_nothing_to_do_is_said(client: Staff, engine: Engine) -> None:
    assert "wartet nichts" in client.get("/").text
    a_conversation(engine, [{"outcome": "failed"}])
    assert "wartet nichts" not in client.get("/").text


def test_more_than_can_be_counted_is_said(client: Staff, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartcity.console.queues.MOST", 2)
    monkeypatch.setattr("smartcity.console.turn_ids.MOST", 2)
    a_conversation(engine, [{}] * 3)
    assert "mehr als 2" in client.get("/").text
    assert "mehr als 2" in client.get("/search").text


# -- search


def test_the_form_shows_what_was_looked_for(client: Staff, engine: Engine) -> None:
    a_conversation(engine)
    page = client.get("/search?text=%3Ckruiser%3E&intent=ask_status&period=7d&least=20&outcome=answered").text
    assert 'value="&lt;kruiser&gt;"' in page and 'value="20"' in page
    for value in ("ask_status", "7d", "answered"):
        assert f'value="{value}" selected' in page
    assert "<details open>" in page
    assert "<option selected>gone</option>" in client.get("/search?intent=gone").text


def test_pages_lead_on_and_back_with_all_filters(client: Staff, engine: Engine) -> None:
    a_conversation(engine, [{"said": f"Frage {number}"} for number in range(PAGE + 3)])
    first = client.get("/search?intent=ask_status")
    older = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert older and 'rel="prev"' not in first.text
    second = client.get(html.unescape(older[1])).text
    assert second.count('class="said"') == 3 and "intent=ask_status" in older[1]
    newer = re.search(r'rel="prev" href="([^"]+)"', second)
    assert newer and 'rel="next"' not in second
    assert client.get(html.unescape(newer[1])).text.count('class="said"') == PAGE


def test_what_was_typed_does_not_get_into_the_audit(client: Staff, engine: Engine) -> None:
    client.get("/search?text=Erika+Mustermann&channel=web")
    (row,) = stored(engine, audit, deed="turns.read")
    assert row["details"] == {"fields": ["channel", "text"], "turns": 0}
    assert row["who"] == "Chefin" and row["account_id"] == client.account_id
    assert "Mustermann" not in str(stored(engine, audit))


def test_a_wrong_field_is_told(client: Staff) -> None:
    assert "Von: Das ist nicht lesbar" in client.get("/search?from=gestern").text


# -- saved views


def test_views_are_saved_shared_and_deleted(sign_in: SignIn, engine: Engine) -> None:
    mine, other, boss = sign_in("reviewer"), sign_in("reader"), sign_in("admin")
    query = "intent=ask_status&evil=1"
    assert mine.post("/views", {"name": "  Meine   Sicht ", "query": query}).status_code == 303
    (view,) = stored(engine, views_table)
    assert (view["name"], view["query"], view["shared"]) == ("Meine Sicht", "intent=ask_status", False)
    assert "Meine Sicht" in mine.get("/").text and "Meine Sicht" not in other.get("/search").text
    mine.post("/views", {"name": "Meine Sicht", "query": "text=a%26b", "shared": "yes"})
    (view,) = stored(engine, views_table)
    assert (view["query"], view["shared"]) == ("text=a%26b", True), "the same name is the same view"
    assert 'href="/search?text=a%26b"' in other.get("/search").text
    assert other.post(f"/views/{view['id']}/delete").status_code == 404
    assert stored(engine, views_table)
    assert boss.post(f"/views/{view['id']}/delete", {"back": "/search?text=a"}).headers["location"] == "/search?text=a"
    assert stored(engine, views_table) == []


def test_a_reader_shares_nothing_and_a_view_needs_something(sign_in: SignIn, engine: Engine) -> None:
    reader = sign_in("reader")
    reader.post("/views", {"name": "x", "query": "text=a", "shared": "yes"})
    assert not stored(engine, views_table)[0]["shared"]
    for fields in ({"name": " ", "query": "text=a"}, {"name": "y", "query": "evil=1"}, {"name": "y"}):
        answer = reader.post("/views", fields)
        assert "braucht einen Namen" in reader.follow(answer).text
    assert len(stored(engine, views_table)) == 1


# -- transcript


def test_the_transcript_shows_what_the_citizen_saw_and_what_was_thought(client: Staff, engine: Engine) -> None:
    answers = [
        an_answer("**Kosten**\n\n- 2 Euro\n- [Mehr](https://www.krefeld.de/mehr)"),
        an_answer("Heute geschlossen.", kind="notice", source=None, links=[], buttons=[]),
    ]
    number = a_conversation(engine, [{"answers": answers, "doubt": "unclear"}], rating=4, comment="Danke!")
    page = client.get(f"/conversations/{number}").text
    for part in (
        "Gibt es den <mark>KRuiser</mark> noch?",
        "<strong>Kosten</strong>",
        '<ul><li>2 Euro</li><li><a href="https://www.krefeld.de/mehr" rel="noopener noreferrer external">Mehr</a>',
        'Quelle: <a href="https://www.krefeld.de/smartcity"',
        "Stand 2025-12",
        "<li>Was kostet das?</li>",
        'class="bubble answer notice"',
        "Gibt es das noch, wie weit ist es?, 93 %",
        "ask_description, 4 %",
        "mehrdeutig",
        "initiative: kruiser",
        "action_answer",
        "RulePolicy",
        "initiative/kruiser/status",
        "42 ms",
        "Bewertung 4 von 5",
        "Danke!",
    ):
        assert part in page, part
    assert ("conversation.read", f"conversation/{number}") in _deeds(engine)


def test_failures_are_linked_from_one_to_the_next(client: Staff, engine: Engine) -> None:
    now = clock.now()
    outcomes = ["answered", "failed", "answered", "unknown"]
    number = a_conversation(engine, [{"outcome": outcome} for outcome in outcomes], ended=now)
    other = a_conversation(engine, [{"outcome": "not_understood"}], ended=now - DAY)
    ids = turn_ids(engine, number)
    page = client.get(f"/conversations/{number}").text
    assert f'id="first-failure" href="#turn-{ids[1]}"' in page
    assert f'class="next" href="#turn-{ids[3]}"' in page
    onward = re.findall(r'class="next" href="(/next[^"]+)"', page)
    assert len(onward) == 1
    answer = client.get(html.unescape(onward[0]))
    (far,) = turn_ids(engine, other)
    assert answer.headers["location"] == f"/conversations/{other}?turn={far}#turn-{far}"
    answer = client.get(f"/next?at={now - DAY}&turn={far}&conversation={other}")
    assert "keine weiteren" in client.follow(answer).text


@pytest.mark.parametrize(
    "query", ["", "at=x&turn=1&conversation=1", "at=-1&turn=1&conversation=1", f"at={2**63}&turn=1&conversation=1"]
)
def test_a_next_of_nothing_leads_home(query: str, client: Staff) -> None:
    assert client.get(f"/next?{query}").headers["location"] == "/"


def test_a_long_conversation_has_pages(client: Staff, engine: Engine) -> None:
    number = a_conversation(engine, [{"said": f"Frage-{place:03}"} for place in range(1, 121)])
    ids = turn_ids(engine, number)
    first = client.get(f"/conversations/{number}").text
    assert first.count("<article") == 50 and "Frage-050" in first and "Frage-051" not in first
    third = client.get(f"/conversations/{number}?turn={ids[110]}").text
    assert third.count("<article") == 20 and "Frage-111" in third
    assert f'href="/conversations/{number}?first=51"' in first and f'href="/conversations/{number}?first=51"' in third
    assert client.get(f"/conversations/{number}?first=0&turn=x").text.count("<article") == 50
    assert client.get(f"/conversations/{number}?first=99999999999999999999").status_code == 200


@pytest.mark.parametrize("path", ["/conversations/999", f"/conversations/{2**70}", "/conversations/x"])
def test_there_is_no_such_conversation(path: str, client: Staff, engine: Engine) -> None:
    assert client.get(path).status_code == 404
    assert not stored(engine, audit, deed="conversation.read")


def test_a_reader_sees_no_form_to_judge(sign_in: SignIn, engine: Engine) -> None:
    number = a_conversation(engine, [{"note": "Notiz"}])
    reader, reviewer = sign_in("reader"), sign_in("reviewer")
    for path in (f"/conversations/{number}", "/search"):
        assert "/judge" in reviewer.get(path).text and "/judge" not in reader.get(path).text
        assert "Notiz" in reader.get(path).text


def test_an_invented_conversation_says_so(client: Staff, engine: Engine) -> None:
    assert "ist erfunden" in client.get(f"/conversations/{a_conversation(engine, invented=True)}").text
    assert "ist erfunden" not in client.get(f"/conversations/{a_conversation(engine)}").text


def test_a_conversation_is_kept_and_let_go(client: Staff, engine: Engine) -> None:
    number = a_conversation(engine)
    for value, kept in (("yes", True), ("no", False)):
        answer = client.post(f"/conversations/{number}/kept", {"kept": value})
        assert client.follow(answer).status_code == 200
        assert stored(engine, conversations)[0]["kept"] is kept
    assert client.post("/conversations/999/kept", {"kept": "yes"}).status_code == 404
    kept = [("conversation.kept", f"conversation/{number}"), ("conversation.not_kept", f"conversation/{number}")]
    assert _deeds(engine, "conversation.read") == kept


# -- judging


def test_one_question_is_judged_from_its_transcript(client: Staff, engine: Engine) -> None:
    number = a_conversation(engine, [{}, {}])
    one, two = turn_ids(engine, number)
    back = f"/conversations/{number}?turn={one}#turn-{one}"
    fields = {
        "back": back,
        "verdict": "wrong",
        "tags": "a, b",
        "note": "so\r\nnicht",
        "assigned": str(client.account_id),
    }
    answer = client.post(f"/turns/{one}/judge", fields)
    assert answer.headers["location"] == back
    page = client.follow(answer).text
    assert "Die Frage ist geändert" in page and 'value="wrong" aria-pressed="true"' in page and 'value="a, b"' in page
    assert "so\nnicht</textarea>" in page
    (row,) = stored(engine, turns, id=one)
    assert (row["verdict"], row["note"], row["assigned_to"]) == ("wrong", "so\nnicht", client.account_id)
    assert stored(engine, turns, id=two)[0]["verdict"] is None
    (deed,) = stored(engine, audit, deed="turn.judged")
    assert deed["subject"] == f"turn/{one}"
    assert deed["details"] == {"verdict": "wrong", "assigned": str(client.account_id), "note": True, "tags": True}
    client.post(f"/turns/{one}/judge", {"reviewed": "no"})
    assert stored(engine, turns, id=one)[0]["reviewed_at"] is None
    assert ["Die Frage ist geändert" in client.get("/search").text for _ in range(2)] == [True, False], "said once"


def test_several_questions_are_judged_at_once(client: Staff, engine: Engine) -> None:
    ids = turn_ids(engine, a_conversation(engine, [{"outcome": "failed"}] * 3))
    fields = {"turn": [str(ids[0]), str(ids[2])], "verdict": "right", "tags": "Probe", "back": "/search?queue=failed"}
    answer = client.post("/turns/judge", fields)
    assert "2 Fragen sind geändert" in (page := client.follow(answer).text)
    assert page.count('class="said"') == 1, "they have left the queue"
    assert client.get("/search?tag=Probe").text.count('class="said"') == 2
    assert len(stored(engine, audit, deed="turn.judged")) == 2


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"verdict": "right"}, 303, "mindestens eine und höchstens 500"),
        ({"turn": ["x", "-1", "1e3", "²"], "verdict": "right"}, 303, "mindestens eine"),
        ({"turn": "1", "verdict": "splendid"}, 303, "Dieses Urteil gibt es nicht"),
        ({"turn": "1", "assigned": "777"}, 303, "Dieses Konto gibt es nicht"),
        ({"turn": "777", "verdict": "right"}, 404, ""),
        ({"turn": str(2**70), "verdict": "right"}, 303, "mindestens eine"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged(fields: dict[str, Any], status: int, said: str, client: Staff, engine: Engine) -> None:
    a_conversation(engine)
    answer = client.post("/turns/judge", fields)
    assert answer.status_code == status
    if said:
        assert said in client.follow(answer).text
    assert stored(engine, turns)[0]["reviewed_at"] is None
    assert not stored(engine, audit, deed="turn.judged")


# -- accounts


def test_an_admin_makes_and_changes_accounts(client: Staff, engine: Engine, sign_in: SignIn) -> None:
    fields = {"name": "Neu", "shown": "Neue Kollegin", "role": "reader", "password": GOOD}
    assert client.post("/accounts", fields).status_code == 303
    (made,) = stored(engine, accounts, name="neu")
    assert "Neue Kollegin" in client.get("/accounts").text and GOOD not in client.get("/accounts").text
    somebody = Staff(client.app, made["id"])
    assert somebody.get("/").status_code == 200
    path = f"/accounts/{made['id']}"
    assert client.post(path, {"role": "editor"}).status_code == 303
    assert client.post(f"{path}/password", {"password": "ganz andere Wörter hier"}).status_code == 303
    assert somebody.get("/").headers["location"] == "/signin", "a new password ends sessions"
    somebody = Staff(client.app, made["id"])
    assert client.post(path, {"disabled": "yes"}).status_code == 303
    assert somebody.get("/").headers["location"] == "/signin"
    assert client.post(path, {"disabled": "no"}).status_code == 303
    assert somebody.get("/").headers["location"] == "/signin", "the session does not come back"
    (row,) = stored(engine, accounts, name="neu")
    assert (row["role"], row["disabled"]) == ("editor", False)
    assert [deed for deed, _ in _deeds(engine, "turns.read")] == [
        "account.made", "account.changed", "account.password", "account.changed", "account.changed",
    ]  # fmt: skip
    assert GOOD not in str(stored(engine, audit))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"name": "chefin"}, "Diesen Namen gibt es schon"),
        ({"name": "x"}, "Dieser Name geht nicht"),
        ({"name": "ein name"}, "Dieser Name geht nicht"),
        ({"name": "<b>"}, "Dieser Name geht nicht"),
        ({"role": "root"}, "Diese Rolle gibt es nicht"),
        ({"role": ""}, "Diese Rolle gibt es nicht"),
        ({"password": "kurz"}, "zu kurz"),
        ({"password": "passwort12345"}, "leicht zu erraten"),
    ],
)
def test_an_account_that_cannot_be(fields: dict[str, str], said: str, client: Staff, engine: Engine) -> None:
    answer = client.post("/accounts", {"name": "neu", "role": "reader", "password": GOOD, **fields})
    assert answer.status_code == 422 and said in answer.text
    assert len(stored(engine, accounts)) == 1


def test_the_last_admin_stays(client: Staff, engine: Engine, sign_in: SignIn) -> None:
    path = f"/accounts/{client.account_id}"
    for fields in ({"role": "editor"}, {"disabled": "yes"}):
        answer = client.post(path, fields)
        assert answer.status_code == 422 and "Mindestens ein Konto" in answer.text
    an_account(engine, "admin")
    assert client.post(path, {"role": "editor"}).status_code == 303


def test_accounts_that_there_are_not_or_that_sign_in_elsewhere(client: Staff, engine: Engine) -> None:
    assert client.post("/accounts/999", {"role": "reader"}).status_code == 404
    assert client.post(f"/accounts/{2**70}", {"role": "reader"}).status_code == 404
    city = an_account(engine, "", subject="https://idp 1")
    answer = client.post(f"/accounts/{city}/password", {"password": GOOD})
    assert answer.status_code == 422 and stored(engine, accounts, id=city)[0]["password"] is None
    assert client.post(f"/accounts/{city}", {"role": "reviewer"}).status_code == 303
    assert client.post(f"/accounts/{city}", {"role": "root"}).status_code == 422
    assert client.post(f"/accounts/{city}", {}).status_code == 422


# -- audit


def test_the_audit_is_shown_searched_and_paged(client: Staff, engine: Engine) -> None:
    number = a_conversation(engine)
    for _ in range(104):
        client.get(f"/conversations/{number}")
    page = client.get("/audit").text
    assert page.count("<tr>") == 101
    older = re.search(r'rel="next" href="([^"]+)"', page)
    assert older and client.get(html.unescape(older[1])).text.count("<tr>") == 5 + 1 - 1
    assert (
        client.get(f"/audit?subject=conversation/{number}&deed=conversation.read&who=Chefin").text.count("<tr>") > 100
    )
    assert "steht nichts im Protokoll" in client.get("/audit?who=niemand").text
    assert client.get("/audit?before=x").status_code == client.get("/audit?who=%00").status_code == 200
    assert stored(engine, audit, deed="audit.read")


# -- languages


def test_the_interface_speaks_english_when_asked(client: Staff, sign_in: SignIn, engine: Engine) -> None:
    answer = client.post("/language", {"language": "en", "back": "/search?text=a"})
    assert answer.headers["location"] == "/search?text=a"
    page = client.follow(answer).text
    assert '<html lang="en">' in page and "Find questions" in page and "in English now" in page
    assert stored(engine, accounts, id=client.account_id)[0]["language"] == "en"
    visitor = sign_in(None)
    visitor.post("/language", {"language": "en"})
    assert "Sign in" in visitor.get("/signin").text
    visitor.post("/language", {"language": "klingon"})
    assert "Anmelden" in visitor.get("/signin").text


def test_every_page_is_whole_in_english(client: Staff, engine: Engine) -> None:
    number = a_conversation(engine, [{"outcome": "failed", "said": "x", "answers": []}])
    client.post("/language", {"language": "en"})
    for path in ("/", "/search", f"/conversations/{number}", "/accounts", "/audit", "/account", "/nowhere"):
        words = re.sub(r"<[^>]+>", " ", client.get(path).text)
        assert "Console" in words
        assert not re.search(r"\b(?:Frage|Gespräch|Konten|Suchen|Zeitraum|Passwort|Rolle|Wer|und|der)\b", words), path
