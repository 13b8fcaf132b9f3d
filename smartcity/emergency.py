"""What is said when nothing else works, made from content/: whom to call and where to write.

Four files hold it, none of which needs anything that runs: the gateway's sentences for errors, what nginx answers when
no gateway does (a page for people, an error for programs), and what the chat says when nothing answers at all.
`smartcity content emergency` writes them.
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Dict

from smartcity.knowledge.records import LANGUAGES, Knowledge

OFFICE = "smart_city_office"
GATEWAY = Path("smartcity/gateway/office.json")
PAGE = Path("deploy/nginx/emergency.html")
REFUSAL = Path("deploy/nginx/emergency.json")
WIDGET = Path("widget/words.js")
RETRY_SECONDS = 30

_IN_WIDGET = re.compile(r'(?m)^( *offline: ".*(?:Telefon|Telephone): )[^"]*(",)$')
"""The number at the end of each language's sentence."""

_SAID = {
    "de": (
        "Der Assistent ist gerade nicht erreichbar.",
        "Bitte versuchen Sie es später noch einmal. Diese Stelle hilft Ihnen weiter:",
        "Telefon",
        "E-Mail",
    ),
    "de-simple": (
        "Das Programm geht gerade nicht.",
        "Bitte versuchen Sie es später noch einmal. Oder fragen Sie hier:",
        "Telefon-Nummer",
        "E-Mail-Adresse",
    ),
    "en": (
        "The assistant cannot be reached just now.",
        "Please try again later. This office will help you:",
        "Telephone",
        "E-mail",
    ),
}
_TITLES = {"de": "Deutsch", "de-simple": "Leichte Sprache", "en": "English"}

_PAGE = """<!doctype html>
<html lang="de">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Assistent der Smart City Krefeld</title>
<style>
body {{ font: 1.125rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 36rem; padding: 0 1rem; \
color: #14212b; background: #fff; }}
h1 {{ font-size: 1.4rem; }}
h2 {{ font-size: 1.1rem; margin-top: 2.5rem; }}
dt {{ font-weight: 650; }}
dd {{ margin: 0 0 .5rem; }}
a {{ color: #0a5a86; }}
</style>
</head>
<body>
<main>
<h1>Assistent der Smart City Krefeld</h1>
{parts}</main>
</body>
</html>
"""
_PART = """<section lang="{tag}">
<h2>{title}</h2>
<p><strong>{first}</strong> {second}</p>
<p>{name}</p>
<dl>
<dt>{phone_word}</dt><dd><a href="tel:{dial}">{phone}</a></dd>
<dt>{email_word}</dt><dd><a href="mailto:{email}">{email}</a></dd>
</dl>
</section>
"""


class EmergencyError(RuntimeError):
    """What is said in an emergency cannot be made; the message says why."""


def files(knowledge: Knowledge, project: Path = Path()) -> Dict[Path, str]:
    """The four files and what stands in them. Raises EmergencyError where the office has no number or no address."""
    office = knowledge.offices.get(OFFICE)
    if office is None or not office.phone or not office.email:
        raise EmergencyError(f"content/offices/{OFFICE}.yml: the office of last resort needs 'phone' and 'email'.")
    contact = {"phone": office.phone, "email": office.email}
    names = {language: office.name[language] for language in LANGUAGES}
    message = f"{' '.join(_SAID['de'][:2])} {names['de']}, {contact['phone']}, {contact['email']}."
    refusal = {"error": {"code": "unavailable", "message": message, "retry_after": RETRY_SECONDS}}
    parts = "".join(_part(language, names[language], contact) for language in LANGUAGES)
    return {
        GATEWAY: json.dumps(contact, ensure_ascii=False, indent=2) + "\n",
        PAGE: _PAGE.format(parts=parts),
        REFUSAL: json.dumps(refusal, ensure_ascii=False) + "\n",
        WIDGET: _IN_WIDGET.sub(rf"\g<1>{contact['phone']}\2", _read(project / WIDGET)),
    }


def stale(knowledge: Knowledge, project: Path = Path()) -> Dict[Path, str]:
    """Those of the files that say something else now."""
    return {path: text for path, text in files(knowledge, project).items() if _read(project / path) != text}


def _read(path: Path) -> str:
    return path.read_text("utf-8") if path.exists() else ""


def _part(language: str, name: str, contact: Dict[str, str]) -> str:
    first, second, phone_word, email_word = _SAID[language]
    dial = "+49" + "".join(sign for sign in contact["phone"] if sign.isdigit()).removeprefix("0")
    said = {
        "tag": language.partition("-")[0], "title": _TITLES[language], "first": first, "second": second,
        "name": name, "phone_word": phone_word, "email_word": email_word, "dial": dial, **contact,
    }  # fmt: skip
    return _PART.format(**{key: html.escape(value) for key, value in said.items()})
