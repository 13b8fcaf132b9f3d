// The button that opens the chat, and a hint that opens nothing by itself.

import { element, htmlLanguage, icon, iconButton } from "./elements.js";
import { WORDS, fill } from "./words.js";

export class Launcher {
  unread = 0;

  constructor(pressed) {
    this.label = element("span", { "aria-hidden": "true" });
    this.badge = element("span", { className: "badge", "aria-hidden": "true" });
    this.button = element("button", { type: "button", className: "launcher", part: "launcher", "aria-haspopup": "dialog", onclick: pressed });
    this.hint = element("section", { className: "proactive", part: "hint", hidden: true });
  }

  show(language, open, resumes) {
    const words = WORDS[language];
    const name = open ? words.close : resumes ? words.resume : words.launcher;
    if (open) this.unread = 0;
    this.button.lang = htmlLanguage(language);
    this.button.setAttribute("aria-expanded", String(open));
    this.button.setAttribute("aria-label", this.unread ? `${name} (${fill(words.unread, { count: this.unread })})` : name);
    this.label.textContent = words.label;
    this.badge.textContent = this.unread;
    this.badge.hidden = !this.unread;
    this.button.replaceChildren(icon(open ? "close" : "chat"), open ? "" : this.label, this.badge);
  }

  suggest(text, words) {
    const onclick = () => {
      this.hint.hidden = true;
      this.button.focus();
    };
    this.hint.setAttribute("aria-label", words.notice);
    this.hint.replaceChildren(element("p", { textContent: text }), iconButton("close", words.dismiss, { onclick }));
    this.hint.hidden = !text;
  }
}
