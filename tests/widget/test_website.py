"""What docs/website.md promises to the city's web team, on a website of another origin."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from smartcity.gateway.widget import FOLDER, read_files, snippet

from .conftest import Open, Stage

DOCS = Path(__file__).parent.parent.parent / "docs" / "website.md"


def test_one_tag_is_enough_under_the_strictest_policy(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site)
    chat.open()
    chat.say("Gibt es den KRuiser noch?")
    chat.button("Hilfreich").last.click()
    chat.button("English").click()
    chat.button("Settings and conversation").click()
    chat.button("End or delete conversation").click()
    expect(chat.element.get_by_role("heading", name="End conversation")).to_be_visible()


def test_the_policy_tested_is_the_policy_documented(stage: Stage) -> None:
    policy = stage.website.policy.replace(stage.gateway, "https://chat.example.org")
    assert policy in re.sub(r"\s+", " ", DOCS.read_text("utf-8"))


def test_the_pinned_version_loads_with_integrity(open_page: Open, stage: Stage) -> None:
    pinned = snippet(stage.gateway, read_files(FOLDER)).split("-->")[2]
    stage.website.head, stage.website.body = (
        pinned.rsplit("<smartcity-chat>", 1)[0],
        "<smartcity-chat></smartcity-chat>",
    )
    chat = open_page(stage.site)
    chat.open()
    chat.say("Hallo")


@pytest.mark.parametrize("name", ["smartcity-chat.js", "conversation.js", "words.js"])
def test_a_changed_file_does_not_run(open_page: Open, stage: Stage, name: str) -> None:
    pinned = snippet(stage.gateway, read_files(FOLDER)).split("-->")[2]
    wrong = re.sub(rf'({re.escape(name)}" integrity="sha384-)[^"]{{6}}', r"\1AAAAAA", pinned)
    assert wrong != pinned
    stage.website.head = wrong.rsplit("<smartcity-chat>", 1)[0]
    chat = open_page(stage.site, quiet=False)
    chat.page.wait_for_load_state("networkidle")
    assert chat.page.evaluate("customElements.get('smartcity-chat') === undefined")
    assert chat.launcher.count() == 0


def test_every_file_is_cached_for_long_and_the_entry_for_short(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site)
    chat.open()
    asked: list[str] = []
    chat.page.on("request", lambda request: asked.append(request.url))
    chat.page.goto(stage.site + "/seite/2")
    expect(chat.launcher).to_be_visible()
    sizes = chat.page.evaluate(
        "performance.getEntriesByType('resource').filter(one => /widget/.test(one.name)).map(one => one.transferSize)"
    )
    assert sizes and not any(sizes), "all from the cache"
    assert asked


def test_another_website_gets_no_conversation(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.foreign, quiet=False)
    chat.page.wait_for_load_state("networkidle")
    expect(chat.launcher).to_be_hidden()
    assert stage.rasa.received == []


def test_events_tell_what_happened_but_not_what_was_written(open_page: Open, stage: Stage) -> None:
    listen = """
      window.heard = [];
      for (const kind of ["open", "close", "message", "error"]) {
        addEventListener(`smartcity-chat:${kind}`, (event) => heard.push([kind, event.detail]));
      }
    """
    chat = open_page(stage.site, init=listen, quiet=False)
    chat.open()
    chat.say("Mein Geheimnis")
    stage.rasa.status = 500
    chat.send("Noch eins")
    expect(chat.element.locator(".failure")).to_be_visible()
    chat.field.press("Escape")
    heard = chat.page.evaluate("heard")
    assert [kind for kind, _ in heard] == ["open", "message", "message", "message", "message", "error", "close"]
    assert heard[1][1] == {"from": "assistant", "answer": "conversation/greeting", "language": "de"}
    assert heard[2][1] == {"from": "citizen", "language": "de"}
    assert heard[5][1] == {"code": "unavailable"}
    assert "Geheimnis" not in str(heard)


def test_the_page_may_open_and_close_it(open_page: Open) -> None:
    chat = open_page("/")
    chat.page.get_by_role("button", name="Frage stellen").click()
    expect(chat.panel).to_be_visible()
    chat.page.evaluate("document.querySelector('smartcity-chat').close()")
    expect(chat.panel).to_be_hidden()
    assert chat.page.evaluate("document.activeElement.id") == "ask", "the focus is back where it was"


def test_name_logo_colours_and_place(open_page: Open, stage: Stage) -> None:
    stage.website.policy_more = "; img-src 'self'"
    stage.website.body = (
        '<smartcity-chat name="Stadt am Rhein" logo="/wappen.svg" color="#7a0019" accent="#ffcc00" position="start">'
        "</smartcity-chat>"
    )
    chat = open_page(stage.site)
    chat.open()
    expect(chat.element.get_by_role("heading", name="Stadt am Rhein")).to_be_visible()
    assert chat.element.locator(".logo img").evaluate("image => image.complete && image.naturalWidth > 0")
    assert chat.element.locator(".bar").evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(122, 0, 25)"
    box = chat.panel.bounding_box()
    assert box and box["x"] < 100, "at the start of the line"
    chat.element.evaluate("one => one.setAttribute('name', 'Neue Stadt')")
    expect(chat.element.get_by_role("heading", name="Neue Stadt")).to_be_visible()


def test_custom_properties_and_parts(open_page: Open, stage: Stage) -> None:
    chat = open_page("/")
    chat.page.evaluate(
        """() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(`
            smartcity-chat { --smartcity-chat-brand: #004d40; --smartcity-chat-accent: #8e24aa; }
            smartcity-chat { --smartcity-chat-radius: 0; --smartcity-chat-width: 30em; --smartcity-chat-z: 7; }
            smartcity-chat::part(launcher) { text-transform: uppercase; }
          `);
          document.adoptedStyleSheets = [sheet];
        }"""
    )
    chat.open()
    style = chat.panel.evaluate("one => ({ ...getComputedStyle(one) })")
    assert style["borderTopLeftRadius"] == "0px"
    assert style["width"] == "480px"
    assert style["zIndex"] == "8"
    assert chat.launcher.evaluate("one => getComputedStyle(one).textTransform") == "uppercase"
    assert chat.launcher.evaluate("one => getComputedStyle(one).backgroundColor") == "rgb(0, 77, 64)"


def test_every_property_part_attribute_and_event_is_documented() -> None:
    text = DOCS.read_text("utf-8")
    sources = "\n".join(path.read_text("utf-8") for path in sorted(FOLDER.glob("*.js")))
    properties = set(re.findall(r"var\((--smartcity-chat-[a-z-]+)", sources))
    parts = set(re.findall(r'\bpart: "([a-z]+)"', sources)) | {"answer", "notice"}
    attributes = set(re.findall(r'getAttribute\("([a-z]+)"\)', sources)) - {"aria-disabled"}
    attributes |= set(re.findall(r':host\(\[([a-z]+)="', sources)) | {"scheme"}
    events = {f"smartcity-chat:{kind}" for kind in re.findall(r'#tell\("(\w+)"', sources) if kind in sources}
    events -= {"smartcity-chat:add", "smartcity-chat:change", "smartcity-chat:remove", "smartcity-chat:clear"}
    events -= {"smartcity-chat:busy"}
    for name in properties | parts | attributes | events:
        assert f"`{name}`" in text, name
    assert len(properties) > 8 and len(parts) > 8 and len(attributes) > 8 and len(events) == 4


def test_the_hint_opens_nothing(open_page: Open, stage: Stage) -> None:
    stage.website.body = '<smartcity-chat hint="Fragen? Ich helfe."></smartcity-chat>'
    chat = open_page(stage.site)
    expect(chat.element.get_by_text("Fragen? Ich helfe.")).to_be_visible()
    chat.page.wait_for_timeout(1500)
    expect(chat.panel).to_be_hidden()
    assert stage.rasa.received == []
    chat.button("Hinweis schließen").click()
    expect(chat.element.get_by_text("Fragen? Ich helfe.")).to_be_hidden()
    expect(chat.panel).to_be_hidden()
    assert chat.stored() == []


def test_the_kill_switch_takes_it_away_and_brings_it_back(open_page: Open, stage: Stage) -> None:
    chat = open_page(stage.site, quiet=False)
    chat.open()
    stage.switch.turn_off()
    chat.send("Hallo")
    expect(chat.element.locator(".failure")).to_contain_text("ausgeschaltet")
    chat.page.goto(stage.site + "/seite/2")
    chat.page.wait_for_load_state("networkidle")
    expect(chat.launcher).to_be_hidden()
    stage.switch.turn_on()
    chat.page.reload()
    expect(chat.launcher).to_be_visible()


def test_the_page_for_frames(open_page: Open, stage: Stage) -> None:
    stage.website.policy_more = f"; frame-src {stage.gateway}"
    stage.website.head = ""
    stage.website.body = (
        f'<iframe title="Assistent" width="420" height="600" src="{stage.gateway}/chat?lang=en"></iframe>'
    )
    chat = open_page(stage.site)
    frame = chat.page.frame_locator("iframe")
    expect(frame.get_by_role("log")).to_contain_text("Computer-Programm")
    field = frame.get_by_role("textbox", name="Your question")
    field.fill("Hello")
    field.press("Enter")
    expect(frame.locator(".entry.own")).to_have_count(1)
    expect(frame.locator(".entry.answer")).to_have_count(2)


def test_no_other_website_may_frame_it(open_page: Open, stage: Stage) -> None:
    stage.website.policy_more = f"; frame-src {stage.gateway}"
    stage.website.head = ""
    stage.website.body = f'<iframe title="Assistent" src="{stage.gateway}/chat"></iframe>'
    chat = open_page(stage.foreign, quiet=False)
    chat.page.wait_for_load_state("networkidle")
    assert chat.page.frames[1].url.startswith("chrome-error:")


def test_the_frame_page_takes_wishes_and_nothing_else(open_page: Open) -> None:
    chat = open_page("/chat?name=Stadt&color=%23004d40&scheme=dark&onclick=alert(1)&display=none&lang=en")
    expect(chat.element.get_by_role("heading", name="Stadt")).to_be_visible()
    names = set(chat.element.evaluate("one => one.getAttributeNames()"))
    assert names == {"display", "name", "color", "scheme", "lang", "ready"}
    assert chat.element.get_attribute("display") == "inline"


def test_notices_of_the_office_are_shown_as_such(open_page: Open, stage: Stage) -> None:
    greeting = stage.rasa.messages[0]
    notice = {**greeting, "id": "n", "kind": "notice", "text": "Heute ist das Büro geschlossen.", "buttons": []}
    stage.rasa.messages = [greeting, notice]
    chat = open_page(stage.site)
    chat.open()
    shown = chat.element.locator(".notice")
    expect(shown).to_contain_text("Hinweis")
    expect(shown).to_contain_text("Heute ist das Büro geschlossen.")


def test_files_say_how_long_they_last(stage: Stage) -> None:
    with httpx.Client(base_url=stage.gateway, trust_env=False) as client:
        version = client.get("/widget/manifest.json").json()["version"]
        assert "immutable" in client.get(f"/widget/{version}/words.js").headers["cache-control"]
        assert "max-age=300" in client.get("/widget/smartcity-chat.js").headers["cache-control"]
