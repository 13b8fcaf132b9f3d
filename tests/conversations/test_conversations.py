"""Every dialogue of the YAML files, held with the running assistant over its public API."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ..system import ApiClient
from .runner import load_conversations, run_conversation

pytestmark = pytest.mark.system
CONVERSATIONS = load_conversations(Path(__file__).parent)


def _id(conversation: Mapping[str, Any]) -> str:
    return f"{Path(conversation['file']).stem}: {conversation['name']}"


@pytest.mark.parametrize("conversation", CONVERSATIONS, ids=_id)
def test_conversation(conversation: Mapping[str, Any], client: ApiClient) -> None:
    differences = run_conversation(conversation, client)
    assert not differences, "\n" + "\n".join(differences)


@pytest.mark.parametrize(
    ("language", "said", "button"),
    [
        ("de", "kein Mensch", "Mobilität"),
        ("de-simple", "Ich bin eine Maschine.", "Mobilität"),
        ("en", "not a person", "Mobility"),
    ],
)
def test_a_conversation_opens_with_a_greeting_and_buttons_that_work(
    client: ApiClient, language: str, said: str, button: str
) -> None:
    client.open(language)
    greeting = client.greeting[0]
    assert said in greeting["text"]
    assert greeting["language"] == language
    payloads = {b["title"]: b["payload"] for b in greeting["buttons"]}
    (answer,) = client.press(payloads[button])
    assert (answer["answer"], answer["language"]) == ("theme/mobility/about", language)


def test_every_name_of_a_conversation_occurs_once() -> None:
    names = [_id(conversation) for conversation in CONVERSATIONS]
    assert len(set(names)) == len(names)
