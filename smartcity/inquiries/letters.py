"""What the mails say: German to the office, the conversation's language to the citizen, plain text alone.

A mail to an address that nobody has proved repeats nothing that was typed: neither a name nor a subject. Otherwise
anybody could send words of their own to a stranger in the city's name. The texts stand in letters.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from smartcity.inquiries.appointments import Appointment
from smartcity.inquiries.wishes import Wish, tell, tell_day

_MANNERS = {"in_person": "vor Ort", "telephone": "am Telefon"}
_LANGUAGES = {"de": "Deutsch", "de-simple": "Leichte Sprache", "en": "Englisch"}


@lru_cache(maxsize=1)
def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("letters.yml").read_text("utf-8"))
    return texts


def to_citizen(
    kind: str,
    row: Any,
    days: int,
    wishes: Iterable[Wish] = (),
    appointment: Appointment | None = None,
    cancelled: bool = False,
    text: str = "",
) -> tuple[str, str]:
    """Subject and text of a mail to the citizen; `text` is what the office wrote, `days` is how long data is kept."""
    language, letter, parts = row.language, _texts()["letters"][kind], _texts()["parts"]
    told = "".join(f"\n- {tell(wish, language)}" for wish in wishes)
    values = {
        "reference": row.reference,
        "kind": _texts()["kinds"][row.kind][language],
        "days": str(days),
        "wishes": f"\n\n{parts['wishes'][language]}{told}" if told else "",
        "appointment": tell_appointment(appointment, language) if appointment else "",
        "text": f"\n\n{text}" if text else "",
    }
    paragraphs = [parts["greeting"][language], _filled(letter[language].rstrip("\n"), values)]
    if cancelled:
        paragraphs.append(_filled(parts["cancelled"][language], values))
    paragraphs += [_filled(parts["reference"][language], values), parts["closing"][language]]
    return _filled(letter["subject"][language], values), "\n\n".join(paragraphs) + "\n"


def new_to_office(row: Any, given: Mapping[str, Any], wishes: Iterable[Wish]) -> tuple[str, str]:
    """Subject and text of the mail that tells the office of a new request."""
    kind = _texts()["kinds"][row.kind]["de"]
    return f"{kind} {row.reference}", "\n".join(_new_to_office(row, kind, given, list(wishes))) + "\n"


def withdrawn_to_office(row: Any) -> tuple[str, str]:
    """Subject and text of the mail that tells the office that a request is taken back."""
    kind = _texts()["kinds"][row.kind]["de"]
    text = f"Die Anfrage {row.reference} ({kind}) wurde zurückgezogen. Es ist nichts mehr zu tun.\n"
    return f"Zurückgezogen: {row.reference}", text + "Ein vereinbarter Termin ist damit abgesagt.\n"


def _new_to_office(row: Any, kind: str, given: Mapping[str, Any], wishes: list[Wish]) -> Iterator[str]:
    yield f"Über den Chat kam eine Anfrage: {kind}."
    yield ""
    yield f"Aktenzeichen: {row.reference}"
    yield f"Name: {given.get('name', '-')}"
    yield f"E-Mail: {given.get('email', '-')}"
    yield f"Telefon: {given.get('telephone', '-')}"
    yield f"Sprache: {_LANGUAGES.get(row.language, row.language)}"
    if "manner" in given:
        yield f"Gewünscht: {_MANNERS[given['manner']]}"
    if wishes:
        yield "Wunschtermine:"
        yield from (f"- {tell(wish, 'de')}" for wish in wishes)
    # Quoted: nothing that a citizen typed can be taken for a line of this mail.
    yield ""
    yield "Anliegen:"
    yield from (f"> {line}" for line in str(given.get("subject", "-")).split("\n"))
    if given.get("excerpt"):
        # Not here: in a mailbox it would outlive the request.
        yield ""
        yield "Zu dieser Anfrage gibt es in der Konsole einen Auszug aus dem Gespräch, mit Einverständnis."
    yield ""
    yield "Name, Adresse und Nummer sind nicht geprüft. Bearbeiten Sie die Anfrage in der Konsole, unter Anfragen."
    if given.get("email"):
        yield "Eine Antwort auf diese E-Mail geht an diese Adresse, ändert aber nichts am Stand in der Konsole."


def tell_appointment(appointment: Appointment, language: str) -> str:
    """Day, time and place, a line each."""
    since, until = (f"{moment:%H:%M}" for moment in (appointment.start, appointment.end))
    hours = _filled(_texts()["parts"]["hours"][language], {"since": since, "until": until})
    return "\n".join([tell_day(appointment.start.date(), language), hours, *filter(None, [appointment.place])])


def _filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its braces filled; braces in what the office wrote stay what they are."""
    for name, value in values.items():
        if name != "text":
            text = text.replace("{" + name + "}", value)
    return text.replace("{text}", values.get("text", ""))
