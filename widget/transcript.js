// The entries of the conversation as a list.

import { choice, element, htmlLanguage, icon, iconButton, link, rename, safeUrl, spoken } from "./elements.js";
import { blocks, plain } from "./markdown.js";
import { copy, languageOfMessage, messageText } from "./record.js";
import { canSpeak, hush, speak } from "./speech.js";
import { WORDS, sourceWords, timeIn } from "./words.js";

const NEAR = 120; // pixels: who is no further from the last entry follows

// The chat's own words where it has them, else the server's.
export function failureText(error, language) {
  const { errors } = WORDS[language];
  return errors[error.code] || error.message || errors.internal || errors.offline;
}

export class Transcript {
  #deeds;
  #language;
  #shown = new Map();
  #speaking = null;

  // deeds: press(button), retry(entry), rewrite(entry), rate(entry, rating, comment), tell(word, failed)
  constructor(deeds) {
    this.#deeds = deeds;
    this.list = element("ol", { className: "list", role: "list" });
    this.log = element("div", { className: "log", part: "log", role: "log", "aria-live": "off", tabIndex: 0 }, this.list);
  }

  speak(language) {
    this.#language = language;
    this.log.setAttribute("aria-label", WORDS[language].log);
  }

  set aloud(on) {
    this.log.classList.toggle("aloud", on && canSpeak());
    if (!on) hush();
  }

  add(entry, moved) {
    const follows = this.#isAtEnd() || entry.who === "you";
    const shown = this.#made(entry);
    if (!moved) shown.classList.add("still");
    this.#shown.set(entry.id, shown);
    this.list.append(shown);
    if (follows && moved) this.show(shown);
  }

  // A failure comes or goes; ratings change where they are pressed.
  change(entry) {
    const failed = entry.state === "failed";
    if (failed || this.#shown.get(entry.id)?.matches(".failed")) this.renew(entry);
    if (failed) this.show(this.#shown.get(entry.id));
  }

  // Beside the citizen's words all is in the present language.
  renew(entry) {
    const shown = this.#shown.get(entry.id);
    if (!shown) return;
    const fresh = this.#made(entry);
    fresh.classList.add("still");
    shown.replaceWith(fresh);
    this.#shown.set(entry.id, fresh);
  }

  remove(entry) {
    this.#shown.get(entry.id)?.remove();
    this.#shown.delete(entry.id);
  }

  clear() {
    hush();
    this.#shown.clear();
    this.list.replaceChildren();
  }

  // A long answer is read from its beginning.
  show(shown) {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    this.log.scrollTo({ top: shown.offsetTop - 12, behavior });
  }

  showEnd() {
    this.log.scrollTop = this.log.scrollHeight;
  }

  #isAtEnd() {
    const last = this.list.lastElementChild;
    return !last || last.offsetTop < this.log.scrollTop + this.log.clientHeight + NEAR;
  }

  #made(entry) {
    if (entry.who === "assistant") return this.#answer(entry);
    if (entry.who === "you") return this.#own(entry);
    if (entry.who === "note") {
      return element("li", { className: "note", lang: htmlLanguage(entry.language), textContent: WORDS[entry.language][entry.word] });
    }
    return this.#failing(entry, element("li", { className: "start" }));
  }

  #head(who, entry, language) {
    const time = element("time", { dateTime: new Date(entry.time).toISOString(), textContent: timeIn(language, entry.time) });
    return element("p", { className: "head" }, element("span", { className: "who", textContent: who }), spoken(", "), time);
  }

  #own(entry) {
    const words = WORDS[this.#language];
    const bubble = element("div", { className: "bubble", part: "own", dir: "auto", textContent: entry.text });
    return this.#failing(entry, element("li", { className: "entry own" }, this.#head(words.you, entry, this.#language), bubble));
  }

  #failing(entry, shown) {
    if (entry.state === "failed") {
      shown.classList.add("failed");
      shown.append(this.#failure(entry));
    }
    return shown;
  }

  #failure(entry) {
    const words = WORDS[this.#language];
    const said = element("p", {}, icon("close"), failureText(entry.error, this.#language));
    const retry = choice(words.retry, () => this.#deeds.retry(entry));
    const rewrite = entry.said?.text && choice(words.rewrite, () => this.#deeds.rewrite(entry));
    return element("div", { className: "failure" }, said, retry, rewrite);
  }

  #answer(entry) {
    const { message } = entry;
    const language = languageOfMessage(message, this.#language);
    const words = WORDS[language];
    const notice = message.kind === "notice";
    const bubble = element("div", { className: "bubble", part: notice ? "notice" : "answer", dir: "auto" });
    if (notice) bubble.append(element("p", {}, element("strong", { textContent: words.notice })));
    bubble.append(...blocks(message.text));
    const links = message.links.filter((one) => safeUrl(one.url));
    if (links.length) {
      const items = links.map((one) => element("li", {}, link(one.title, one.url)));
      bubble.append(element("ul", { className: "links", role: "list" }, ...items));
    }
    if (message.source) {
      const { before, title, after } = sourceWords(language, message.source);
      bubble.append(element("p", { className: "source" }, before, link(title, message.source.url), after && `, ${after}`));
    }
    const shown = element("li", { className: `entry answer ${notice ? "notice" : ""}`, lang: htmlLanguage(language) });
    shown.append(this.#head(words.assistant, entry, language), bubble);
    if (message.id && !notice && entry.rateable) shown.append(...this.#tools(entry, language));
    if (message.buttons.length) shown.append(this.#choices(message.buttons, words));
    return shown;
  }

  #choices(buttons, words) {
    const choices = element("div", { className: "choices", role: "group", "aria-label": words.choices });
    for (const button of buttons) {
      const made = choice(button.title, () => this.#deeds.press(button));
      made.setAttribute("part", "choice");
      choices.append(made);
    }
    return choices;
  }

  #tools(entry, language) {
    const words = WORDS[language];
    const group = element("div", { className: "tools", role: "group", "aria-label": words.tools });
    const form = this.#reason(entry, words);
    const show = () => {
      for (const thumb of thumbs) thumb.setAttribute("aria-pressed", String(entry.rating === thumb.value));
    };
    const onclick = async ({ currentTarget: { value } }) => {
      if (!(await this.#deeds.rate(entry, entry.rating === value ? "none" : value))) return;
      show();
      form.hidden = entry.rating === "none";
      form.scrollIntoView({ block: "nearest" });
    };
    const thumbs = [["up", words.helpful], ["down", words.unhelpful]].map(([value, label]) => iconButton(value, label, { value, onclick }));
    show();
    const copier = iconButton("copy", words.copy);
    copier.onclick = async () => {
      const copied = await copy(messageText(entry.message, language));
      if (copied) copier.replaceChildren(icon("done"));
      setTimeout(() => copier.replaceChildren(icon("copy")), 2500);
      this.#deeds.tell(copied ? "copied" : "notCopied", !copied);
    };
    const aloud = iconButton("speak", words.speak, { className: "speaker", onclick: () => this.#read(aloud, entry.message, language) });
    group.append(...thumbs, copier, aloud);
    return [group, form];
  }

  #reason(entry, words) {
    const field = element("input", { type: "text", maxLength: 500, autocomplete: "off" });
    const send = element("button", { type: "submit", className: "choice", textContent: words.whySend });
    const label = element("label", {}, element("span", { textContent: words.comment }), field);
    const form = element("form", { className: "reason", hidden: true }, label, send);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const comment = field.value.trim();
      if (!comment) return field.focus();
      if (!(await this.#deeds.rate(entry, entry.rating, comment))) return;
      const thanks = element("p", { className: "thanks", textContent: words.whySent, tabIndex: -1 });
      form.replaceWith(thanks);
      thanks.focus(); // the field is gone
    };
    return form;
  }

  #read(button, message, language) {
    const words = WORDS[language];
    const quiet = () => {
      button.replaceChildren(icon("speak"));
      rename(button, words.speak);
      if (this.#speaking === button) this.#speaking = null;
    };
    if (this.#speaking === button) {
      hush();
      return quiet();
    }
    speak(plain(message.text), language, quiet);
    this.#speaking = button;
    button.replaceChildren(icon("stop"));
    rename(button, words.hush);
  }
}
