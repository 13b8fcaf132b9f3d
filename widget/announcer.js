// Live regions: each message is said once, and nothing again after a reload.

import { element, htmlLanguage } from "./elements.js";

const GONE_AFTER = 20_000; // who browses the page should not find it twice

const region = (id, atomic) =>
  element("div", { className: "spoken", id, role: "status", "aria-live": "polite", "aria-atomic": atomic });

export class Announcer {
  constructor() {
    this.messages = region("messages", "false"); // in the panel: beside a modal one nothing is heard
    this.outside = region("outside", "false"); // while the panel is closed
    this.states = region("states", "true");
  }

  message(text, language, open) {
    this.#tell(open ? this.messages : this.outside, text, language);
  }

  state(text, language) {
    this.states.replaceChildren();
    this.#tell(this.states, text, language);
  }

  // Else it would be said again when the panel opens.
  clear() {
    this.messages.replaceChildren();
    this.states.replaceChildren();
  }

  #tell(region, text, language) {
    const said = element("p", { textContent: text, lang: htmlLanguage(language) });
    region.append(said);
    setTimeout(() => said.remove(), GONE_AFTER);
  }
}
