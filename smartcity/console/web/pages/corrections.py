"""Corrections: proposed from a turn, decided by a second person, tried out, handed to the project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from smartcity.console import clock
from smartcity.console.corrections import export
from smartcity.console.corrections.dialogues import answer_ids, as_test
from smartcity.console.corrections.examples import placeholders, plain, read_examples
from smartcity.console.corrections.intents import read_intents
from smartcity.console.corrections.marks import MOST, Mark, entities_of, marks_of, not_found, records, words_of
from smartcity.console.corrections.proposals import STATES, Proposal, ProposalError, Proposals
from smartcity.console.corrections.repository import Commit, Person, Repository, RepositoryError
from smartcity.console.corrections.trials import Trial, TrialError
from smartcity.console.database import write
from smartcity.console.tables import accounts, conversations, proposals, turns
from smartcity.console.web.navigation import Entry
from smartcity.console.web.page import Form, Visit, page, redirect, render
from smartcity.console.web.project import known, root, trials
from smartcity.knowledge.documents import ContentError
from smartcity.knowledge.names import NameIndex
from smartcity.knowledge.records import Knowledge

_LARGEST = 2**63


@page(role="reviewer")
def everything(request: Request, visit: Visit) -> Response:
    return _list_page(request, visit)


@page(role="reviewer")
def form(request: Request, visit: Visit) -> Response:
    """The form for a turn."""
    turn = _turn(visit, request.query_params.get("turn", ""))
    said = str(turn["said"])
    marks = marks_of(said, _entities(turn["entities"]))
    return _form_page(request, visit, {"kind": "example", "text": said, "intent": "", "note": ""}, marks, turn=turn)


@page(role="reviewer")
def make(request: Request, visit: Visit) -> Response:
    turn = _turn(visit, visit.form.get("turn", ""))
    return _save(request, visit, turn=turn)


@page(role="reviewer")
def one(request: Request, visit: Visit) -> Response:
    return _proposal_page(request, visit, _proposal(request, visit))


@page(role="reviewer")
def edit_form(request: Request, visit: Visit) -> Response:
    proposal = _may_edit(request, visit)
    fields = {
        "kind": proposal.kind,
        "text": proposal.text,
        "intent": proposal.intent or "",
        "note": proposal.note or "",
    }
    marks = marks_of(proposal.text, proposal.entities) if proposal.kind == "example" else []
    return _form_page(request, visit, fields, marks, proposal=proposal)


@page(role="reviewer")
def edit(request: Request, visit: Visit) -> Response:
    return _save(request, visit, proposal=_may_edit(request, visit))


@page(role="editor")
def approve(request: Request, visit: Visit) -> Response:
    """Approve what was looked at: the form names the text, so that an edit in between is not approved unseen."""
    proposal = _proposal(request, visit)
    if visit.form.get("text") != proposal.text or visit.form.get("intent") != (proposal.intent or ""):
        return _proposal_page(request, visit, proposal, ProposalError("decided"))
    return _decide(request, visit, proposal, "approved", lambda one: one.approve(proposal, _me(visit)))


@page(role="reviewer")
def decline(request: Request, visit: Visit) -> Response:
    """Editors decline; who proposed may take it back."""
    proposal = _proposal(request, visit)
    if not visit.may("editor") and proposal.made_by != visit.account_id:
        raise HTTPException(403, "error.role")
    note = visit.form.get("note", "")[:4000]
    return _decide(request, visit, proposal, "declined", lambda one: one.decline(proposal, _me(visit), note))


@page(role="editor")
def done(request: Request, visit: Visit) -> Response:
    """An approved topic that content holds now."""
    proposal = _proposal(request, visit)
    if proposal.kind != "topic":
        raise HTTPException(404)
    return _decide(request, visit, proposal, "done", lambda one: one.exported([proposal]))


@page(role="editor")
def reopen(request: Request, visit: Visit) -> Response:
    proposal = _proposal(request, visit)
    return _decide(request, visit, proposal, "reopened", lambda one: one.reopen(proposal))


@page(role="editor")
def hand_over(request: Request, visit: Visit) -> Response:
    """Export all approved examples and tests, as a patch or as a commit."""
    way = visit.form.get("way", "")
    folder = root(request)
    repository = Repository.at(folder)
    if way not in ("patch", "commit") or (way == "commit" and repository is None):
        raise HTTPException(404)
    made: Commit | None = None
    patch = ""
    try:
        # One transaction: whatever goes wrong, the proposals stay approved.
        with write(visit.engine) as connection:
            shelf = Proposals(connection, folder)
            chosen = [one for one in shelf.all("approved", 10_000) if one.kind != "topic"]
            if not chosen:
                raise ProposalError("nothing")
            export.check(chosen, folder)
            if way == "commit" and repository is not None:
                names = _names(visit)
                people = [(_name(names, one.made_by), _name(names, one.decided_by)) for one in chosen]
                author = Person.of(visit.name, _account_name(visit))
                made = export.commit(chosen, repository, author, people, clock.today())
            else:
                patch = export.diff(chosen, folder)
            shelf.exported(chosen)
    except (ProposalError, ContentError, RepositoryError, OSError) as error:
        return _list_page(request, visit, error)
    visit.audit("proposals.exported", None, way=way, proposals=[one.id for one in chosen])
    if made:
        return redirect(
            request, "/corrections", message="corrections.committed", branch=made.branch, commit=made.id[:12]
        )
    name = f"corrections-{clock.today().isoformat()}.patch"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(patch, media_type="text/x-patch; charset=utf-8", headers=headers)


@page(role="reviewer")
def dialogue_form(request: Request, visit: Visit) -> Response:
    """A conversation as a test."""
    row, said = _conversation(visit, request.query_params.get("conversation", ""))
    fields = {
        "name": "",
        **{f"answer{turn['id']}": str(turn["answer"] or "") for turn in said if turn["outcome"] != "not_understood"},
        **{f"with{turn['id']}": "yes" for turn in said},
    }
    return _dialogue_page(request, visit, row, said, fields)


@page(role="reviewer")
def make_dialogue(request: Request, visit: Visit) -> Response:
    row, said = _conversation(visit, visit.form.get("conversation", ""))
    chosen = [
        {
            "said": visit.form.get(f"said{turn['id']}", ""),
            "pressed": turn["pressed"],
            "answers": visit.form.get(f"answer{turn['id']}", "").replace(",", " ").split(),
        }
        for turn in said
        if visit.form.get(f"with{turn['id']}")
    ]
    try:
        knowledge, _ = known(request)
        text = as_test(visit.form.get("name", "")[:120], str(row["language"]), chosen, knowledge)
        with write(visit.engine) as connection:
            number = Proposals(connection, root(request)).propose(
                "conversation", text, _me(visit), turn_id=said[0]["id"] if said else None
            )
    except (ProposalError, ContentError, OSError, requests.RequestException) as error:
        return _dialogue_page(request, visit, row, said, dict(visit.form), error)
    visit.audit("proposal.made", f"proposal/{number}", kind="conversation")
    return redirect(request, f"/corrections/{number}", message="corrections.made")


@page(role="editor")
def try_out(request: Request, visit: Visit) -> Response:
    """Begin a trial of the proposals that are ticked, or of all that are open or approved."""
    ticked = {text for text in visit.form.getlist("proposal") if text.isdigit()}
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, root(request))
        chosen = [one for state in ("proposed", "approved") for one in shelf.all(state)]
    if ticked:
        chosen = [one for one in chosen if str(one.id) in ticked]
    try:
        number = trials(request).start(chosen, visit.account_id)
    except (TrialError, ContentError, OSError) as error:
        return _list_page(request, visit, error)
    visit.audit("trial.started", f"trial/{number}", proposals=[one.id for one in chosen])
    return redirect(request, f"/corrections/trials/{number}")


@page(role="reviewer")
def trial(request: Request, visit: Visit) -> Response:
    found = _trial(request)
    result: Mapping[str, Any] = found.result or {}
    flips = [one for one in result.get("flips") or () if isinstance(one, Mapping)]
    shown = [
        {**flip, "said": said, "before": _side(flip.get("before")), "after": _side(flip.get("after"))}
        for flip in flips
        if (said := _said(visit, flip)) is not None
    ]
    return render(
        request,
        "trial.html",
        trial=found,
        result={"error": "", "detail": "", "evaluated": 0, **result, "flips": flips},
        held_out=_totals(result.get("held_out")),
        groups=[
            (origin, [flip for flip in shown if _origin(flip) == origin])
            for origin in ("proposal", "turn", "development")
        ],
        gone=len(flips) - len(shown),
        names=_names(visit),
        wanted=_wanted(visit, found),
    )


@page(role="reviewer")
def trial_state(request: Request, visit: Visit) -> Response:
    """What the page shows of a trial under way, for its script."""
    found = _trial(request)
    step = visit.t.named("trial.step", found.step) if found.step else ""
    body = {"state": found.state, "share": round(found.share, 3), "step": step}
    return Response(json.dumps(body), media_type="application/json")


@page(role="editor")
def cancel(request: Request, visit: Visit) -> Response:
    found = _trial(request)
    stopped = trials(request).cancel(found.id)
    if stopped:
        visit.audit("trial.cancelled", f"trial/{found.id}")
    message = "trial.cancelled" if stopped else "trial.over"
    return redirect(request, f"/corrections/trials/{found.id}", message=message)


def _save(
    request: Request, visit: Visit, turn: Mapping[str, Any] | None = None, proposal: Proposal | None = None
) -> Response:
    form = visit.form
    fields = {name: form.get(name, "") for name in ("text", "intent", "note")}
    fields["kind"] = proposal.kind if proposal else form.get("kind", "example")
    marks = _marks(form)
    if form.get("step") == "words":
        return _form_page(request, visit, fields, _moved(request, form, marks), turn=turn, proposal=proposal)
    try:
        entities: list[dict[str, Any]] = []
        text = fields["text"]
        if fields["kind"] == "example":
            text = plain(text)
            knowledge, _ = known(request)
            entities = entities_of(text, form.get("chosen_in", ""), marks, knowledge)
        with write(visit.engine) as connection:
            shelf = Proposals(connection, root(request))
            if proposal:
                shelf.edit(proposal, text, _me(visit), fields["intent"] or None, entities, fields["note"][:4000])
                number = proposal.id
            else:
                number = shelf.propose(
                    "topic" if fields["kind"] == "topic" else "example",
                    text,
                    _me(visit),
                    turn["id"] if turn else None,
                    fields["intent"] or None,
                    entities,
                    fields["note"][:4000],
                )
    except (ProposalError, ContentError, OSError, requests.RequestException) as error:
        return _form_page(request, visit, fields, marks, turn=turn, proposal=proposal, error=error)
    visit.audit("proposal.edited" if proposal else "proposal.made", f"proposal/{number}", kind=fields["kind"])
    message = "corrections.edited" if proposal else "corrections.made"
    return redirect(request, f"/corrections/{number}", message=message)


def _moved(request: Request, form: Form, marks: Sequence[Mark]) -> list[Mark]:
    """Marks for the words of an edited text; those that are gone are left out."""
    text, chosen_in, found = form.get("text", ""), form.get("chosen_in", ""), []
    knowledge, _ = known(request)
    for mark in marks:
        try:
            found += marks_of(text, entities_of(text, chosen_in, [mark], knowledge))
        except ProposalError:
            found.append(Mark(mark.record, ()))
    return found


def _marks(form: Form) -> list[Mark]:
    found = []
    for number in range(MOST):
        words = tuple(
            int(text) for text in form.getlist(f"words{number}") if text.isascii() and text.isdigit() and len(text) < 5
        )
        record = form.get(f"record{number}", "").strip()
        if record or words:
            found.append(Mark(record, words))
    return found


def _decide(request: Request, visit: Visit, proposal: Proposal, deed: str, how: Any) -> Response:
    try:
        with write(visit.engine) as connection:
            how(Proposals(connection, root(request)))
    except (ProposalError, ContentError, OSError) as error:
        return _proposal_page(request, visit, proposal, error)
    visit.audit(f"proposal.{deed}", f"proposal/{proposal.id}")
    return redirect(request, f"/corrections/{proposal.id}", message=f"corrections.{deed}")


def _list_page(request: Request, visit: Visit, error: Exception | None = None) -> Response:
    state = request.query_params.get("state", "proposed")
    state = state if state in STATES else "proposed"
    folder = root(request)
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, folder)
        found = shelf.all(state)
        counts = {one: shelf.count(one) for one in STATES}
        approved = [one for one in shelf.all("approved") if one.kind != "topic"]
    diff = ""
    try:
        diff = export.diff(approved, folder)
    except (ContentError, OSError) as broken:
        error = error or broken
    return render(
        request,
        "corrections.html",
        422 if error else 200,
        state=state,
        states=STATES,
        counts=counts,
        proposals=found,
        names=_names(visit),
        approved=approved,
        diff=_diff_lines(diff),
        repository=Repository.at(folder) is not None,
        trials=trials(request).latest(5),
        wrong=_wrong(visit, error),
    )


def _proposal_page(request: Request, visit: Visit, proposal: Proposal, error: Exception | None = None) -> Response:
    diff, hints = "", []
    try:
        diff = export.diff([proposal], root(request)) if proposal.kind != "topic" else ""
        knowledge, names = known(request)
        hints = _hints(proposal.text, proposal.entities, knowledge, names)
    except (ContentError, OSError, ValueError, KeyError, TypeError, requests.RequestException) as broken:
        error = error or broken
    return render(
        request,
        "correction.html",
        422 if error else 200,
        proposal=proposal,
        diff=_diff_lines(diff),
        left=placeholders(proposal.text) if proposal.kind != "topic" else (),
        hints=hints,
        names=_names(visit),
        origin=_origin_of(visit, proposal),
        own=proposal.made_by is None or proposal.made_by == visit.account_id,
        editable=proposal.state == "proposed" and _is_theirs(visit, proposal),
        wrong=_wrong(visit, error),
    )


def _form_page(
    request: Request,
    visit: Visit,
    fields: Mapping[str, str],
    marks: Sequence[Mark],
    turn: Mapping[str, Any] | None = None,
    proposal: Proposal | None = None,
    error: Exception | None = None,
) -> Response:
    choices: list[tuple[str, str, str]] = []
    names: list[tuple[str, str]] = []
    try:
        intents = read_intents(root(request))
        examples = read_examples(root(request))
        choices = [(name, visit.t.named("intent", name), examples.first(name)) for name in intents]
    except (ContentError, OSError) as broken:
        error = error or broken
    try:
        names = records(known(request)[0], visit.language)
    except (ContentError, OSError, requests.RequestException) as broken:
        error = error or broken
    more = visit.form.get("step") == "words" or len(marks) > 1
    return render(
        request,
        "correction_form.html",
        422 if error else 200,
        fields=fields,
        marks=[*marks, *[Mark("", ())] * (1 if more else 2 - len(marks))][:MOST],
        words=words_of(fields["text"]),
        choices=choices,
        records=names,
        turn=turn,
        proposal=proposal,
        left=placeholders(fields["text"]),
        wrong=_wrong(visit, error),
    )


def _dialogue_page(
    request: Request,
    visit: Visit,
    row: Mapping[str, Any],
    said: Sequence[Mapping[str, Any]],
    fields: Mapping[str, str],
    error: Exception | None = None,
) -> Response:
    answers: list[str] = []
    try:
        answers = answer_ids(known(request)[0])
    except (ContentError, OSError, requests.RequestException) as broken:
        error = error or broken
    return render(
        request,
        "dialogue_form.html",
        422 if error else 200,
        conversation=row,
        turns=said,
        fields=fields,
        answers=answers,
        wrong=_wrong(visit, error),
    )


def _wrong(visit: Visit, error: Exception | None) -> list[str]:
    """What went wrong, in sentences."""
    if error is None:
        return []
    if isinstance(error, ProposalError):
        return [visit.t(f"corrections.wrong.{error.key}", **error.values_)]
    if isinstance(error, TrialError):
        return [visit.t(f"trial.wrong.{error.key}")]
    if isinstance(error, ContentError):
        return [str(problem) for problem in error.problems]
    if isinstance(error, RepositoryError):
        return [visit.t("corrections.wrong.git", reason=str(error))]
    return [visit.t("corrections.wrong.files", reason=f"{type(error).__name__}: {error}"[:300])]


def _hints(
    text: str, entities: Sequence[Mapping[str, Any]], knowledge: Knowledge, names: NameIndex
) -> list[tuple[str, str, str]]:
    """(phrase, record, file) of names that content does not know yet under this wording."""
    folders = {"initiative": "initiatives", "theme": "themes", "office": "offices"}
    found = []
    for phrase, record in not_found(text, entities, names):
        kind, _, name = record.partition("/")
        file = f"content/{folders[kind]}/{name}.yml" if kind in folders else "content/services.yml"
        found.append((phrase, record, file))
    return found


def _turn(visit: Visit, text: str) -> Mapping[str, Any]:
    number = _number(text)
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(turns).where(turns.c.id == number)).mappings().first()
    if row is None:
        raise HTTPException(404)
    return dict(row)


def _conversation(visit: Visit, text: str) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    number = _number(text)
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(conversations).where(conversations.c.id == number)).mappings().first()
        query = sa.select(turns).where(turns.c.conversation_id == number).order_by(turns.c.number).limit(50)
        said: list[Mapping[str, Any]] = [dict(turn) for turn in connection.execute(query).mappings()]
    if row is None:
        raise HTTPException(404)
    return row, said


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:20]) < _LARGEST):
        raise HTTPException(404)
    return int(text)


def _proposal(request: Request, visit: Visit) -> Proposal:
    number = request.path_params["number"]
    with visit.engine.connect() as connection:
        found = Proposals(connection, root(request)).get(number) if number < _LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def _may_edit(request: Request, visit: Visit) -> Proposal:
    proposal = _proposal(request, visit)
    if not _is_theirs(visit, proposal):
        raise HTTPException(403, "error.role")
    return proposal


def _is_theirs(visit: Visit, proposal: Proposal) -> bool:
    return visit.may("editor") or proposal.made_by == visit.account_id


def _trial(request: Request) -> Trial:
    number = request.path_params["number"]
    found = trials(request).get(number) if number < _LARGEST else None
    if found is None:
        raise HTTPException(404)
    return found


def _entities(value: Any) -> list[Mapping[str, Any]]:
    """Entities of a stored turn that have all that a mark needs; a row may hold anything."""
    return [
        one
        for one in (value if isinstance(value, list) else [])
        if isinstance(one, dict)
        and all(isinstance(one.get(key), int) for key in ("start", "end"))
        and all(isinstance(one.get(key), str) for key in ("entity", "value"))
    ]


def _side(value: Any) -> dict[str, Any]:
    """One side of a flip with all that the page shows."""
    found = value if isinstance(value, Mapping) else {}
    answers = found.get("answers")
    return {
        "intent": found.get("intent"),
        "answers": " + ".join(map(str, answers)) if isinstance(answers, list) else "",
        "text": str(found.get("text") or ""),
    }


def _totals(value: Any) -> Mapping[str, Any] | None:
    wanted = ("total", "before", "after")
    return value if isinstance(value, Mapping) and all(isinstance(value.get(key), int) for key in wanted) else None


def _origin(flip: Mapping[str, Any]) -> str:
    return "proposal" if "proposal" in flip else "turn" if "turn" in flip else "development"


def _said(visit: Visit, flip: Mapping[str, Any]) -> str | None:
    """The text of a flip; None when it was deleted since."""
    if "text" in flip:
        return str(flip["text"])
    if "proposal" in flip:
        query = sa.select(proposals.c.text).where(proposals.c.id == flip["proposal"])
    else:
        query = sa.select(turns.c.said).where(turns.c.id == flip.get("turn"))
    with visit.engine.connect() as connection:
        found: str | None = connection.execute(query).scalar()
    return found


def _wanted(visit: Visit, trial_: Trial) -> dict[int, str]:
    """The intent that each proposal of a trial wants."""
    with visit.engine.connect() as connection:
        shelf = Proposals(connection, Path())
        return {one.id: one.intent or "" for number in trial_.proposals if (one := shelf.get(number))}


def _origin_of(visit: Visit, proposal: Proposal) -> Mapping[str, Any] | None:
    if proposal.turn_id is None:
        return None
    with visit.engine.connect() as connection:
        row = connection.execute(sa.select(turns).where(turns.c.id == proposal.turn_id)).mappings().first()
    return dict(row) if row else None


def _names(visit: Visit) -> dict[int, str]:
    with visit.engine.connect() as connection:
        return dict(connection.execute(sa.select(accounts.c.id, accounts.c.shown)).all())


def _name(names: Mapping[int, str], number: int | None) -> str:
    return " ".join(names.get(number or 0, "?").split())


def _account_name(visit: Visit) -> str:
    with visit.engine.connect() as connection:
        query = sa.select(accounts.c.name).where(accounts.c.id == visit.account_id)
        return str(connection.execute(query).scalar() or "")


def _me(visit: Visit) -> int:
    assert visit.account_id is not None
    return visit.account_id


def _diff_lines(diff: str) -> list[tuple[str, str]]:
    """(kind, line) of a diff: added, removed, place or neither."""

    def kind(line: str) -> str:
        if line.startswith(("+++", "---", "diff ", "new file", "@@")):
            return "place"
        return {"+": "added", "-": "removed"}.get(line[:1], "same")

    return [(kind(line), line) for line in diff.splitlines()]


ROUTES = [
    Route("/corrections", everything, methods=["GET"]),
    Route("/corrections/new", form, methods=["GET"]),
    Route("/corrections/new", make, methods=["POST"]),
    Route("/corrections/dialogue", dialogue_form, methods=["GET"]),
    Route("/corrections/dialogue", make_dialogue, methods=["POST"]),
    Route("/corrections/export", hand_over, methods=["POST"]),
    Route("/corrections/trials", try_out, methods=["POST"]),
    Route("/corrections/trials/{number:int}", trial, methods=["GET"]),
    Route("/corrections/trials/{number:int}/state", trial_state, methods=["GET"]),
    Route("/corrections/trials/{number:int}/cancel", cancel, methods=["POST"]),
    Route("/corrections/{number:int}", one, methods=["GET"]),
    Route("/corrections/{number:int}/edit", edit_form, methods=["GET"]),
    Route("/corrections/{number:int}/edit", edit, methods=["POST"]),
    Route("/corrections/{number:int}/approve", approve, methods=["POST"]),
    Route("/corrections/{number:int}/decline", decline, methods=["POST"]),
    Route("/corrections/{number:int}/done", done, methods=["POST"]),
    Route("/corrections/{number:int}/reopen", reopen, methods=["POST"]),
]
NAVIGATION = (Entry("/corrections", "corrections.title", "reviewer", 40),)
