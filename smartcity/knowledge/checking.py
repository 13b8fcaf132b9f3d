"""What must be right in content/ beyond its shape: references, dates, names, wording."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, Dict, Iterator, Mapping, Tuple

from smartcity.knowledge.documents import Document, Problem
from smartcity.knowledge.easy_language import easy_language_faults
from smartcity.knowledge.folding import joined
from smartcity.knowledge.schemas import shape_problems

MAX_WORDS = 60
"""Longest answer in German or English, in words."""
MAX_NOTICE_DAYS = 400
"""Longest notice: what holds longer is a fact, or a slip in the year."""

_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_YES_OR_NO = re.compile(r"\s*(?:ja|nein|yes|no)(?:\s*[,:;!–—]|\.(?!\s*\d)|\s+-\s|\s*$)", re.IGNORECASE | re.MULTILINE)
_WRITE_A_DAY = "Write the day as YYYY-MM-DD."


def problems_of(bundle: Mapping[str, Tuple[Document, ...]]) -> Iterator[Problem]:
    """Every problem of the content: first its shape, and where that is right, its sense."""
    shape = [p for kind, documents in bundle.items() for d in documents for p in shape_problems(d, kind)]
    if shape:
        yield from shape
        return
    ids = {kind: {d.data["id"] for d in bundle[kind]} for kind in ("initiative", "theme", "office")}
    for kind in ("initiative", "theme", "office"):
        yield from _repeated_ids(bundle[kind])
        for document in bundle[kind]:
            yield from _record_problems(document, kind, ids)
    yield from _repeated_ids(bundle["notice"])
    for document in bundle["notice"]:
        yield from _notice_problems(document, ids["office"])
    for document in bundle["services"]:
        for key, service in (document.data or {}).items():
            for index, door in enumerate(service["doors"]):
                if door not in ids["office"]:
                    yield _unknown(document, (key, "doors", index), door, "office", ids["office"])
            yield from _wording(document, (key, "name"), service["name"], names_only=True)
    for document in bundle["phrases"]:
        for key, text in (document.data or {}).items():
            yield from _wording(document, (key,), text)
    yield from _repeated_keys(bundle["phrases"], "phrase")
    yield from _repeated_names(bundle)


def _unknown(document: Document, path: Tuple[Any, ...], name: str, kind: str, known: Any) -> Problem:
    return document.problem(path, f"There is no {kind} '{name}'.", f"Use one of: {', '.join(sorted(known))}.")


def _repeated_ids(documents: Tuple[Document, ...]) -> Iterator[Problem]:
    seen: Dict[str, str] = {}
    for document in documents:
        record_id = document.data["id"]
        stem = document.file.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if stem != record_id:
            yield document.problem(
                ("id",), f"The id '{record_id}' is not the file's name.", f"Name the file {record_id}.yml."
            )
        if record_id in seen:
            yield document.problem(
                ("id",), f"The id '{record_id}' is taken by {seen[record_id]}.", "Choose another id."
            )
        seen[record_id] = document.file


def _repeated_keys(documents: Tuple[Document, ...], kind: str) -> Iterator[Problem]:
    seen: Dict[str, str] = {}
    for document in documents:
        for key in document.data or {}:
            if key in seen:
                yield document.problem((key,), f"The {kind} '{key}' stands in {seen[key]} too.", "Keep one of the two.")
            seen[key] = document.file


def _record_problems(document: Document, kind: str, ids: Mapping[str, Any]) -> Iterator[Problem]:
    data = document.data
    yield from _wording(document, ("name",), data["name"], names_only=True)
    for key, source in data["sources"].items():
        yield from _date_problems(document, ("sources", key), source)
    facts: Dict[Tuple[Any, ...], Any] = {("facts", aspect): fact for aspect, fact in data["facts"].items()}
    if "notice" in data:
        facts[("notice",)] = data["notice"]
    for path, fact in facts.items():
        yield from _fact_problems(document, path, fact)
    used = {key for fact in facts.values() for key in fact["sources"]}
    for key in data["sources"]:
        if key not in used and kind != "office":
            yield document.problem(("sources", key), f"The source '{key}' supports no fact.", "Use it or take it out.")
    if kind != "initiative":
        return
    for index, theme in enumerate(data["themes"]):
        if theme not in ids["theme"]:
            yield _unknown(document, ("themes", index), theme, "theme", ids["theme"])
    if data["ask"] not in ids["office"]:
        yield _unknown(document, ("ask",), data["ask"], "office", ids["office"])
    if data["state"] != "active" and "notice" not in data:
        yield document.problem(
            ("state",),
            f"The state is '{data['state']}', but nothing tells citizens.",
            "Add 'notice:' with one sentence.",
        )


def _notice_problems(document: Document, offices: Any) -> Iterator[Problem]:
    data = document.data
    for key, source in data["sources"].items():
        yield from _date_problems(document, ("sources", key), source)
    yield from _fact_problems(document, (), {"text": data["text"], "sources": tuple(data["sources"])})
    for index, office in enumerate(data.get("offices", ())):
        if office not in offices:
            yield _unknown(document, ("offices", index), office, "office", offices)
    wrong = [end for end in ("from", "until") if not _is_day(data[end])]
    for end in wrong:
        yield document.problem((end,), f"'{data[end]}' is not a day.", _WRITE_A_DAY)
    if wrong:
        return
    days = (dt.date.fromisoformat(data["until"]) - dt.date.fromisoformat(data["from"])).days + 1
    if days < 1:
        yield document.problem(
            ("until",), f"The notice ends before it begins ({data['from']}).", "Write its last day, 'from' or later."
        )
    elif days > MAX_NOTICE_DAYS:
        yield document.problem(
            ("until",), f"The notice lasts {days} days.", f"Write at most {MAX_NOTICE_DAYS}, or make it a fact."
        )


def _date_problems(document: Document, path: Tuple[Any, ...], source: Mapping[str, Any]) -> Iterator[Problem]:
    today = dt.date.today()
    date = str(source["date"])
    remedy = "Write YYYY, YYYY-MM, YYYY-MM-DD or 'unknown'."
    if date != "unknown":
        if not _DATE.fullmatch(date) or not _is_date(f"{date}-01-01"[:10] if len(date) == 4 else f"{date}-01"[:10]):
            yield document.problem((*path, "date"), f"'{date}' is not a date.", remedy)
        elif date > today.isoformat():
            yield document.problem((*path, "date"), f"The date '{date}' lies in the future.", remedy)
    if not _is_day(source["read"]):
        yield document.problem((*path, "read"), f"'{source['read']}' is not a day.", _WRITE_A_DAY)
    elif source["read"] > today.isoformat():
        yield document.problem(
            (*path, "read"), f"The day '{source['read']}' lies in the future.", "Write the day of reading."
        )


def _is_day(text: str) -> bool:
    # Python also takes '2026-W03-1'; nobody else would.
    return bool(_DAY.fullmatch(text)) and _is_date(text)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _fact_problems(document: Document, path: Tuple[Any, ...], fact: Mapping[str, Any]) -> Iterator[Problem]:
    sources = document.data["sources"]
    missing = [(index, key) for index, key in enumerate(fact["sources"]) if key not in sources]
    for index, key in missing:
        yield _unknown(document, (*path, "sources", index), key, "source", sources)
    if not missing and all(sources[key].get("quality") == "low" for key in fact["sources"]):
        yield document.problem(
            (*path, "sources"),
            "Only sources of low quality support this.",
            "Add a better source, or take the statement out.",
        )
    for language, text in fact["text"].items():
        if _YES_OR_NO.match(text):
            yield document.problem(
                (*path, "text", language),
                "The text begins with yes or no, which is wrong where the question is put the other way round.",
                "Say it as a statement.",
            )
    yield from _wording(document, (*path, "text"), fact["text"])


def _wording(
    document: Document, path: Tuple[Any, ...], text: Mapping[str, str], names_only: bool = False
) -> Iterator[Problem]:
    for language in ("de", "en"):
        count = len(text[language].split())
        if count > MAX_WORDS:
            yield document.problem((*path, language), f"The text has {count} words.", f"Say it in at most {MAX_WORDS}.")
    if not names_only:
        for fault in easy_language_faults(text["de-simple"]):
            yield document.problem((*path, "de-simple"), "Leichte Sprache:", fault)


def _repeated_names(bundle: Mapping[str, Tuple[Document, ...]]) -> Iterator[Problem]:
    seen: Dict[str, Tuple[str, str, str]] = {}
    for document, path, owner, name in _names(bundle):
        key = joined(name)
        if key in seen and seen[key][0] != owner:
            _, file, first = seen[key]
            yield document.problem(
                path,
                f"The name '{name}' belongs to '{first}' already ({file}).",
                "A name may mean one record only; use 'generic' in both for an everyday word.",
            )
        seen.setdefault(key, (owner, document.file, owner.split("/", 1)[1]))


def _names(bundle: Mapping[str, Tuple[Document, ...]]) -> Iterator[Tuple[Document, Tuple[Any, ...], str, str]]:
    entries = [
        (document, (), f"{kind}/{document.data['id']}", document.data)
        for kind in ("initiative", "theme", "office")
        for document in bundle[kind]
    ] + [
        (document, (key,), f"service/{key}", service)
        for document in bundle["services"]
        for key, service in (document.data or {}).items()
    ]
    for document, prefix, owner, data in entries:
        for language, name in data["name"].items():
            yield document, (*prefix, "name", language), owner, name
        for language, aliases in data.get("aliases", {}).items():
            for index, name in enumerate(aliases):
                yield document, (*prefix, "aliases", language, index), owner, name
        for index, name in enumerate(data.get("misspellings", ())):
            yield document, (*prefix, "misspellings", index), owner, name
