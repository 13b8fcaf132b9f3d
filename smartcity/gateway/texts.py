"""What the gateway itself says, in German and English, and the language of a request."""

from __future__ import annotations

import json
from importlib import resources

from starlette.datastructures import Headers
from starlette.types import Scope

LANGUAGES = ("de", "en", "de-simple")
DEFAULT_LANGUAGE = "de"

OFFICE: dict[str, str] = json.loads(resources.files(__package__).joinpath("office.json").read_text("utf-8"))
"""Telephone and e-mail of the office that helps when nothing else works, as `smartcity content emergency` wrote them:
the gateway knows no content, and must say this when nobody who does can be asked."""

_ELSEWHERE = (
    "Das Smart-City-Büro erreichen Sie unter {phone} oder {email}, die Stadt Krefeld über www.krefeld.de.",
    "You can reach the Smart City office at {phone} or {email}, the City of Krefeld through www.krefeld.de.",
    "Das Smart-City-Büro hilft Ihnen auch. Die Telefon-Nummer ist: {phone}. Die E-Mail-Adresse ist: {email}. "
    "Die Stadt hat auch eine Internet-Seite: www.krefeld.de.",
)


def _with_office(*sentences: str) -> tuple[str, ...]:
    """The sentences, each with where else to ask."""
    return tuple(f"{said} {elsewhere.format(**OFFICE)}" for said, elsewhere in zip(sentences, _ELSEWHERE))


SENTENCES: dict[str, tuple[str, ...]] = {
    "unavailable": _with_office(
        "Der Assistent ist gerade nicht erreichbar. Bitte versuchen Sie es gleich noch einmal.",
        "The assistant cannot be reached just now. Please try again in a moment.",
        "Das Programm geht gerade nicht. Bitte versuchen Sie es gleich noch einmal.",
    ),
    "busy": _with_office(
        "Gerade fragen sehr viele Menschen. Bitte versuchen Sie es in {retry_after} Sekunden noch einmal.",
        "Very many people are asking just now. Please try again in {retry_after} seconds.",
        "Gerade fragen sehr viele Menschen. Bitte warten Sie kurz. Versuchen Sie es dann noch einmal.",
    ),
    "stopping": _with_office(
        "Der Assistent wird gerade neu gestartet. Bitte versuchen Sie es in {retry_after} Sekunden noch einmal.",
        "The assistant is being restarted. Please try again in {retry_after} seconds.",
        "Das Programm startet gerade neu. Bitte warten Sie kurz. Versuchen Sie es dann noch einmal.",
    ),
    "switched_off": _with_office(
        "Der Assistent ist im Moment ausgeschaltet. Bitte versuchen Sie es später noch einmal.",
        "The assistant is switched off at the moment. Please try again later.",
        "Das Programm ist ausgeschaltet. Bitte versuchen Sie es später noch einmal.",
    ),
    "internal": _with_office(
        "Das hat leider nicht geklappt; der Fehler liegt bei uns. Bitte versuchen Sie es noch einmal.",
        "Sorry, that did not work, and the fault is ours. Please try again.",
        "Das hat leider nicht geklappt. Bitte versuchen Sie es noch einmal.",
    ),
    "too_many_messages": (
        "Das waren viele Nachrichten in kurzer Zeit. Bitte warten Sie {retry_after} Sekunden.",
        "That was a lot of messages in a short time. Please wait {retry_after} seconds.",
    ),
    "too_many_requests": (
        "Von Ihrem Anschluss kommen gerade sehr viele Anfragen. Bitte warten Sie {retry_after} Sekunden.",
        "Very many requests are coming from your connection. Please wait {retry_after} seconds.",
    ),
    "too_long": (
        "Die Nachricht ist zu lang. Bitte schreiben Sie höchstens {limit} Zeichen.",
        "The message is too long. Please write at most {limit} characters.",
    ),
    "blank": ("Bitte schreiben Sie zuerst eine Nachricht.", "Please write a message first."),
    "body_too_large": (
        "Die Anfrage ist zu groß. Erlaubt sind höchstens {limit} Bytes.",
        "The request is too large. At most {limit} bytes are allowed.",
    ),
    "body_too_slow": (
        "Die Anfrage kam nicht rechtzeitig an. Bitte senden Sie sie noch einmal.",
        "The request did not arrive in time. Please send it again.",
    ),
    "not_json": (
        "Bitte senden Sie JSON mit dem Kopf 'Content-Type: application/json'.",
        "Please send JSON with the header 'Content-Type: application/json'.",
    ),
    "malformed_json": (
        "Der Inhalt ist kein gültiges JSON. Bitte prüfen Sie Klammern, Anführungszeichen und UTF-8.",
        "The body is not valid JSON. Please check brackets, quotes and UTF-8.",
    ),
    "not_an_object": (
        "Der Inhalt muss ein JSON-Objekt sein, zum Beispiel {example}.",
        "The body must be a JSON object, for example {example}.",
    ),
    "unknown_key": (
        "Das Feld '{key}' gibt es hier nicht. Bekannt sind: {known}.",
        "There is no field '{key}' here. Known are: {known}.",
    ),
    "unknown_language": (
        "Die Sprache gibt es nicht. Bekannt sind: {known}.",
        "There is no such language. Known are: {known}.",
    ),
    "wrong_type": (
        "Das Feld '{key}' muss eine Zeichenkette sein.",
        "The field '{key}' must be a string.",
    ),
    "text_or_payload": (
        "Bitte senden Sie genau eines von beiden: 'text' oder 'payload'.",
        "Please send exactly one of the two: 'text' or 'payload'.",
    ),
    "bad_payload": (
        "Diese Schaltfläche gilt hier nicht. Bitte nutzen Sie eine aus diesem Gespräch oder schreiben Sie Ihre Frage.",
        "This button is not valid here. Please use one of this conversation or write your question.",
    ),
    "bad_key": (
        "Der Kopf 'Idempotency-Key' hat 1 bis 64 Zeichen: A bis Z, a bis z, 0 bis 9, Unterstrich und Bindestrich.",
        "The header 'Idempotency-Key' has 1 to 64 characters: A to Z, a to z, 0 to 9, underscore and hyphen.",
    ),
    "key_reused": (
        "Dieser 'Idempotency-Key' gehört zu einer anderen Nachricht. Bitte nehmen Sie für jede einen neuen.",
        "This 'Idempotency-Key' belongs to another message. Please use a new one for each.",
    ),
    "bad_rating": (
        "Das Feld 'rating' muss einen dieser Werte haben: {known}.",
        "The field 'rating' must have one of these values: {known}.",
    ),
    "unknown_message": (
        "Diese Antwort gibt es in diesem Gespräch nicht.",
        "There is no such answer in this conversation.",
    ),
    "no_session": (
        (
            "Es fehlt die Sitzung. Bitte beginnen Sie eine mit POST /chat/sessions und senden Sie sie als "
            "'Authorization: Bearer <session>'."
        ),
        (
            "The session is missing. Please start one with POST /chat/sessions and send it as "
            "'Authorization: Bearer <session>'."
        ),
    ),
    "bad_session": (
        "Diese Sitzung ist ungültig. Bitte beginnen Sie ein neues Gespräch.",
        "This session is not valid. Please start a new conversation.",
    ),
    "session_ended": (
        "Dieses Gespräch ist beendet und gelöscht. Bitte beginnen Sie ein neues.",
        "This conversation has ended and was deleted. Please start a new one.",
    ),
    "session_expired": (
        "Dieses Gespräch ist abgelaufen. Bitte beginnen Sie ein neues.",
        "This conversation has expired. Please start a new one.",
    ),
    "foreign_session": (
        "Diese Sitzung wurde für eine andere Website begonnen. Bitte beginnen Sie ein neues Gespräch.",
        "This session was started for another website. Please start a new conversation.",
    ),
    "bad_signature": (
        "Die Unterschrift dieser Anfrage fehlt, ist falsch oder zu alt.",
        "The signature of this request is missing, wrong or too old.",
    ),
    "origin_not_allowed": (
        "Diese Website darf den Assistenten nicht nutzen. Wer ihn betreibt, kann sie mit SMARTCITY_ORIGINS zulassen.",
        "This website may not use the assistant. Its operator can allow it with SMARTCITY_ORIGINS.",
    ),
    "no_browsers": (
        "Diese Schnittstelle ist für Server. Ein API-Schlüssel gehört nicht in einen Browser.",
        "This interface is for servers. An API key does not belong in a browser.",
    ),
    "no_api_key": (
        "Es fehlt der API-Schlüssel. Bitte senden Sie ihn als 'Authorization: Bearer <key>'.",
        "The API key is missing. Please send it as 'Authorization: Bearer <key>'.",
    ),
    "bad_api_key": (
        "Dieser API-Schlüssel gilt nicht. Bitte fragen Sie, wer den Assistenten betreibt.",
        "This API key is not valid. Please ask the operator of the assistant.",
    ),
    "scope_missing": (
        "Dieser API-Schlüssel darf das nicht. Es fehlt das Recht '{scope}'.",
        "This API key may not do that. It lacks the scope '{scope}'.",
    ),
    "unknown_conversation": (
        "Dieses Gespräch gibt es nicht. Bitte beginnen Sie eines mit POST /api/v1/conversations.",
        "There is no such conversation. Please start one with POST /api/v1/conversations.",
    ),
    "unknown_content": (
        "Dazu gibt es keinen Eintrag. Alle stehen unter GET /api/v1/content.",
        "There is no such entry. GET /api/v1/content lists them all.",
    ),
    "bad_user": (
        "Das Feld 'user' hat 1 bis {limit} Zeichen.",
        "The field 'user' has 1 to {limit} characters.",
    ),
    "bad_cursor": (
        "Der Parameter 'after' muss eine ganze Zahl sein, wie sie in 'exchange' steht.",
        "The parameter 'after' must be a whole number as it stands in 'exchange'.",
    ),
    "bad_query": (
        "Den Parameter gibt es hier nicht, oder er kommt mehrmals. Bekannt sind: {known}.",
        "There is no such parameter here, or it comes more than once. Known are: {known}.",
    ),
    "no_callback": (
        "Zu diesem API-Schlüssel ist keine Adresse für Rückrufe hinterlegt.",
        "No callback address is registered with this API key.",
    ),
    "not_a_flag": (
        "Das Feld '{key}' muss true oder false sein.",
        "The field '{key}' must be true or false.",
    ),
    "too_many_calls": (
        "Mit diesem API-Schlüssel kamen viele Anfragen in kurzer Zeit. Bitte warten Sie {retry_after} Sekunden.",
        "This API key was used a lot in a short time. Please wait {retry_after} seconds.",
    ),
    "too_many_callbacks": (
        "Für diesen API-Schlüssel warten zu viele Rückrufe. Bitte versuchen Sie es in {retry_after} Sekunden.",
        "Too many callbacks are waiting for this API key. Please try again in {retry_after} seconds.",
    ),
    "not_found": (
        "Diese Seite gibt es nicht. Der Assistent ist unter / zu finden.",
        "There is no such page. The assistant is found at /.",
    ),
    "method_not_allowed": (
        "Diese Adresse nimmt nur: {known}.",
        "This address takes only: {known}.",
    ),
    "bad_request": (
        "Diese Anfrage war nicht zu verstehen. Bitte prüfen Sie sie.",
        "This request could not be understood. Please check it.",
    ),
}


def sentence(code: str, language: str, **values: object) -> str:
    """The sentence for an error code in this language; in German where there is none."""
    said = SENTENCES[code]
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    return (said[place] if place < len(said) else said[0]).format(**values)


def language_of(scope: Scope) -> str:
    """The language to answer an error in: the session's or the body's, else the browser's, else German."""
    known = scope.get("state", {}).get("language")
    if known in LANGUAGES:
        return str(known)
    return _preferred(Headers(scope=scope).get("accept-language", ""))


def _preferred(header: str) -> str:
    best, weight = DEFAULT_LANGUAGE, 0.0
    for part in header[:200].split(","):
        tag, _, quality = part.partition(";q=")
        language = tag.strip().lower().split("-")[0]
        try:
            value = float(quality or 1)
        except ValueError:
            continue
        if language in ("de", "en") and value > weight:
            best, weight = language, value
    return best
