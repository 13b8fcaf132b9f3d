// The frame: beside the page on a desk, modal over the whole screen on a phone.

import { element, htmlLanguage, icon, iconButton, rename } from "./elements.js";
import { LANGUAGES, NAMES, WORDS } from "./words.js";

const SMALL = matchMedia("(max-width: 40rem), (max-height: 30rem)");

export class Panel {
  #inline;
  #deeds;

  // deeds: choose(language), menu(), close(); `views` stand below the head.
  constructor(inline, deeds, views) {
    this.#inline = inline;
    this.#deeds = deeds;
    this.logo = element("span", { className: "logo", part: "logo" });
    this.heading = element("h2", { id: "name", tabIndex: -1 });
    this.subtitle = element("p", { className: "subtitle" });
    this.more = iconButton("menu", "", { "aria-expanded": "false", "aria-controls": "menu", onclick: deeds.menu });
    this.shut = iconButton("close", "", { hidden: inline, onclick: deeds.close });
    this.switches = LANGUAGES.map((language) =>
      element("button", { type: "button", textContent: NAMES[language], lang: htmlLanguage(language), onclick: () => deeds.choose(language) }),
    );
    this.languages = element("div", { className: "languages", role: "group", part: "languages" }, ...this.switches);
    const titles = element("div", { className: "titles" }, this.heading, this.subtitle);
    const head = element("div", { className: "bar", part: "header" }, this.logo, titles, this.more, this.shut);
    this.view = element(inline ? "section" : "dialog", { className: "panel", part: "panel", "aria-labelledby": "name" }, head, this.languages, ...views);
    this.view.oncancel = (event) => {
      event.preventDefault(); // Escape or a phone's back button
      deeds.close();
    };
  }

  get isOpen() {
    return this.#inline || this.view.open;
  }

  get isSmall() {
    return SMALL.matches;
  }

  open() {
    if (SMALL.matches) this.view.showModal();
    else this.view.show();
    this.#fitKeyboard();
  }

  close() {
    this.view.close(); // gives the focus back to what opened it
  }

  watch(until) {
    SMALL.addEventListener("change", this.#refit, until);
    document.addEventListener("keydown", this.#escape, until);
    globalThis.visualViewport?.addEventListener("resize", this.#fitKeyboard, until);
  }

  speak(language) {
    const words = WORDS[language];
    this.view.lang = htmlLanguage(language);
    this.subtitle.textContent = words.subtitle;
    this.languages.setAttribute("aria-label", words.languages);
    rename(this.more, words.menu);
    rename(this.shut, words.close);
    this.switches.forEach((button, place) => button.setAttribute("aria-pressed", String(LANGUAGES[place] === language)));
  }

  dress(name, logo) {
    this.heading.textContent = name;
    this.logo.replaceChildren(logo ? element("img", { src: logo, alt: "" }) : icon("chat"));
  }

  #refit = () => {
    if (this.#inline || !this.view.open) return;
    const focused = this.view.getRootNode().activeElement;
    this.view.close();
    this.open();
    focused?.focus();
  };

  // A phone's keyboard must not cover the field.
  #fitKeyboard = () => {
    const seen = globalThis.visualViewport;
    const full = !this.#inline && this.view.open && SMALL.matches && seen?.scale === 1;
    this.view.style.blockSize = full ? `${seen.height}px` : "";
  };

  // Escape works from within the panel and from what it covers.
  #escape = (event) => {
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented || !this.isOpen) return;
    const focused = document.activeElement;
    if (focused !== this.view.getRootNode().host && focused !== document.body && !this.#covers(focused)) return;
    event.preventDefault();
    if (this.more.getAttribute("aria-expanded") === "true") this.#deeds.menu();
    else this.#deeds.close();
  };

  #covers(focused) {
    const [own, other] = [this.view, focused].map((one) => one.getBoundingClientRect());
    return own.left < other.right && own.right > other.left && own.top < other.bottom && own.bottom > other.top;
  }
}
