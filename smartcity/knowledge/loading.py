"""From the files of content/ to one `Knowledge`."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, Optional, Tuple

from smartcity.knowledge.checking import problems_of
from smartcity.knowledge.documents import ContentError, Document, Problem, parse, read
from smartcity.knowledge.records import Fact, Initiative, Knowledge, Link, Notice, Office, Service, Source, Theme

FOLDERS = {
    "initiatives": "initiative",
    "themes": "theme",
    "offices": "office",
    "notices": "notice",
    "phrases": "phrases",
}
"""Folder of content/ by kind of record; services stand in one file."""
MAY_BE_MISSING = frozenset({"notice"})
"""Kinds of which there need not be any record."""

Bundle = Mapping[str, Tuple[Document, ...]]
"""The documents of content by kind."""


def read_folder(root: Path) -> Bundle:
    """Read all files below `root` (the folder content/). Raises ContentError when one cannot be read."""
    if not root.is_dir():
        raise ContentError(
            [Problem(str(root), 1, "There is no such folder.", "Set SMARTCITY_CONTENT to the folder with the content.")]
        )
    problems: List[Problem] = []
    bundle: Dict[str, List[Document]] = {kind: [] for kind in (*FOLDERS.values(), "services")}
    for path in sorted(root.rglob("*.y*ml")):
        place = path.relative_to(root).as_posix()
        kind = "services" if place in ("services.yml", "services.yaml") else FOLDERS.get(place.split("/")[0])
        if kind is None or (kind != "services" and place.count("/") != 1):
            folders = ", ".join(f"{name}/" for name in FOLDERS)
            problems.append(
                Problem(
                    f"{root.name}/{place}", 1, "No content is expected here.", f"Move it to {folders} or services.yml."
                )
            )
            continue
        try:
            bundle[kind].append(read(path, root))
        except ContentError as error:
            problems.extend(error.problems)
    return _whole(bundle, problems, root.name)


def read_export(text: str, address: str) -> Bundle:
    """Read a CMS export: one YAML or JSON document, `{"initiatives/kruiser.yml": {...}, ...}`."""
    whole = parse(text, address)
    if not isinstance(whole.data, dict):
        raise ContentError(
            [Problem(address, 1, "An export must be a mapping of file names to records.", "See docs/content.md.")]
        )
    bundle: Dict[str, List[Document]] = {kind: [] for kind in (*FOLDERS.values(), "services")}
    problems = []
    of_name: Dict[Any, Dict[Any, int]] = {}
    for path, line in whole.lines.items():
        if path:
            of_name.setdefault(path[0], {})[path[1:]] = line
    for name, data in whole.data.items():
        kind = "services" if name == "services.yml" else FOLDERS.get(str(name).split("/")[0])
        if kind is None:
            problems.append(whole.problem([name], f"'{name}' is no known kind of content.", "See docs/content.md."))
            continue
        bundle[kind].append(Document(f"{address}#{name}", data, of_name.get(name, {})))
    return _whole(bundle, problems, address)


def _whole(bundle: Mapping[str, List[Document]], problems: List[Problem], place: str) -> Bundle:
    """The bundle, unless there are problems or a kind is missing: half a city must not replace the whole."""
    missing = [f"{folder}/" for folder, kind in FOLDERS.items() if not bundle[kind] and kind not in MAY_BE_MISSING]
    if missing and not problems:
        problems = [
            Problem(
                place, 1, f"There is nothing in {', '.join(missing)}.", "Is this the right place? See docs/content.md."
            )
        ]
    if problems:
        raise ContentError(problems)
    return {kind: tuple(documents) for kind, documents in bundle.items()}


def export(root: Path) -> Dict[str, Any]:
    """The whole of content/ as one mapping that `read_export` takes."""
    return {
        document.file.split("/", 1)[1]: document.data
        for documents in read_folder(root).values()
        for document in documents
    }


def load(bundle: Bundle) -> Knowledge:
    """Build the knowledge of a bundle. Raises ContentError with every problem that the checks find."""
    problems = tuple(problems_of(bundle))
    if problems:
        raise ContentError(problems)
    digest = hashlib.sha256()
    for kind in sorted(bundle):
        for document in bundle[kind]:
            digest.update(repr((document.file, document.data)).encode())
    return Knowledge(
        initiatives={d.data["id"]: _initiative(d.data) for d in bundle["initiative"]},
        themes=dict(sorted(((d.data["id"], _theme(d.data)) for d in bundle["theme"]), key=lambda pair: pair[1].order)),
        offices={d.data["id"]: _office(d.data) for d in bundle["office"]},
        services={sid: _service(sid, data) for d in bundle["services"] for sid, data in (d.data or {}).items()},
        phrases={key: _text(text) for d in bundle["phrases"] for key, text in (d.data or {}).items()},
        notices={n.id: n for n in sorted((_notice(d.data) for d in bundle["notice"]), key=lambda n: (n.from_, n.id))},
        version=digest.hexdigest()[:16],
    )


def _text(data: Mapping[str, str]) -> Dict[str, str]:
    return {language: str(text).strip() for language, text in data.items()}


def _names(data: Mapping[str, Any]) -> Tuple[str, ...]:
    listed: Iterable[str] = (
        *data["name"].values(),
        *(alias for aliases in data.get("aliases", {}).values() for alias in aliases),
        *data.get("misspellings", ()),
    )
    return tuple(dict.fromkeys(name.strip() for name in listed))


def _source(data: Mapping[str, Any]) -> Source:
    date: Optional[str] = str(data["date"])
    return Source(
        title=data["title"],
        url=data["url"],
        read=dt.date.fromisoformat(data["read"]),
        date=None if date == "unknown" else date,
        low_quality=data.get("quality") == "low",
    )


def _fact(data: Mapping[str, Any], sources: Mapping[str, Source]) -> Fact:
    return Fact(
        text=_text(data["text"]),
        sources=tuple(sources[key] for key in data["sources"]),
        lasting=data.get("lasting", False),
        links=tuple(Link(_text(link["title"]), link["url"]) for link in data.get("links", ())),
        evidence=tuple(data.get("evidence", ())),
    )


def _common(data: Mapping[str, Any]) -> Tuple[Dict[str, Source], Dict[str, Any]]:
    sources = {key: _source(source) for key, source in data["sources"].items()}
    return sources, {
        "id": data["id"],
        "name": _text(data["name"]),
        "aliases": _names(data),
        "generic": tuple(data.get("generic", ())),
        "facts": {aspect: _fact(fact, sources) for aspect, fact in data["facts"].items()},
    }


def _initiative(data: Mapping[str, Any]) -> Initiative:
    sources, common = _common(data)
    return Initiative(
        kind="initiative",
        themes=tuple(data["themes"]),
        state=data["state"],
        ask=data["ask"],
        notice=_fact(data["notice"], sources) if "notice" in data else None,
        listed=data.get("listed", True),
        **common,
    )


def _theme(data: Mapping[str, Any]) -> Theme:
    return Theme(kind="theme", order=data["order"], **_common(data)[1])


def _office(data: Mapping[str, Any]) -> Office:
    sources, common = _common(data)
    return Office(
        kind="office",
        url=data.get("url"),
        phone=data.get("phone"),
        email=data.get("email"),
        sources=tuple(sources.values()),
        **common,
    )


def _service(service_id: str, data: Mapping[str, Any]) -> Service:
    return Service(service_id, _text(data["name"]), _names(data), tuple(data["doors"]))


def _notice(data: Mapping[str, Any]) -> Notice:
    return Notice(
        id=data["id"],
        text=_text(data["text"]),
        from_=dt.date.fromisoformat(data["from"]),
        until=dt.date.fromisoformat(data["until"]),
        sources=tuple(_source(source) for source in data["sources"].values()),
        offices=tuple(data.get("offices", ())),
    )
