"""The chat as a person uses it: by what it shows and how things are called."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice", "EN-301-549"]

LISTEN = """
globalThis.told = [];
const attach = Element.prototype.attachShadow;
Element.prototype.attachShadow = function (options) {
  const root = attach.call(this, options);
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const region = target.closest?.("[aria-live]:not([aria-live=off])");
      if (!region) continue;
      for (const node of addedNodes) told.push([region.id, node.textContent, node.lang, region.checkVisibility()]);
    }
  }).observe(root, { childList: true, subtree: true });
  return root;
};
"""
"""An init script that writes down what a screen reader is told: region, text, language, whether it is rendered."""


class Chat:
    def __init__(self, page: Page) -> None:
        self.page = page
        self.element = page.locator("smartcity-chat")

    @property
    def launcher(self) -> Locator:
        return self.element.locator(".launcher")

    @property
    def panel(self) -> Locator:
        return self.element.locator(".panel")

    @property
    def log(self) -> Locator:
        return self.element.get_by_role("log")

    @property
    def field(self) -> Locator:
        return self.element.locator("#field")

    @property
    def entries(self) -> Locator:
        return self.element.locator(".entry")

    @property
    def answers(self) -> Locator:
        return self.element.locator(".entry.answer")

    def button(self, name: str) -> Locator:
        return self.element.get_by_role("button", name=name, exact=True)

    def open(self) -> None:
        """Press the launcher and wait for the greeting."""
        self.launcher.click()
        expect(self.answers.first).to_be_visible()
        expect(self.element.locator(".send")).not_to_have_attribute("aria-disabled", "true")

    def send(self, text: str) -> None:
        self.field.fill(text)
        self.field.press("Enter")

    def say(self, text: str, answers: int = 1) -> None:
        """Send a message and wait for so many answers more, to the end of the turn."""
        before = self.answers.count()
        self.send(text)
        self.expect_answers(before + answers)

    def expect_answers(self, count: int) -> None:
        """Wait for this many answers and for the end of the turn, before which nothing new is sent."""
        expect(self.answers).to_have_count(count)
        expect(self.element.locator(".send")).not_to_have_attribute("aria-disabled", "true")

    def focused(self) -> str:
        """What has the focus, within the chat: its id, class or name."""
        return str(
            self.page.evaluate(
                """() => {
                  let one = document.activeElement;
                  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
                  return one.id || one.className || one.localName;
                }"""
            )
        )

    def stored(self) -> list[str]:
        """The names of what lies in the browser's stores for this page."""
        return list(
            self.page.evaluate(
                "async () => [...Object.keys(sessionStorage), ...Object.keys(localStorage),"
                " ...(await caches?.keys() ?? []), ...(await indexedDB.databases()).map(one => one.name),"
                " ...document.cookie.split(';').filter(Boolean)]"
            )
        )

    def settle(self) -> None:
        """Wait until nothing moves any more, but for what moves for ever; a shadow root counts its own."""
        self.page.evaluate(
            "() => Promise.allSettled([document, document.querySelector('smartcity-chat')?.shadowRoot]"
            ".flatMap(one => one?.getAnimations() ?? []).filter(one => one.effect.getTiming().iterations !== Infinity)"
            ".map(one => one.finished)).then(() => null)"
        )

    def menu(self, name: str) -> None:
        """Open the menu and press one of its buttons."""
        self.element.locator(".bar button[aria-controls=menu]").click()
        self.button(name).click()

    def told(self, region: str = "") -> list[str]:
        """What was put into the live regions (or one of them), where LISTEN came with the page."""
        said: list[list[str]] = self.page.evaluate("told")
        return [text for where, text, _, _ in said if region in ("", where)]

    def violations(self, *without: str) -> list[str]:
        """What axe finds, with the places; `without` some rules."""
        # Colours count when they have arrived: a fading message has none of its own yet.
        self.settle()
        if not self.page.evaluate("'axe' in globalThis"):
            self.page.evaluate(Axe().axe_script)
        # Only what it finds comes over: all that it looked at would take longer than the looking.
        violations: list[dict[str, Any]] = self.page.evaluate(
            "async (options) => (await axe.run(options)).violations",
            {
                "runOnly": {"type": "tag", "values": TAGS},
                "rules": {rule: {"enabled": False} for rule in without},
                "resultTypes": ["violations"],
            },
        )
        return [f"{found['id']}: {[node['target'] for node in found['nodes']]}" for found in violations]
