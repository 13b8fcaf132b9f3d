"""The pages of corrections: who may what, what is said when it fails, nothing that a citizen typed gets out."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine
from starlette.applications import Starlette

from smartcity.console.corrections.proposals import Proposals
from smartcity.console.corrections.trials import Trials
from smartcity.console.tables import audit, proposals
from smartcity.knowledge.source import FolderSource, KnowledgeStore

from ..conftest import SignIn
from ..rows import a_conversation, stored, turn_ids
from ..staff import Staff
from .conftest import git
from .test_trials import WAITS, WORKS

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "</textarea><script>alert(1)</script>",
    "</pre></code><iframe srcdoc='<script>alert(1)</script>'>",
    "{{ 7*7 }}{% raw %}",
    "javascript:alert(1)",
    "<a href=javascript:alert(1)>x</a>",
    "--><script>alert(1)</script><!--",
]


@pytest.fixture(scope="module")
def content() -> KnowledgeStore:
    return KnowledgeStore(FolderSource(Path(__file__).parents[3] / "content"))


@pytest.fixture
def app(app: Starlette, checkout: Path, content: KnowledgeStore) -> Starlette:
    app.state.root, app.state.knowledge = checkout, content
    return app


@pytest.fixture
def anna(sign_in: SignIn) -> Staff:
    return sign_in("editor", name="anna", shown="Anna")


@pytest.fixture
def bert(sign_in: SignIn) -> Staff:
    return sign_in("editor", name="bert", shown="Bert")


@pytest.fixture
def turn(engine: Engine) -> int:
    conversation = a_conversation(engine, [{"said": "wat kost der Kruser denn", "intent": "greet", "entities": []}])
    return turn_ids(engine, conversation)[0]


def propose(staff: Staff, turn: int, **fields: Any) -> Any:
    text = fields.get("text", "wat kost der Kruser denn")
    return staff.post(
        "/corrections/new",
        {
            "turn": str(turn),
            "kind": "example",
            "text": text,
            "chosen_in": "wat kost der Kruser denn",
            "intent": "ask_cost",
            "words0": ["3"],
            "record0": "initiative/kruiser",
            **fields,
        },
    )


def number_of(answer: Any) -> str:
    found = re.search(r"/corrections/(\d+)$", answer.headers["location"])
    assert found, answer.headers
    return found[1]


def approve(staff: Staff, number: str, text: str = "wat kost der Kruser denn", intent: str = "ask_cost") -> Any:
    return staff.post(f"/corrections/{number}/approve", {"text": text, "intent": intent})


def test_from_a_turn_to_a_commit(anna: Staff, bert: Staff, turn: int, engine: Engine, checkout: Path) -> None:
    form = anna.get(f"/corrections/new?turn={turn}")
    assert form.status_code == 200
    assert '<option value="ask_cost">Was kostet es' in form.text
    assert '<option value="initiative/kruiser">KRuiser</option>' in form.text
    number = number_of(propose(anna, turn))
    page = bert.get(f"/corrections/{number}")
    assert "+      - wat kost der [Kruser](initiative) denn" in page.text
    assert "Anna" in page.text
    assert approve(bert, number).status_code == 303
    (row,) = stored(engine, proposals)
    assert row["state"] == "approved"
    assert row["entities"] == [{"entity": "initiative", "value": "kruiser", "start": 13, "end": 19}]
    listed = bert.get("/corrections?state=approved")
    assert "Als Commit auf einen Zweig legen" in listed.text
    done = bert.post("/corrections/export", {"way": "commit"})
    assert done.status_code == 303, done.text
    (branch,) = git(checkout, "branch", "--list", "console/*", "--format=%(refname:short)").split()
    assert branch in bert.follow(done).text
    log = git(checkout, "log", "-1", "--format=%an%n%B", branch)
    assert log.startswith("Bert\n") and "Proposed-by: Anna" in log and "Approved-by: Bert" in log
    assert "[Kruser](initiative)" in git(checkout, "show", f"{branch}:data/nlu/corrections.yml")
    assert stored(engine, proposals)[0]["state"] == "exported"
    deeds = [row["deed"] for row in stored(engine, audit)]
    assert deeds == ["proposal.made", "proposal.approved", "proposals.exported"]
    assert "kost" not in repr(stored(engine, audit))


def test_a_patch_that_git_takes(anna: Staff, bert: Staff, turn: int, checkout: Path, engine: Engine) -> None:
    approve(bert, number_of(propose(anna, turn)))
    patch = bert.post("/corrections/export", {"way": "patch"})
    assert patch.headers["content-disposition"].endswith('.patch"')
    subprocess.run(["git", "apply", "-"], cwd=checkout, input=patch.content, check=True)
    assert "Kruser" in (checkout / "data" / "nlu" / "corrections.yml").read_text("utf-8")
    nothing = bert.post("/corrections/export", {"way": "patch"})
    assert nothing.status_code == 422 and "nichts freigegeben" in nothing.text
    (row,) = stored(engine, proposals)
    assert bert.post(f"/corrections/{row['id']}/reopen").status_code == 303
    assert stored(engine, proposals)[0]["state"] == "approved"


def test_nobody_approves_their_own(anna: Staff, turn: int, engine: Engine) -> None:
    number = number_of(propose(anna, turn))
    assert "Freigeben</button>" not in anna.get(f"/corrections/{number}").text
    refused = approve(anna, number)
    assert refused.status_code == 422 and "niemand selbst" in refused.text
    assert stored(engine, proposals)[0]["state"] == "proposed"


def test_what_was_changed_since_it_was_shown_is_not_approved(
    anna: Staff, bert: Staff, turn: int, engine: Engine
) -> None:
    number = number_of(propose(anna, turn))
    for text, intent in (("wat kost der Kruser", "ask_cost"), ("wat kost der Kruser denn", "ask_place")):
        assert approve(bert, number, text, intent).status_code == 422
    assert stored(engine, proposals)[0]["state"] == "proposed"


@pytest.mark.parametrize(
    ("role", "may"),
    [
        ("reader", set()),
        ("reviewer", {"list", "form", "propose", "see", "trial"}),
        ("editor", {"list", "form", "propose", "see", "trial", "approve", "export", "try", "cancel"}),
        ("admin", {"list", "form", "propose", "see", "trial", "approve", "export", "try", "cancel"}),
    ],
)
def test_roles(
    sign_in: SignIn, anna: Staff, turn: int, app: Starlette, engine: Engine, role: str, may: set[str]
) -> None:
    app.state.trials = Trials(engine, app.state.settings, app.state.root, [sys.executable, "-c", WAITS])
    number = number_of(propose(anna, turn))
    trial = app.state.trials.start([_proposal(engine, number)], None)
    staff = sign_in(role)
    deeds: dict[str, Callable[[], Any]] = {
        "list": lambda: staff.get("/corrections"),
        "form": lambda: staff.get(f"/corrections/new?turn={turn}"),
        "see": lambda: staff.get(f"/corrections/{number}"),
        "trial": lambda: staff.get(f"/corrections/trials/{trial}"),
        "propose": lambda: propose(staff, turn, text="ein ganz anderer Kruser"),
        "approve": lambda: approve(staff, number),
        "export": lambda: staff.post("/corrections/export", {"way": "patch"}),
        "try": lambda: staff.post("/corrections/trials"),
        "cancel": lambda: staff.post(f"/corrections/trials/{trial}/cancel"),
    }
    assert {name for name, deed in deeds.items() if deed().status_code != 403} == may
    app.state.trials.cancel(trial)


def _proposal(engine: Engine, number: str) -> Any:
    with engine.connect() as connection:
        return Proposals(connection, Path()).get(int(number))


def test_a_reviewer_takes_back_their_own_only(sign_in: SignIn, anna: Staff, turn: int) -> None:
    clara = sign_in("reviewer")
    number = number_of(propose(anna, turn))
    assert clara.post(f"/corrections/{number}/decline", {"note": "nein"}).status_code == 403
    assert clara.get(f"/corrections/{number}/edit").status_code == 403
    own = number_of(propose(clara, turn, text="ein anderer Kruser"))
    assert clara.get(f"/corrections/{own}/edit").status_code == 200
    assert clara.post(f"/corrections/{own}/decline", {"note": ""}).status_code == 422
    assert clara.post(f"/corrections/{own}/decline", {"note": "verklickt"}).status_code == 303


def test_without_the_token_nothing_happens(anna: Staff, turn: int, engine: Engine) -> None:
    assert propose(anna, turn, csrf="wrong").status_code == 403
    assert stored(engine, proposals) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"text": "ist das teuer?", "words0": [], "record0": ""}, "data/nlu/first.yml:8"),
        ({"text": "Grüß Gott", "words0": [], "record0": ""}, "data/nlu/first.yml:11"),
        ({"intent": "order_pizza"}, "„order_pizza“ gibt es nicht"),
        ({"intent": ""}, "Absicht aus der Liste"),
        ({"record0": "initiative/unicorn"}, "initiative/unicorn“ steht nicht im Inhalt"),
        ({"record0": "planet/earth"}, "planet/earth“ steht nicht im Inhalt"),
        ({"record0": ""}, "Zu „Kruser“ fehlt etwas"),
        ({"words0": []}, "Zu „initiative/kruiser“ fehlt etwas"),
        ({"words0": ["99"]}, "nicht mehr im Text"),
        ({"text": "wat kost der andere denn"}, "„Kruser“ steht nicht mehr im Text"),
        ({"text": "!!!", "words0": [], "record0": ""}, "enthält kein Wort"),
        ({"words1": ["2", "3"], "record1": "initiative/swcar"}, "überschneiden sich"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    anna: Staff, turn: int, engine: Engine, fields: dict[str, Any], said: str
) -> None:
    page = propose(anna, turn, note="meine Anmerkung", **fields)
    assert page.status_code == 422
    assert said in unescape(page.text)
    assert "meine Anmerkung" in page.text
    assert fields.get("text", "wat kost der Kruser denn") in unescape(page.text)
    assert stored(engine, proposals) == []


def test_marks_follow_an_edited_text(anna: Staff, turn: int, engine: Engine) -> None:
    number_of(propose(anna, turn, text="sag mal, wat kost denn der Kruser"))
    (row,) = stored(engine, proposals)
    (entity,) = row["entities"]
    assert row["text"][entity["start"] : entity["end"]] == "Kruser"


def test_words_are_read_anew_and_marks_stay(anna: Staff, turn: int) -> None:
    page = propose(anna, turn, text="also der Kruser, was kost der", step="words")
    assert page.status_code == 200
    assert re.search(r'name="words0" value="2" checked> <span dir="auto">Kruser<', page.text)
    assert 'name="words1"' in page.text


def test_a_broken_data_file_is_named_and_nothing_is_lost(
    anna: Staff, bert: Staff, turn: int, checkout: Path, engine: Engine
) -> None:
    number = number_of(propose(anna, turn))
    approve(bert, number)
    broken = checkout / "data" / "nlu" / "corrections.yml"
    broken.write_text("nlu:\n  - intent: [\n", "utf-8")
    for answer in (
        propose(anna, turn, text="noch ein Kruser"),
        bert.post("/corrections/export", {"way": "patch"}),
        bert.get(f"/corrections/{number}"),
        bert.get("/corrections"),
        bert.post("/corrections/trials"),
    ):
        assert answer.status_code == 422
        assert "data/nlu/corrections.yml:3: This is not valid YAML" in unescape(answer.text)
    assert [row["state"] for row in stored(engine, proposals)] == ["approved"]
    broken.unlink()
    assert bert.post("/corrections/export", {"way": "commit"}).status_code == 303


def test_a_placeholder_is_pointed_out_until_it_is_gone(anna: Staff, bert: Staff, turn: int) -> None:
    text = "ich bin <NAME>, wat kost der Kruser"
    number = number_of(propose(anna, turn, text=text))
    assert "Der Platzhalter <NAME> muss ersetzt werden" in unescape(bert.get(f"/corrections/{number}").text)
    assert approve(bert, number, text).status_code == 422
    fields = {"text": "ich bin Opa, wat kost der Kruser", "intent": "ask_cost"}
    assert bert.post(f"/corrections/{number}/edit", fields).status_code == 303
    assert approve(bert, number, fields["text"]).status_code == 303


def test_a_name_that_content_does_not_know_is_pointed_out(anna: Staff, turn: int) -> None:
    number = number_of(propose(anna, turn, text="wat kost dat Dingsbums denn", chosen_in="x x x Dingsbums"))
    page = unescape(anna.get(f"/corrections/{number}").text)
    assert "„Dingsbums“ wird nicht als initiative/kruiser erkannt" in page
    assert "content/initiatives/kruiser.yml" in page


def test_a_new_topic(anna: Staff, bert: Staff, turn: int, engine: Engine) -> None:
    number = number_of(propose(anna, turn, kind="topic", text="gibt es ein Lastenrad", intent=""))
    assert approve(bert, number, "gibt es ein Lastenrad", "").status_code == 303
    assert bert.post("/corrections/export", {"way": "patch"}).status_code == 422
    assert bert.post(f"/corrections/{number}/done").status_code == 303
    assert stored(engine, proposals)[0]["state"] == "exported"


def test_a_conversation_becomes_a_test(anna: Staff, bert: Staff, engine: Engine, checkout: Path) -> None:
    conversation = a_conversation(
        engine,
        [{"said": "wat kost der Kruser"}, {"said": "Mobilität", "pressed": True}, {"said": "tschüss"}],
    )
    first, second, third = turn_ids(engine, conversation)
    form = anna.get(f"/corrections/dialogue?conversation={conversation}")
    assert form.status_code == 200 and 'value="initiative/kruiser/cost"' in form.text
    fields = {
        "conversation": str(conversation),
        "name": "Preis auf Platt",
        f"with{first}": "yes",
        f"said{first}": "wat kost der Kruser",
        f"answer{first}": "initiative/kruiser/cost",
        f"with{second}": "yes",
        f"said{second}": "Mobilität",
        f"answer{second}": "list/mobility, theme/mobility/about",
        f"said{third}": "tschüss",
    }
    wrong = anna.post("/corrections/dialogue", {**fields, f"answer{first}": "initiative/kruiser/colour"})
    assert wrong.status_code == 422 and "Preis auf Platt" in wrong.text
    number = number_of(anna.post("/corrections/dialogue", fields))
    text = stored(engine, proposals)[0]["text"]
    assert "tschüss" not in text
    assert approve(bert, number, text, "").status_code == 303
    assert bert.post("/corrections/export", {"way": "commit"}).status_code == 303
    (branch,) = git(checkout, "branch", "--list", "console/*", "--format=%(refname:short)").split()
    assert text in git(checkout, "show", f"{branch}:tests/conversations/corrections.yml")


def test_a_trial_on_its_page(anna: Staff, turn: int, app: Starlette, engine: Engine) -> None:
    app.state.trials = Trials(engine, app.state.settings, app.state.root, [sys.executable, "-c", WORKS])
    number = number_of(propose(anna, turn))
    begun = anna.post("/corrections/trials", {"proposal": number})
    path = begun.headers["location"]
    end = time.monotonic() + 20
    while anna.get(f"{path}/state").json()["state"] == "running" and time.monotonic() < end:
        time.sleep(0.05)
    page = unescape(anna.get(path).text)
    assert "wat kost der Kruser denn" in page and "of the project" in page
    assert "gewünscht: Was kostet es, was wird gefördert?" in page
    # Deleted since: the text is gone from here, too.
    with engine.begin() as connection:
        connection.execute(proposals.delete())
    assert "1 weitere stammen aus inzwischen gelöschten" in unescape(anna.get(path).text)


@pytest.mark.parametrize("text", XSS)
def test_no_text_gets_out_of_its_place(anna: Staff, bert: Staff, engine: Engine, text: str) -> None:
    said = f"{text} Kruser"
    conversation = a_conversation(
        engine, [{"said": said, "intent": text[:60], "answer": text[:100], "entities": []}], language="de"
    )
    (turn,) = turn_ids(engine, conversation)
    made = propose(anna, turn, text=said, chosen_in=said, words0=[], record0="", note=text)
    number = number_of(made)
    bert.post(f"/corrections/{number}/decline", {"note": text})
    pages = [
        anna.get(f"/corrections/new?turn={turn}"),
        anna.get(f"/corrections/{number}"),
        anna.get("/corrections?state=declined"),
        anna.get(f"/corrections/dialogue?conversation={conversation}"),
        propose(anna, turn, text=said, chosen_in=text, intent=text, record0=text, note=text, words0=["0"]),
        anna.post("/corrections/dialogue", {"conversation": str(conversation), "name": text, f"answer{turn}": text}),
    ]
    for page in pages:
        assert page.status_code in (200, 422)
        for dangerous in ("<script>alert", "<img src=x", "<svg/onload", "<iframe", "<a href=javascript", ">49<"):
            assert dangerous not in page.text


def test_a_tampered_turn_breaks_no_page(anna: Staff, engine: Engine) -> None:
    conversation = a_conversation(
        engine, [{"said": "", "entities": {"a": 1}}, {"said": "x", "entities": [1, {"entity": 3, "start": "a"}]}]
    )
    for turn in turn_ids(engine, conversation):
        assert anna.get(f"/corrections/new?turn={turn}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/corrections/new",
        "/corrections/new?turn=x",
        "/corrections/new?turn=99999999999999999999999",
        "/corrections/77",
        "/corrections/99999999999999999999999",
        "/corrections/trials/77",
        "/corrections/dialogue?conversation=-1",
    ],
)
def test_what_is_not_there_is_not_found(anna: Staff, path: str) -> None:
    assert anna.get(path).status_code == 404
