"""The little Markdown of answers as the chat shows it: paragraphs, lists, strong, emphasis, links."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

SAFE_LINKS = ("https://", "http://", "mailto:", "tel:")

_INLINE = re.compile(
    r"\[(?P<title>[^\[\]\n]{1,200})\]\((?P<address>[^()\s]{1,2000})\)"
    r"|\*\*(?=\S)(?P<strong>[^*\n]+?)(?<=\S)\*\*"
    r"|(?<![\w*])\*(?=\S)(?P<emphasis>[^*\n]+?)(?<=\S)\*(?![\w*])"
    r"|(?<![\w:/.-])(?P<url>https?://[^\s<>\"„“”()]+[^\s<>\"„“”().,;:!?])",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-*•]|(?P<number>\d{1,2})[.)])\s+(?P<text>.*)")


def is_safe(address: object) -> bool:
    """Whether an address may be a link; anything else is shown as text."""
    return (
        isinstance(address, str)
        and address.isprintable()
        and not any(sign.isspace() for sign in address)
        and address.lower().startswith(SAFE_LINKS)
    )


def link(title: str, address: str) -> Markup:
    """A link that tells the other site nothing of this one; unsafe ones as text."""
    if not is_safe(address):
        return escape(title if title == address else f"{title} ({address})")
    return Markup('<a href="{}" rel="noopener noreferrer external">{}</a>').format(address, title)


def markdown(text: object) -> Markup:
    """The text as HTML; all of it is escaped but what is made here."""
    made, kind = [], ""
    for line in str(text or "").split("\n"):
        item = _ITEM.fullmatch(line)
        wanted = "" if item is None else "ol" if item["number"] else "ul"
        if wanted != kind:
            made += [Markup(f"</{kind}>")] if kind else []
            if wanted == "ol" and item:
                made.append(Markup('<ol start="{}">').format(int(item["number"])))
            elif wanted:
                made.append(Markup("<ul>"))
            kind = wanted
        if item:
            made.append(Markup("<li>{}</li>").format(_inline(item["text"])))
        elif line.strip():
            made.append(Markup("<p>{}</p>").format(_inline(line.strip())))
    made += [Markup(f"</{kind}>")] if kind else []
    return Markup("").join(made)


def _inline(text: str) -> Markup:
    parts, end = [], 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[end : found.start()]))
        end = found.end()
        if found["title"]:
            parts.append(link(found["title"], found["address"]))
        elif found["strong"]:
            parts.append(Markup("<strong>{}</strong>").format(found["strong"]))
        elif found["emphasis"]:
            parts.append(Markup("<em>{}</em>").format(found["emphasis"]))
        else:
            parts.append(link(found["url"], found["url"]))
    parts.append(escape(text[end:]))
    return Markup("").join(parts)
