"""Requests to the office, held with a running assistant that has a desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..ports import free_ports
from ..system import ApiClient, RunningSystem
from .runner import load_conversations, run_conversation

pytestmark = pytest.mark.system
CONVERSATIONS = load_conversations(Path(__file__).parent, with_desk=True)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an assistant that takes requests; no mail server answers, so its mails wait."""
    (port,) = free_ports(1)
    environ = {
        "SMARTCITY_OFFICE_MAIL": "buero@beispiel.example",
        "SMARTCITY_SMTP_HOST": "127.0.0.1",
        "SMARTCITY_SMTP_PORT": str(port),
    }
    system = RunningSystem(Path(tmp_path_factory.mktemp("desk")), environ)
    try:
        system.wait_until_healthy()
        yield system.address
    finally:
        left = system.stop()
    assert not left, f"Ctrl-C left processes behind: {left}"


@pytest.fixture
def citizen(desk: str) -> Iterator[ApiClient]:
    client = ApiClient(desk)
    yield client
    client.close()


def _id(conversation: Mapping[str, Any]) -> str:
    return f"{Path(conversation['file']).stem}: {conversation['name']}"


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=_id)
def test_conversation(conversation: Mapping[str, Any], citizen: ApiClient) -> None:
    differences = run_conversation(conversation, citizen)
    assert not differences, "\n" + "\n".join(differences)


@pytest.mark.parametrize(
    "said", ["Ich möchte einen Termin vereinbaren", "ich habe eine idee", "bitte rufen Sie mich zurück"]
)
def test_without_a_desk_all_is_as_it_was(client: ApiClient, said: str) -> None:
    client.open("de")
    messages = [message for message in client.say(said) if message["kind"] == "answer"]
    assert [message["answer"].split("/")[0] for message in messages] in (["office"], ["talk"])
    titles = [button["title"] for message in messages for button in message["buttons"]]
    assert not {"Termin anfragen", "Nachricht hinterlassen", "Um Rückruf bitten"} & set(titles)


def test_what_is_personal_is_asked_for_as_such(citizen: ApiClient) -> None:
    citizen.open("de")
    answer, subject = citizen.say("Ich möchte einen Termin vereinbaren")
    assert (answer["expects"], subject["expects"]) == (None, "personal")
    (wishes,) = citizen.say("Sensoren")
    assert wishes["expects"] == "personal"
    (manner,) = citizen.say("egal")
    assert manner["expects"] is None


@pytest.mark.parametrize("reference", ["KR-7F2W-35", "KR-2ZCB-MC", "KR-YMV7-99", "kr-q3hc-kg", "KR FH42-HG"])
def test_the_letters_of_a_reference_mean_nothing(citizen: ApiClient, reference: str) -> None:
    """These, drawn at random as all are, were once taken for something else."""
    citizen.open()
    for said in (f"Was ist mit {reference}?", f"how is {reference} going"):
        (message,) = citizen.say(said)
        assert message["answer"].startswith("inquiry/"), said
    (message,) = citizen.say(f"Ich möchte {reference} zurückziehen")
    assert message["answer"].startswith(("withdrawal/", "inquiry/"))
