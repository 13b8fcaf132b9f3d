// Where the citizen writes: count of characters, hint at personal data, dictation.

import { choice, element, icon, iconButton, rename } from "./elements.js";
import { personalData } from "./personal.js";
import { canListen, listen } from "./speech.js";
import { WORDS, fill } from "./words.js";

const NEARLY = [100, 20]; // characters left, then it is said
const signs = (text) => [...text].length; // as the server counts

export class Composer {
  #asked;
  #deeds;
  #language;
  #limit = 1000;
  #warned = null; // the text that the citizen was warned of
  #left = Infinity;
  #stopListening = null;

  // deeds: say(text), known() (text of all answers), tell(text, failed)
  constructor(deeds, privacy) {
    this.#deeds = deeds;
    this.field = element("textarea", { id: "field", rows: 1, part: "field", dir: "auto", autocomplete: "off", enterKeyHint: "send", "aria-describedby": "count hint" });
    this.field.oninput = () => this.#changed();
    this.send = element("button", { type: "submit", className: "send", part: "send" }, icon("send"));
    this.microphone = iconButton("microphone", "", { className: "microphone", hidden: true, "aria-pressed": "false", onclick: () => this.#dictate() });
    this.label = element("label", { className: "spoken", htmlFor: "field" });
    this.count = element("p", { id: "count", className: "count" });
    this.warning = element("div", { className: "warning", role: "group", hidden: true, "aria-labelledby": "asked" });
    this.hint = element("span");
    this.privacy = element("a", { href: privacy, target: "_blank", rel: "noopener noreferrer" });
    this.form = element(
      "form",
      { className: "composer", part: "composer" },
      this.warning,
      this.label,
      element("div", { className: "line" }, this.field, this.microphone, this.send),
      element("p", { className: "hint", id: "hint" }, this.hint, " ", this.privacy),
      this.count,
    );
    this.form.onsubmit = (event) => {
      event.preventDefault();
      this.#submit();
    };
    this.field.onkeydown = (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.form.onsubmit(event);
    };
  }

  speak(language) {
    this.#language = language;
    const words = WORDS[language];
    this.label.textContent = words.field;
    this.field.placeholder = words.field;
    rename(this.send, words.send);
    rename(this.microphone, words.dictate);
    this.privacy.textContent = words.privacy;
    this.#drop();
    this.#changed();
  }

  // "personal", when that is
  set asked(asked) {
    this.#asked = asked;
    this.hint.textContent = WORDS[this.#language][asked ? "asked" : "hint"];
  }

  set limit(limit) {
    this.#limit = limit;
    this.#changed();
  }

  set busy(busy) {
    this.send.setAttribute("aria-disabled", String(busy));
  }

  set dictation(on) {
    this.microphone.hidden = !(on && canListen());
    if (!on) this.stop();
  }

  // Nobody is listened to longer than they can see.
  stop() {
    this.#stopListening?.();
  }

  write(text) {
    this.field.value = text;
    this.#changed();
    this.field.focus();
  }

  #submit() {
    const text = this.field.value.trim();
    if (!text) return;
    if (this.send.getAttribute("aria-disabled") === "true") return this.#deeds.tell(WORDS[this.#language].typing);
    const over = signs(text) - this.#limit;
    if (over > 0) return this.#deeds.tell(fill(WORDS[this.#language].tooLong, { over }));
    if (this.#warned !== text && this.#warn(text)) return;
    this.stop();
    this.field.value = "";
    this.#changed();
    this.#deeds.say(text);
  }

  #warn(text) {
    const found = this.#asked ? [] : personalData(text, this.#deeds.known());
    if (!found.length) return false;
    const words = WORDS[this.#language];
    const sentence = fill(words.personal, { kinds: found.map((kind) => words[kind]).join(", ") });
    const back = () => {
      this.#drop();
      this.field.focus();
    };
    const send = choice(words.sendAnyway, () => {
      back();
      this.#submit();
    });
    this.warning.replaceChildren(element("p", { textContent: sentence, id: "asked" }), element("div", { className: "choices" }, send, choice(words.rewrite, back)));
    this.warning.hidden = false;
    this.#warned = text;
    this.#deeds.tell(`${sentence} ${words.sendAnyway}? ${words.rewrite}?`);
    return true;
  }

  #drop() {
    this.warning.hidden = true;
    this.warning.replaceChildren();
  }

  #changed() {
    const { field } = this;
    const count = signs(field.value.trim());
    const left = this.#limit - count;
    const words = WORDS[this.#language];
    this.count.hidden = count === 0;
    this.count.classList.toggle("over", left < 0);
    this.count.textContent =
      left < 0 ? fill(words.tooLong, { over: -left }) : fill(words.count, { count, limit: this.#limit });
    const passed = NEARLY.some((mark) => left <= mark && this.#left > mark);
    if (left < 0 && this.#left >= 0) this.#deeds.tell(fill(words.tooLong, { over: -left }));
    else if (left >= 0 && passed) this.#deeds.tell(fill(words.left, { left }));
    this.#left = left;
    field.setAttribute("aria-invalid", String(left < 0));
    if (!this.warning.hidden && field.value.trim() !== this.#warned) this.#drop();
    field.style.blockSize = "auto";
    if (field.scrollHeight) field.style.blockSize = `${field.scrollHeight + 3}px`;
  }

  #dictate() {
    if (this.#stopListening) return this.#stopListening();
    const words = WORDS[this.#language];
    const heard = (text) => {
      this.field.value = `${this.field.value.trimEnd()} ${text}`.trim();
      this.#changed();
    };
    const ended = (failed) => {
      this.#stopListening = null;
      this.microphone.setAttribute("aria-pressed", "false");
      this.#deeds.tell(failed ? words.notDictated : words.dictated, failed);
    };
    this.#stopListening = listen(this.#language, heard, ended);
    this.microphone.setAttribute("aria-pressed", "true");
    this.#deeds.tell(words.dictating);
  }
}
