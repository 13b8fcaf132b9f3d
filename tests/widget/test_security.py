"""Nothing that a citizen, Rasa or content says becomes markup or a living link, whatever it looks like."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from playwright.sync_api import expect

from .conftest import Open, Stage

SCRIPTS = [
    "<script>window.hit = 1</script>",
    '<img src=x onerror="window.hit = 1">',
    "<svg onload=window.hit=1><circle r=9></svg>",
    "<svg><script>window.hit=1</script></svg>",
    '<iframe srcdoc="<script>parent.hit = 1</script>"></iframe>',
    '<a href="javascript:window.hit=1">hier</a>',
    "<b onmouseover=window.hit=1>fett</b>",
    "<style>* { background: url(//evil.example/) }</style>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input autofocus onfocus=window.hit=1></form>",
    "<details open ontoggle=window.hit=1>",
    '<math><mi xlink:href="javascript:window.hit=1">x</mi></math>',
    '"><script>window.hit=1</script>',
    "'-window.hit=1-'",
    "${window.hit=1}{{constructor.constructor('window.hit=1')()}}",
    "</textarea><script>window.hit=1</script>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;",
    "<template shadowrootmode=open><img src=x onerror=window.hit=1></template>",
    '<object data="javascript:window.hit=1"></object>',
    '<meta http-equiv=refresh content="0;url=javascript:window.hit=1">',
    "\u202e<img src=x onerror=window.hit=1>\u0000",
]
ADDRESSES = [
    "javascript:window.hit=1",
    "JaVaScRiPt:window.hit=1",
    " javascript:window.hit=1",
    "java\tscript:window.hit=1",
    "\u0001javascript:window.hit=1",
    "data:text/html,<script>window.hit=1</script>",
    "vbscript:msgbox(1)",
    "blob:http://127.0.0.1/1",
    "file:///etc/passwd",
    "//evil.example/x",
    "/datenschutz",
    "filesystem:http://127.0.0.1/x",
    "https://",
    "",
]
MARKDOWN = [
    "[hier]({address})",
    "[**hier**]({address})",
    "![Bild]({address})",
    "<{address}>",
    "[x]: {address}",
]


def _message(**fields: Any) -> dict[str, Any]:
    return {"text": "", "language": "de", "buttons": [], "links": [], "source": None, **fields}


def _is_harmless(chat: Any) -> None:
    """No script ran, nothing was loaded, no link lives that may not; pressed and hovered as well."""
    for link in chat.element.locator(".list a").all():
        assert str(link.get_attribute("href")).startswith(("https://", "http://", "mailto:", "tel:"))
        assert "noopener" in str(link.get_attribute("rel"))
    made = chat.log.evaluate(
        """log => [...log.querySelectorAll("*")].filter(one =>
             !["OL", "UL", "LI", "P", "SPAN", "DIV", "TIME", "A", "STRONG", "EM", "BUTTON", "svg", "path", "FORM",
               "LABEL", "INPUT"].includes(one.tagName)
             || [...one.attributes].some(attribute => attribute.name.startsWith("on"))).map(one => one.outerHTML)"""
    )
    assert made == []
    assert chat.page.evaluate("window.hit") is None
    assert chat.page.url.rstrip("/").count("/") == 2


def test_what_a_citizen_writes_stays_text(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    for text in [*SCRIPTS, *[one.format(address="javascript:window.hit=1") for one in MARKDOWN]]:
        chat.say(text)
        shown = chat.element.locator(".own .bubble").last.text_content()
        assert shown == text
    _is_harmless(chat)
    chat.page.reload()
    chat.launcher.click()
    expect(chat.element.locator(".own")).to_have_count(len(SCRIPTS) + len(MARKDOWN))
    _is_harmless(chat)


def test_what_rasa_says_stays_text(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    for text in SCRIPTS:
        title = text.replace("\u0000", "")
        stage.rasa.messages = [
            _message(
                text=f"{text}\n- {text}\n**{text}**",
                buttons=[{"title": title, "payload": "/greet"}],
                links=[{"title": title, "url": 'https://www.krefeld.de/"><script>window.hit=1</script>'}],
                source={"title": title, "url": "https://www.krefeld.de/", "as_of": text, "dated": True, "read": text},
            )
        ]
        chat.say("Echo")
        assert text in str(chat.answers.last.locator(".bubble p").first.text_content())
        assert title in str(chat.answers.last.locator(".choice").text_content())
        chat.answers.last.hover()
    _is_harmless(chat)


def test_a_pressed_button_shows_its_title_as_text(open_page: Open, stage: Stage) -> None:
    stage.rasa.messages = [_message(text="Wählen Sie", buttons=[{"title": SCRIPTS[1], "payload": "/greet"}])]
    chat = open_page("/")
    chat.open()
    chat.answers.last.locator(".choice").click()
    expect(chat.element.locator(".own .bubble")).to_have_text(SCRIPTS[1])
    _is_harmless(chat)


@pytest.mark.parametrize("form", MARKDOWN)
def test_links_in_texts_live_only_when_they_may(open_page: Open, stage: Stage, form: str) -> None:
    chat = open_page("/")
    chat.open()
    stage.rasa.messages = [_message(text="\n".join(form.format(address=address) for address in ADDRESSES))]
    chat.say("Links")
    assert chat.answers.last.locator("a").count() == 0
    _is_harmless(chat)


def test_links_and_sources_live_only_when_they_may(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.open()
    for address in ADDRESSES:
        source = {"title": "Quelle", "url": address, "as_of": "2025", "dated": True, "read": "2026-11-23"}
        stage.rasa.messages = [_message(text="x", links=[{"title": "Verweis", "url": address}], source=source)]
        chat.say("Links")
        assert chat.answers.last.locator("a").count() == 0, address
        expect(chat.answers.last.locator(".source")).to_contain_text("Quelle: Quelle")
    _is_harmless(chat)


def test_the_widget_itself_lets_no_bad_link_live(open_page: Open) -> None:
    """Even if a gateway let one pass."""
    chat = open_page("/")
    made = chat.page.evaluate(
        """async (addresses) => {
          const { version } = await (await fetch("/widget/manifest.json")).json();
          const { link } = await import(`/widget/${version}/elements.js`);
          return addresses.map((address) => link("Titel", address).nodeType);
        }""",
        ADDRESSES,
    )
    assert set(made) == {3}, "text nodes only"


@pytest.mark.parametrize(
    "attribute", ["name", "hint", "logo", "color", "accent", "privacy", "host", "position", "lang"]
)
def test_attributes_of_the_element_stay_text(open_page: Open, stage: Stage, attribute: str) -> None:
    for text in [SCRIPTS[0], SCRIPTS[1], ADDRESSES[0], "#fff;background:url(//evil.example)"]:
        quoted = text.replace("&", "&amp;").replace('"', "&quot;")
        stage.website.body = f'<smartcity-chat {attribute}="{quoted}"></smartcity-chat>'
        chat = open_page(stage.site, quiet=attribute != "logo")
        expect(chat.launcher).to_be_visible()
        chat.open()
        assert chat.page.evaluate("window.hit") is None
        assert "evil" not in str(chat.element.locator(".root").get_attribute("style"))


def test_what_a_page_left_in_the_store_is_no_markup(open_page: Open) -> None:
    """Another script of the same origin may write there; it gains nothing by it here."""
    entries = [
        {"who": "you", "text": SCRIPTS[1], "said": {"text": "x"}, "key": "k", "state": "done", "id": 1, "time": 0},
        {
            "who": "assistant",
            "id": 2,
            "time": 0,
            "rating": "none",
            "message": _message(
                text=SCRIPTS[1], links=[{"title": SCRIPTS[0], "url": ADDRESSES[0]}], answer=None, known=True, id="1"
            ),
        },
    ]
    chat = open_page("/datenschutz")
    chat.page.evaluate(
        "entries => sessionStorage.setItem(`smartcity-chat ${location.origin}`,"
        " JSON.stringify({session: 's', next: 3, language: 'de', entries}))",
        entries,
    )
    chat.page.goto(chat.page.url.replace("datenschutz", ""))
    chat.launcher.click()
    expect(chat.entries).to_have_count(2)
    _is_harmless(chat)


def test_metadata_of_a_client_reaches_nobody(open_page: Open, stage: Stage) -> None:
    """Fields that our chat does not send are refused, so no page can choose sender or channel."""
    chat = open_page("/", quiet=False)
    chat.open()
    answers = chat.page.evaluate(
        """async () => {
          const { session } = await (await fetch("/chat/sessions", { method: "POST" })).json();
          const headers = { "Content-Type": "application/json", Authorization: `Bearer ${session}` };
          const bodies = [{ text: "x", sender: "web:1" }, { text: "x", metadata: {} }, { text: "x", channel: "y" }];
          const say = (body) => fetch("/chat/messages", { method: "POST", headers, body: JSON.stringify(body) });
          return Promise.all(bodies.map(async (body) => (await say(body)).status));
        }"""
    )
    assert answers == [422, 422, 422]
    assert all(set(sent) == {"sender", "channel", "language", "key", "payload"} for sent in stage.rasa.received)


def test_a_session_of_one_origin_is_worth_nothing_on_another(open_page: Open, stage: Stage) -> None:
    chat = open_page("/", quiet=False)
    chat.open()
    chat.say("Hallo")
    stored = chat.page.evaluate("JSON.parse(Object.values(sessionStorage)[0]).session")
    chat.page.goto(stage.site)
    status = chat.page.evaluate(
        """async ([gateway, session]) => {
          const headers = { "Content-Type": "application/json", Authorization: `Bearer ${session}` };
          const asked = { method: "POST", headers, body: JSON.stringify({ text: "Was schrieb er?" }) };
          return (await fetch(`${gateway}/chat/messages`, asked)).status;
        }""",
        [stage.gateway, stored],
    )
    assert status == 403


def test_two_sessions_never_share_a_word(open_page: Open, stage: Stage) -> None:
    one, other = open_page("/"), open_page("/")
    one.open()
    other.open()
    for chat, word in ((one, "Alpha"), (other, "Beta")):
        stage.rasa.messages = [_message(text=f"Antwort {word}")]
        chat.say(f"Frage {word}")
    assert "Beta" not in one.log.inner_text()
    assert "Alpha" not in other.log.inner_text()
    senders = {sent["sender"] for sent in stage.rasa.received}
    assert len(senders) == 2
    said = [(sent["sender"], sent["text"]) for sent in stage.rasa.received if "text" in sent]
    assert len({sender for sender, _ in said}) == 2


def test_no_script_of_the_chat_can_write_markup() -> None:
    from smartcity.gateway.pages import FOLDER as PAGES
    from smartcity.gateway.widget import FOLDER as WIDGET

    unwanted = (
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "new Function",
        "setHTML",
        "srcdoc",
        "localStorage",
        "indexedDB",
        "document.cookie",
    )
    for path in itertools.chain(WIDGET.glob("*.js"), PAGES.glob("*.js")):
        text = path.read_text("utf-8")
        assert not [word for word in unwanted if word in text], path.name
