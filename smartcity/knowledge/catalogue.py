"""The knowledge as plain data in one language, for programs: themes, initiatives and offices with their sources.

Unlike `export`, which gives the files of content/ back as staff write them, this is what the assistant says:
one language, names of sources resolved, nothing that only helps to understand questions.
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, List, Optional

from smartcity.knowledge.records import LANGUAGES, Fact, Initiative, Knowledge, Office, Source, Theme, Topic
from smartcity.knowledge.source import shared_store


def current_catalogue(language: str) -> Optional[Dict[str, Any]]:
    """The catalogue of what the assistant of this process knows now; None for an unknown language.

    credentials.yml names this function for the internal channel, which itself imports no knowledge.
    """
    return catalogue(shared_store().knowledge, language) if language in LANGUAGES else None


def catalogue(knowledge: Knowledge, language: str) -> Dict[str, Any]:
    """Everything that is listed, in the order in which the assistant lists it."""
    return {
        "language": language,
        "version": knowledge.version,
        "themes": [_theme(theme, knowledge, language) for theme in knowledge.themes.values()],
        "initiatives": [
            _initiative(initiative, language)
            for initiative in sorted(knowledge.initiatives.values(), key=lambda found: found.name[language].casefold())
        ],
        "offices": [
            _office(office, language)
            for office in sorted(knowledge.offices.values(), key=lambda found: found.name[language].casefold())
        ],
    }


def _theme(theme: Theme, knowledge: Knowledge, language: str) -> Dict[str, Any]:
    return {
        **_topic(theme, language),
        "initiatives": [initiative.id for initiative in knowledge.initiatives_of(theme.id)],
    }


def _initiative(initiative: Initiative, language: str) -> Dict[str, Any]:
    return {
        **_topic(initiative, language),
        "themes": list(initiative.themes),
        "state": initiative.state,
        "notice": _fact(initiative.notice, language) if initiative.notice else None,
        "ask": initiative.ask,
        "listed": initiative.listed,
    }


def _office(office: Office, language: str) -> Dict[str, Any]:
    return {
        **_topic(office, language),
        "url": office.url,
        "phone": office.phone,
        "email": office.email,
        "sources": _sources(office.sources),
    }


def _topic(topic: Topic, language: str) -> Dict[str, Any]:
    return {
        "kind": topic.kind,
        "id": topic.id,
        "name": topic.name[language],
        "facts": [{"aspect": aspect, **_fact(fact, language)} for aspect, fact in topic.facts.items()],
    }


def _fact(fact: Fact, language: str) -> Dict[str, Any]:
    return {
        "text": fact.text[language],
        "lasting": fact.lasting,
        "links": [{"title": link.title[language], "url": link.url} for link in fact.links],
        "sources": _sources(fact.sources),
    }


def _sources(sources: Iterable[Source]) -> List[Dict[str, Any]]:
    return [_source(source) for source in sources]


def _source(source: Source) -> Dict[str, Any]:
    """The shape that answers have, too."""
    return {
        "title": source.title,
        "url": source.url,
        "as_of": source.as_of,
        "dated": source.date is not None,
        "read": source.read.isoformat(),
    }
