"""What nobody decent sends: messages and whole bodies, the same ones each time, by class."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Callable, Dict, Iterator, List, Tuple

MEGABYTE = 1_000_000
LONGEST = 1_000
"""SMARTCITY_MAX_TEXT: most classes fill it."""


@dataclass(frozen=True)
class Hostile:
    """A body for POST /chat/messages."""

    kind: str
    body: bytes
    content_type: str = "application/json"


Make = Callable[[random.Random], str]
_NAMES = ("KRuiser", "Maak et", "CodingSchool", "LoRaWAN", "SWCAR", "Glasfaser", "Handyparken", "Personalausweis")


def _text(text: str) -> bytes:
    return json.dumps({"text": text}).encode()


def _some(chance: random.Random, signs: str, most: int = LONGEST) -> str:
    return "".join(chance.choices(signs, k=chance.randint(1, most)))


def _mixed(chance: random.Random, signs: str) -> str:
    """Signs strewn into a real question."""
    question = f"Was kostet {chance.choice(_NAMES)} und gibt es das noch?"
    return "".join(sign + (chance.choice(signs) if chance.random() < 0.4 else "") for sign in question)


_CONTROL = "".join(map(chr, [*range(1, 32), 127, *range(128, 160)]))
_DIRECTION = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u3164\ufe0f\U000e0041"
_EMOJI = "😀👍🏽👨‍👩‍👧‍👦🇩🇪🏳️‍🌈☃️💩🫠"
_COMBINING = "".join(map(chr, range(0x300, 0x36F)))
_SCRIPTS = "例え🈂अआبتחтестไทย한국어ßẞıİſﬃ𝔎𝔯𝔲𝔦𝔰𝔢𝔯①Ⅷ℀"

_REGEX_BOMBS = (
    "(a+)+$", "(a|a)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(?:.*){20}", "a" * 900 + "!", "0" * 500 + ",", "1.1." * 200,
    "02151" + "-" * 400 + "x", "a@" * 300, "http://" * 120, "x" * 60 + "@" + "y." * 400, "49 " * 300, "DE" + "1" * 300,
    "Straße " * 140, " " * 400 + "a" + " " * 400, "\n" * 500 + "a", "Herr " * 190, "3.12. um 14 Uhr " * 60,
    "nächsten " * 110, "von 9 bis " * 99,
)  # fmt: skip
_SQL = (
    "'; DROP TABLE events; --", "' OR '1'='1", '"; DELETE FROM events WHERE ""="', "1 UNION SELECT data FROM events",
    "%' AND 1=(SELECT pg_sleep(10)) --", "admin'/*", "\\'; COPY events TO PROGRAM 'id'; --", "Robert'); --",
    ":sender_id", "%(name)s", "%s%s%s%n", "?1", "x'4142'",
)  # fmt: skip
_TEMPLATES = (
    "{{7*7}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{% for x in ().__class__.__base__.__subclasses__() %}", "{0}",
    "{text}", "{feedback}", "{__class__}", "{topic.__init__.__globals__}", "$${SMARTCITY_SECRET}", "${jndi:ldap://x}",
    "<script>alert(1)</script>", "[x](javascript:alert(1))", "{", "}", "{}", "{!r}", "{:>999999999}",
)  # fmt: skip
_RASA = (
    "/restart", "/session_start", "/back", "/greet", '/ask_cost{"initiative": "kruiser"}', "/deny", "/nlu_fallback",
    'EXTERNAL: {"a": 1}', "_restart", "/ask_cost@0.5{}", " /restart", "\u200b/restart", "//restart", "/inform{",
    '/ask_cost{"initiative": [[[[]]]]}', "∕restart", "/action_listen", "/file_request", "/" * 900, "/out_of_scope" * 60,
    '/ask_cost{"feedback": {"rating": "up"}}', "⁄greet", "/greet{\"language\": \"xx\"}",
)  # fmt: skip

TEXTS: Dict[str, Make] = {
    "control characters": lambda c: _mixed(c, _CONTROL) if c.random() < 0.5 else _some(c, _CONTROL),
    "direction marks": lambda c: _mixed(c, _DIRECTION) if c.random() < 0.5 else _some(c, _DIRECTION + "abc"),
    "invisible signs": lambda c: _mixed(c, _INVISIBLE) if c.random() < 0.5 else _some(c, _INVISIBLE),
    "one letter": lambda c: c.choice("aäßAß0.,-_!?🙂 \n\u0301") * c.choice((1, 17, 500, LONGEST)),
    "emoji": lambda c: _some(c, _EMOJI, 500),
    "combining marks": lambda c: "".join(
        letter + _some(c, _COMBINING, 60) for letter in c.choice(_NAMES)
    )[:LONGEST],
    "scripts": lambda c: _some(c, _SCRIPTS),
    "any signs": lambda c: "".join(chr(c.choice(_PLANES)(c)) for _ in range(c.randint(1, 400))),
    "regular expressions": lambda c: c.choice(_REGEX_BOMBS)[:LONGEST],
    "SQL": lambda c: _framed(c, c.choice(_SQL)),
    "templates": lambda c: _framed(c, c.choice(_TEMPLATES)),
    "Rasa's payloads": lambda c: c.choice(_RASA)[:LONGEST],
    "random words": lambda c: " ".join(_some(c, "abcdefghiklmnoprstuwz", 14) for _ in range(120))[:LONGEST],
    "one random word": lambda c: _some(c, "abcdefghijklmnopqrstuvwxyzäöüß"),
    "names without end": lambda c: " ".join(c.choices(_NAMES, k=120))[:LONGEST],
    "names run together": lambda c: "".join(c.choices(_NAMES, k=120))[:LONGEST],
    "questions without end": lambda c: ("Was kostet der KRuiser? Und wo ist das Büro? " * 30)[:LONGEST],
    "single letters": lambda c: " ".join(_some(c, "abcdefghijkl", 1) for _ in range(500))[:LONGEST],
    "numbers": lambda c: _some(c, "0123456789 .,-/+:", LONGEST),
    "far too long": lambda c: "a" * c.choice((LONGEST + 1, 5_000, 16_000)),
}  # fmt: skip
"""Texts of all kinds; those that are well-formed reach Rasa."""

_PLANES: Tuple[Callable[[random.Random], int], ...] = (
    lambda c: c.randint(0x20, 0x7E),
    lambda c: c.randint(0xA0, 0xD7FF),
    lambda c: c.randint(0xE000, 0xFFFF),
    lambda c: c.randint(0x10000, 0x10FFFF),
)


def _framed(chance: random.Random, bomb: str) -> str:
    return chance.choice(("{}", "Was kostet {}?", "Ich heiße {} und suche den KRuiser", "{} {}")).replace("{}", bomb)


def _deep(chance: random.Random) -> bytes:
    depth = chance.choice((20, 900, 5_000, 7_000))
    return chance.choice(
        (b"[" * depth + b"]" * depth, b'{"text":' * (depth // 4) + b'"a"' + b"}" * (depth // 4), b"[" * depth)
    )


def _broken_utf8(chance: random.Random) -> bytes:
    bad = chance.choice(
        (
            b"\xff",
            b"\xc3",
            b"\xe2\x82",
            b"\xc0\xaf",
            b"\xed\xa0\x80",
            b"\xf8\x88\x80\x80\x80",
            b"\xf4\x90\x80\x80",
            b"\x00",
        )
    )
    return b'{"text": "gr' + bad * chance.randint(1, 50) + b'n"}'


def _escapes(chance: random.Random) -> bytes:
    """Half surrogate pairs and zeros, as JSON allows them."""
    signs = ("\\ud800", "\\udfff", "\\u0000", "\\ud83d\\ude00", "\\uffff", "\\u202e", "\\ud800\\ud800")
    return b'{"text": "KRuiser ' + "".join(chance.choices(signs, k=chance.randint(1, 100))).encode() + b'"}'


def _types(chance: random.Random) -> bytes:
    values = (
        "null", "true", "1e999", "-0", "NaN", "Infinity", "[]", "{}", '["a"]', "9" * 5_000, '{"text": "a"}',
        "0.1e-9999",
    )  # fmt: skip
    key = chance.choice(("text", "payload", "language", "sender", "metadata", "__proto__", "", "\\u0000", "a" * 3_000))
    return f'{{"{key}": {chance.choice(values)}}}'.encode()


def _pieces(chance: random.Random) -> bytes:
    whole = b'{"text": "Was ist der KRuiser?", "language": "de"}'
    place = chance.randrange(len(whole))
    return chance.choice(
        (whole[:place], whole + whole, whole[place:], whole.replace(b'"', b"'"), b"", b"\xef\xbb\xbf" + whole)
    )


def _payloads(chance: random.Random) -> bytes:
    """Buttons that nobody was given."""
    forged = (
        "/greet", "x", "", "." * 500, "eyJhIjoxfQ.x.y", "/restart", "\u0000", "a.b", "WyIvcmVzdGFydCJd." + "A" * 43,
    )  # fmt: skip
    return json.dumps({"payload": chance.choice(forged)}).encode()


def _large(chance: random.Random) -> bytes:
    return _text(chance.choice("aß🙂 \n") * MEGABYTE)[: MEGABYTE + 20]


BODIES: Dict[str, Callable[[random.Random], bytes]] = {
    "deep JSON": _deep,
    "broken UTF-8": _broken_utf8,
    "escapes": _escapes,
    "wrong types": _types,
    "pieces": _pieces,
    "forged payloads": _payloads,
    "1 MB of one letter": _large,
}
KINDS = (*TEXTS, *BODIES, "content types")
_CONTENT_TYPES = (
    "text/plain", "application/json; charset=utf-16", "multipart/form-data; boundary=x", "", "application/json;" * 50,
    "application/x-www-form-urlencoded", "application/xml",
)  # fmt: skip


def hostile(number: int, seed: int = 1, without: Tuple[str, ...] = ()) -> Iterator[Hostile]:
    """So many messages, each class in its turn."""
    chance = random.Random(seed)
    kinds: List[str] = [kind for kind in KINDS if kind not in without]
    for place in range(number):
        kind = kinds[place % len(kinds)]
        if kind in TEXTS:
            yield Hostile(kind, _text(TEXTS[kind](chance)))
        elif kind in BODIES:
            yield Hostile(kind, BODIES[kind](chance))
        else:
            yield Hostile(kind, _text("Was ist der KRuiser?"), chance.choice(_CONTENT_TYPES))
