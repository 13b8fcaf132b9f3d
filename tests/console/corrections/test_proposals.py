"""Two persons, one text: who may approve, what is refused, what is never lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from smartcity.console.corrections.proposals import Proposal, ProposalError, Proposals
from smartcity.knowledge.documents import ContentError

from ..both import engine as engine

ANNA, BERT = 1, 2


def proposed(proposals: Proposals, text: str = "wat kost dat denn", **more: Any) -> Proposal:
    found = proposals.get(proposals.propose("example", text, ANNA, intent="ask_cost", **more))
    assert found
    return found


def refused(kind: str, proposals: Proposals, *arguments: Any, **more: Any) -> dict[str, Any]:
    with pytest.raises(ProposalError) as raised:
        proposals.propose(*arguments, **more)
    assert raised.value.key == kind
    return raised.value.values_


def test_a_second_person_approves_and_never_the_proposer(proposals: Proposals) -> None:
    proposal = proposed(proposals)
    with pytest.raises(ProposalError, match="own"):
        proposals.approve(proposal, ANNA)
    assert proposals.get(proposal.id) == proposal
    proposals.approve(proposal, BERT)
    approved = proposals.get(proposal.id)
    assert approved and (approved.state, approved.made_by, approved.decided_by) == ("approved", ANNA, BERT)


def test_without_its_proposer_nothing_is_approved(proposals: Proposals, engine: Any) -> None:
    # The account was deleted: nobody knows any more whether it was one's own.
    proposal = proposed(proposals)
    orphan = Proposal(**{**proposal.__dict__, "made_by": None})
    with pytest.raises(ProposalError, match="own"):
        proposals.approve(orphan, BERT)


def test_another_meaning_makes_another_proposer(proposals: Proposals) -> None:
    proposal = proposed(proposals)
    proposals.edit(proposal, proposal.text, BERT, intent="ask_place")
    changed = proposals.get(proposal.id)
    assert changed and changed.made_by == BERT
    with pytest.raises(ProposalError, match="own"):
        proposals.approve(changed, BERT)
    proposals.approve(changed, ANNA)


def test_a_person_may_take_out_what_redaction_left_and_then_approve(proposals: Proposals) -> None:
    proposal = proposed(proposals, "Frau Müller will wissen wat dat kost")
    proposals.edit(proposal, "wer will wissen wat dat kost", BERT, intent="ask_cost")
    changed = proposals.get(proposal.id)
    assert changed and changed.made_by == ANNA
    proposals.approve(changed, BERT)


def test_a_placeholder_refuses_approval_until_it_is_replaced(proposals: Proposals) -> None:
    proposal = proposed(proposals, "ich bin <NAME> und wat kost dat")
    with pytest.raises(ProposalError, match="<NAME>"):
        proposals.approve(proposal, BERT)
    proposals.edit(proposal, "ich bin Oma und wat kost dat", ANNA, intent="ask_cost")
    changed = proposals.get(proposal.id)
    assert changed
    proposals.approve(changed, BERT)


def test_what_was_changed_meanwhile_is_not_approved(proposals: Proposals) -> None:
    seen = proposed(proposals)
    proposals.edit(seen, "etwas ganz anderes", ANNA, intent="ask_cost")
    with pytest.raises(ProposalError, match="decided"):
        proposals.approve(seen, BERT)


def test_declining_needs_a_reason_and_is_final(proposals: Proposals) -> None:
    proposal = proposed(proposals)
    with pytest.raises(ProposalError, match="no_note"):
        proposals.decline(proposal, BERT, "  ")
    proposals.decline(proposal, BERT, "Das fragt nach dem Ort.")
    declined = proposals.get(proposal.id)
    assert declined and (declined.state, declined.note) == ("declined", "Das fragt nach dem Ort.")
    for deed in (
        lambda: proposals.approve(declined, BERT),
        lambda: proposals.decline(declined, BERT, "noch einmal"),
        lambda: proposals.edit(declined, "neu und anders", ANNA, intent="ask_cost"),
    ):
        with pytest.raises(ProposalError, match="decided"):
            deed()
    assert proposed(proposals).text == proposal.text  # may be proposed again


def test_what_stands_there_already_is_refused_with_its_place(proposals: Proposals) -> None:
    found = refused("duplicate", proposals, "example", "IST DAS TEUER?", ANNA, intent="ask_cost")
    assert found["place"] == "data/nlu/first.yml:8"


def test_a_contradiction_is_refused_with_its_place(proposals: Proposals) -> None:
    found = refused("contradiction", proposals, "example", "Grüß Gott!", ANNA, intent="ask_cost")
    assert (found["place"], found["intent"]) == ("data/nlu/first.yml:11", "greet")


def test_the_same_text_is_proposed_once(proposals: Proposals) -> None:
    first = proposed(proposals)
    found = refused("proposed_already", proposals, "example", "Wat kost dat denn?", BERT, intent="greet")
    assert found["number"] == first.id


def test_the_data_are_looked_at_again_before_approval(proposals: Proposals, project: Path) -> None:
    proposal = proposed(proposals)
    (project / "data" / "nlu" / "late.yml").write_text(
        'version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - wat kost dat denn\n', "utf-8"
    )
    with pytest.raises(ProposalError, match=r"contradiction: place=data/nlu/late.yml:5"):
        proposals.approve(proposal, BERT)


@pytest.mark.parametrize(
    ("kind", "arguments"),
    [
        ("no_intent", {"text": "wat", "intent": "nlu_fallback"}),
        ("no_intent", {"text": "wat", "intent": None}),
        ("no_intent", {"text": "wat", "intent": "ask_cost\n  - intent: evil"}),
        ("no_words", {"text": "👍 !!", "intent": "ask_cost"}),
        ("too_long", {"text": "a" * 1001, "intent": "ask_cost"}),
        ("marks", {"text": "wat", "intent": "ask_cost", "entities": [{"entity": "office", "start": 0, "end": 9}]}),
        ("marks", {"text": "wat is", "intent": "ask_cost", "entities": [{"entity": "office", "start": 3, "end": 4}]}),
    ],
)
def test_what_cannot_be_an_example_is_refused(proposals: Proposals, kind: str, arguments: dict[str, Any]) -> None:
    more = {name: value for name, value in arguments.items() if name != "text"}
    refused(kind, proposals, "example", arguments["text"], ANNA, **more)
    assert proposals.all() == []


def test_a_kind_that_nobody_knows_is_refused(proposals: Proposals) -> None:
    refused("kind", proposals, "order", "wat", ANNA)


def test_a_broken_data_file_stops_with_its_line_and_loses_nothing(proposals: Proposals, project: Path) -> None:
    proposal = proposed(proposals)
    (project / "data" / "nlu" / "first.yml").write_text("nlu:\n  - intent: [\n", "utf-8")
    for deed in (
        lambda: proposals.approve(proposal, BERT),
        lambda: proposals.propose("example", "noch eins", ANNA, intent="ask_cost"),
        lambda: proposals.edit(proposal, "noch ein anderes", ANNA, intent="ask_cost"),
    ):
        with pytest.raises(ContentError, match=r"^data/nlu/first.yml:\d"):
            deed()
    assert proposals.all() == [proposal]


def test_a_new_topic_needs_no_intent(proposals: Proposals) -> None:
    number = proposals.propose("topic", "gibt es ein Lastenrad", ANNA, note="Wird oft gefragt.")
    found = proposals.get(number)
    assert found and (found.kind, found.intent, found.note) == ("topic", None, "Wird oft gefragt.")


def test_exported_ones_can_be_made_ready_again(proposals: Proposals) -> None:
    proposal = proposed(proposals)
    proposals.approve(proposal, BERT)
    approved = proposals.all("approved")
    proposals.exported(approved)
    with pytest.raises(ProposalError):
        proposals.exported(approved)  # by somebody else at the same time
    (gone,) = proposals.all("exported")
    proposals.reopen(gone)
    assert [one.id for one in proposals.all("approved")] == [proposal.id]
