"""Content and its sources."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Iterator

from smartcity.cli.command import Commands, add, group
from smartcity.settings import Settings


def _content_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.documents import ContentError
    from smartcity.knowledge.source import read_once

    try:
        knowledge = read_once(arguments.folder or settings.content)
    except ContentError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problem(s) found; nothing was changed.", file=sys.stderr)
        return 1
    notices = f"{len(knowledge.notices)} notice{'' if len(knowledge.notices) == 1 else 's'}"
    facts = sum(len(t.facts) for s in (knowledge.initiatives, knowledge.themes, knowledge.offices) for t in s.values())
    print(
        f"The content is right: {len(knowledge.initiatives)} initiatives, {len(knowledge.themes)} themes, "
        f"{len(knowledge.offices)} offices, {len(knowledge.services)} services, {notices}, {facts} facts with sources."
    )
    return 0


def _content_export(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.loading import export

    print(json.dumps(export(Path(arguments.folder or settings.content)), ensure_ascii=False, indent=1))
    return 0


def _content_emergency(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.emergency import stale
    from smartcity.knowledge.source import read_once

    changed = stale(read_once(arguments.folder or settings.content))
    for path, text in changed.items():
        if not arguments.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        print(f"{path}: {'says something else than the content' if arguments.check else 'written'}.")
    if not changed:
        print("What is said in an emergency is as the content says.")
    return 1 if changed and arguments.check else 0


def _sources_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.evidence import Finding, check_sources
    from smartcity.knowledge.source import read_once

    def told() -> Iterator[Finding]:
        for finding in check_sources(read_once(arguments.folder or settings.content)):
            print(finding, flush=True)
            yield finding

    if arguments.store:
        from smartcity.console.health.sources import store_for

        findings = len(store_for(settings, told()))
    else:
        findings = sum(1 for _ in told())
    print(f"{findings} finding(s). Nothing was changed.")
    return 1 if findings else 0


def add_to(commands: Commands) -> None:
    """Add the commands."""
    content = group(commands, "content", "Work on the content.")
    sources = group(commands, "sources", "Work on the sources.")
    parsers = (
        add(content, "check", _content_check, "Refuse what is wrong in content/, with file, line and remedy."),
        add(content, "export", _content_export, "Print the content as one JSON document, as a CMS may serve it."),
        add(content, "emergency", _content_emergency, "Write what is said when nothing else works: whom to call."),
        add(sources, "check", _sources_check, "Fetch each source page and report facts whose evidence is gone."),
    )
    for parser in parsers:
        parser.add_argument("folder", nargs="?", help="folder with the content (default: SMARTCITY_CONTENT)")
    parsers[2].add_argument("--check", action="store_true", help="write nothing; fail where something would change")
    parsers[-1].add_argument("--store", action="store_true", help="also keep the findings for the console's page")
