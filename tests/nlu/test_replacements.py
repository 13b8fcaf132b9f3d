"""A name in what is refused gives way to what is described instead."""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from smartcity.nlu.mentions import PARTS, REFUSED
from smartcity.nlu.replacements import aside, refuse, rest

TOLD = "Die Wasserstoffbusse meine ich nicht, mich interessieren die Stromer vom Rathaus"
CUT = TOLD.index(", ") + 2


def _entity(text: str, name: str, value: str, **more: Any) -> Dict[str, Any]:
    start = text.index(name)
    return {"entity": "initiative", "value": value, "start": start, "end": start + len(name), **more}


def _message(text: str, entities: List[Dict[str, Any]], **properties: Any) -> Message:
    return Message({TEXT: text, ENTITIES: entities, **properties})


def _parts(text: str, cut: int, refused_first: bool = True) -> List[Dict[str, Any]]:
    return [
        {"start": 0, "end": cut, "negated": refused_first, "asks": not refused_first},
        {"start": cut, "end": len(text), "negated": not refused_first, "asks": refused_first},
    ]


def test_a_name_in_a_refused_part_stands_aside() -> None:
    buses = _entity(TOLD, "Wasserstoffbusse", "saubere_flotte")
    message = _message(TOLD, [buses], **{PARTS: _parts(TOLD, CUT)})
    assert aside(message) == [buses]
    assert rest(message, [buses]).strip() == TOLD[CUT:]
    refuse(message, [buses])
    assert [entity["refused"] for entity in message.get(ENTITIES)] == [True] and aside(message) == []


def test_it_stays_where_another_is_named_or_nothing_is_refused() -> None:
    buses, cars = _entity(TOLD, "Wasserstoffbusse", "saubere_flotte"), _entity(TOLD, "Stromer", "e_dienstfahrzeuge")
    assert aside(_message(TOLD, [buses, cars], **{PARTS: _parts(TOLD, CUT)})) == []
    assert aside(_message(TOLD, [buses], **{PARTS: _parts(TOLD, CUT, refused_first=False)})) == []
    assert aside(_message(TOLD, [buses])) == []
    assert aside(_message(TOLD, [{**buses, "entity": "theme"}], **{PARTS: _parts(TOLD, CUT)})) == []


def test_a_name_that_was_spared_in_what_is_taken_back_stands_aside() -> None:
    text = "Wie viele Wasserstoffbusse gibt es, Verzeihung, wie viele Stromer hat das Rathaus?"
    buses = _entity(text, "Wasserstoffbusse", "saubere_flotte")
    end = text.index("wie viele Stromer")
    message = _message(text, [buses], **{REFUSED: [(0, buses["start"]), (buses["end"], end)]})
    assert aside(message) == [buses]
    assert rest(message, [buses]).strip() == text[end:]
    assert len(rest(message, [buses])) == len(text), "Places must stay where they are."
