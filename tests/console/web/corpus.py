"""Texts that break pages which do not escape: tags, attributes, addresses, signs that nobody sees."""

from __future__ import annotations

MARK = "xss7"
"""Stands in every text, so that a test knows that the text was shown at all."""

TEXTS = tuple(
    f"{MARK} {text}"
    for text in (
        "<script>window.hacked=1</script>",
        "<img src=x onerror=window.hacked=1>",
        '"><svg onload=window.hacked=1>',
        "'><svg/onload='window.hacked=1'>",
        "</textarea><script>window.hacked=1</script>",
        "</title></style></script><script>window.hacked=1</script>",
        '" autofocus onfocus="window.hacked=1',
        "[click](javascript:window.hacked=1)",
        "[click](JaVaScRiPt:window.hacked=1)",
        "[click](data:text/html,<script>window.hacked=1</script>)",
        '[click](https://x.example/"onmouseover="window.hacked=1)',
        "[<img src=x onerror=window.hacked=1>](https://x.example)",
        "**<b onclick=window.hacked=1>x</b>** *<i>x</i>*",
        "https://x.example/<script>window.hacked=1</script>",
        "{{ 7*7 }} {% include 'base.html' %} ${7*7} #{7*7}",
        "&lt;script&gt;window.hacked=1&lt;/script&gt;",
        "<!--><script>window.hacked=1</script-->",
        "<a href='javascript:window.hacked=1'>x</a>",
        "\u202e<script>\u2066 right to left",
        "1. <li><script>window.hacked=1</script>\n2. x\n- <ul>",
        "{}{0}{key}%s%d%(x)s",
    )
)
ADDRESSES = (
    "javascript:window.hacked=1",
    " javascript:window.hacked=1",
    "java\nscript:window.hacked=1",
    "JAVASCRIPT:window.hacked=1",
    "data:text/html,<script>window.hacked=1</script>",
    "vbscript:x",
    "//x.example",
    "/accounts",
    'https://x.example/"><script>window.hacked=1</script>',
    "https://x.example/\x01",
    "",
)
BROKEN = (
    "",
    "null",
    "{",
    "[",
    "0",
    '"text"',
    '[1, null, "x", [], {}]',
    "[{}]",
    '{"a": 1}',
    "NaN",
    "\x00",
    "[" * 5000,
    '[{"text": {"a": 1}, "links": "x", "buttons": [null, 1], "source": []}]',
    '[{"text": "\\ud800 \\u0000", "links": [{"url": ["javascript:1"]}], "source": {"url": 7, "title": null}}]',
    '[{"entity": 1, "value": null, "start": -5, "end": 10e3}, {"start": true, "end": "x"}]',
)
"""What stands where JSON should."""
