// <smartcity-chat>, the city's assistant for any page: docs/website.md.

import { Announcer } from "./announcer.js";
import { paint } from "./colours.js";
import { Composer } from "./composer.js";
import { Connection } from "./connection.js";
import { Conversation, TabMemory } from "./conversation.js";
import { element, safeUrl } from "./elements.js";
import { Launcher } from "./launcher.js";
import { plain } from "./markdown.js";
import { Ending, Menu } from "./menu.js";
import { Panel } from "./panel.js";
import { conversationText, languageOfMessage, save } from "./record.js";
import { hush } from "./speech.js";
import { sheet } from "./style.js";
import { Transcript, failureText } from "./transcript.js";
import { WORDS, fill, languageOf } from "./words.js";

const PATIENCE = 700; // milliseconds until "is writing" is said

class SmartcityChat extends HTMLElement {
  static observedAttributes = ["name", "logo", "color", "accent", "lang", "hint"];

  #announcer = new Announcer();
  #arrived;
  #connection;
  #conversation;
  #gone;
  #language;
  #typingTimer;

  connectedCallback() {
    if (!this.shadowRoot) this.#build();
    this.#gone = new AbortController();
    this.panel.watch(this.#gone);
    addEventListener("online", this.#online, this.#gone);
    addEventListener("offline", this.#offline, this.#gone);
    addEventListener("pageshow", this.#returned, this.#gone);
    this.#arrived = this.#arrive();
  }

  disconnectedCallback() {
    this.#gone.abort();
    this.#quiet();
  }

  attributeChangedCallback(attribute, before, after) {
    if (!this.shadowRoot || before === after) return;
    if (attribute === "lang") this.#choose(languageOf(after));
    else this.#dress();
  }

  get isOpen() {
    return this.panel.isOpen;
  }

  // The page's own buttons may call it; nothing opens by itself.
  open() {
    if (this.root.hidden) return void this.#arrived.then(() => this.root.hidden || this.open());
    if (this.isOpen) return;
    this.launcher.hint.hidden = true;
    this.panel.open();
    this.#showState();
    this.transcript.showEnd();
    this.#focus();
    this.#tell("open");
    if (this.ending.view.hidden) this.#conversation.begin();
  }

  close() {
    if (this.#inline || !this.isOpen) return;
    this.#quiet();
    this.#announcer.clear();
    this.panel.close();
    this.#showState();
    // What opened it is gone.
    if (this.panel.view.contains(this.shadowRoot.activeElement)) this.launcher.button.focus();
    this.#tell("close");
  }

  get #inline() {
    return this.getAttribute("display") === "inline";
  }

  get #words() {
    return WORDS[this.#language];
  }

  #build() {
    const host = new URL(safeUrl(this.getAttribute("host")) ?? import.meta.url).origin;
    this.#language = languageOf(this.closest("[lang]")?.getAttribute("lang"));
    this.#connection = new Connection(host);
    this.#conversation = new Conversation(this.#connection, new TabMemory(host), this.#language, {
      add: (entry) => this.#added(entry),
      change: (entry) => this.#changed(entry),
      remove: (entry) => this.transcript.remove(entry),
      clear: () => this.transcript.clear(),
      busy: (busy) => this.#showBusy(busy),
    });

    this.transcript = new Transcript({
      press: (button) => this.#say({ payload: button.payload }, button.title),
      retry: (entry) => {
        this.#focus();
        this.#conversation.retry(entry);
      },
      rewrite: (entry) => {
        this.#conversation.withdraw(entry);
        this.composer.write(entry.text);
      },
      rate: (entry, rating, comment) => this.#rate(entry, rating, comment),
      tell: (word, failed) => this.#state(this.#words[word], failed),
    });
    this.composer = new Composer(
      {
        say: (text) => this.#say({ text }, text),
        known: () => this.#conversation.entries.map((entry) => entry.message?.text ?? "").join("\n"),
        tell: (text, failed) => this.#state(text, failed),
      },
      safeUrl(this.getAttribute("privacy")) ?? `${host}/datenschutz`,
    );
    this.menu = new Menu({
      aloud: (on) => (this.transcript.aloud = on),
      dictation: (on) => (this.composer.dictation = on),
      download: () => save(conversationText(this.#conversation.entries, this.#language, this.#name)),
      end: () => this.#askEnd(),
    });
    this.ending = new Ending({
      end: (wish) => this.#end(wish),
      back: () => this.#back(),
      restart: () => {
        this.#back();
        this.#conversation.begin();
      },
    });
    this.#assemble();
    this.#recall();
    this.#dress();
  }

  // Shows what the tab remembers.
  #recall() {
    this.transcript.clear();
    this.#language = this.#conversation.language;
    try {
      this.#speak();
      for (const entry of this.#conversation.entries) this.transcript.add(entry, false);
    } catch {
      this.#conversation.end(); // somebody else wrote it
      this.#speak();
    }
  }

  #assemble() {
    const dots = element("span", { className: "dots", "aria-hidden": "true" }, ...["i", "i", "i"].map((one) => element(one)));
    this.typing = element("p", { className: "typing", hidden: true }, dots, element("span"));
    this.trouble = element("p", { className: "trouble" });
    this.talk = element("div", { className: "talk" }, this.transcript.log, this.typing, this.composer.form);
    this.panel = new Panel(
      this.#inline,
      { choose: (language) => this.#choose(language), menu: () => this.#toggleMenu(), close: () => this.close() },
      [this.trouble, this.menu.view, this.ending.view, this.talk, this.#announcer.messages, this.#announcer.states],
    );
    this.launcher = new Launcher(() => (this.isOpen ? this.close() : this.open()));
    this.launcher.button.hidden = this.#inline;
    this.root = element("div", { className: "root", hidden: true }, this.#announcer.outside, this.launcher.hint, this.launcher.button, this.panel.view);
    const shadow = this.attachShadow({ mode: "open" });
    shadow.adoptedStyleSheets = [sheet];
    shadow.append(this.root);
  }

  // Shows up as the host wants it; without an answer where a conversation is under way.
  async #arrive() {
    let wanted = this.#conversation.started;
    try {
      const { enabled, max_text: limit } = await this.#connection.configuration();
      wanted = enabled;
      this.composer.limit = limit;
    } catch (error) {
      this.#tell("error", { code: error.code });
    }
    this.root.hidden = !wanted;
    this.toggleAttribute("ready", wanted);
    if (!wanted) return;
    this.transcript.showEnd();
    this.#suggest();
    if (this.#inline) this.#conversation.begin();
    this.#conversation.resume();
  }

  get #name() {
    return this.getAttribute("name") ?? "Smart City Krefeld";
  }

  #dress() {
    const logo = this.getAttribute("logo");
    this.panel.dress(this.#name, logo && safeUrl(new URL(logo, document.baseURI).href));
    paint(this.root.style, this.getAttribute("color"), this.getAttribute("accent"));
    this.#suggest();
  }

  #suggest() {
    const wanted = !this.#inline && !this.isOpen && !this.#conversation.started;
    this.launcher.suggest(wanted ? this.getAttribute("hint") : null, this.#words);
  }

  #speak() {
    for (const part of [this.panel, this.transcript, this.composer, this.menu, this.ending]) part.speak(this.#language);
    for (const entry of this.#conversation.entries) if (entry.state) this.transcript.renew(entry);
    this.typing.lastElementChild.textContent = this.#words.typing;
    this.#showState();
  }

  #showState() {
    this.launcher.show(this.#language, this.isOpen, this.#conversation.started);
    this.composer.asked = this.#conversation.entries.findLast((entry) => entry.message)?.message.expects;
    this.#showTrouble();
  }

  // Until something else is told.
  #showTrouble(text) {
    this.trouble.textContent = text || (navigator.onLine ? "" : this.#words.offlineNow);
  }

  #showBusy(busy) {
    this.typing.hidden = !busy;
    if (busy) this.transcript.showEnd();
    this.composer.busy = busy;
    clearTimeout(this.#typingTimer);
    if (busy) this.#typingTimer = setTimeout(() => this.#state(this.#words.typing), PATIENCE);
  }

  #toggleMenu() {
    const closed = !this.menu.view.hidden;
    this.menu.view.hidden = closed;
    this.panel.more.setAttribute("aria-expanded", String(!closed));
    if (closed) this.panel.more.focus();
  }

  // On a phone the field would bring up the keyboard.
  #focus() {
    (this.panel.isSmall || this.talk.hidden ? this.panel.heading : this.composer.field).focus();
  }

  #say(said, shown) {
    if (this.#conversation.busy) this.#state(this.#words.typing);
    else this.#conversation.say(said, shown);
  }

  #added(entry) {
    this.transcript.add(entry, true);
    if (entry.who === "assistant") this.#received(entry);
    if (entry.who === "note") this.#state(WORDS[entry.language][entry.word]);
    if (entry.who === "you") this.#tell("message", { from: "citizen", language: this.#language });
  }

  #changed(entry) {
    this.transcript.change(entry);
    if (entry.state !== "failed") return;
    this.#state(failureText(entry.error, this.#language));
    this.#tell("error", { code: entry.error.code });
  }

  #received({ message }) {
    const language = languageOfMessage(message, this.#language);
    const words = WORDS[language];
    const who = message.kind === "notice" ? words.notice : words.assistant;
    const choices = message.buttons.length ? ` ${fill(words.choicesFollow, { count: message.buttons.length })}` : "";
    this.#announcer.message(`${who}: ${plain(message.text)}${choices}`, language, this.isOpen);
    if (!this.isOpen) this.launcher.unread += 1;
    this.#showState();
    this.#tell("message", { from: "assistant", answer: message.answer, language: message.language });
  }

  async #rate(entry, rating, comment) {
    try {
      await this.#conversation.rate(entry, rating, comment);
    } catch (error) {
      return this.#refuse("notStored", error);
    }
    if (comment) this.#showTrouble();
    else this.#state(this.#words[rating === "none" ? "takenBack" : "thanks"]);
    return true;
  }

  #choose(language) {
    if (language === this.#language) return;
    this.#language = language;
    this.#speak();
    this.#conversation.speak(language, this.isOpen && this.ending.view.hidden);
  }

  #quiet() {
    hush();
    this.composer.stop();
  }

  #online = () => {
    this.#state(this.#words.onlineAgain);
    if (this.root.hidden) this.#arrive();
  };

  #offline = () => this.#state(this.#words.offlineNow);

  // By the browser's "back".
  #returned = ({ persisted }) => {
    if (!persisted) return;
    this.#conversation.recall();
    this.#recall();
    this.#showBusy(false);
    this.#arrive();
  };

  #askEnd() {
    this.#toggleMenu();
    this.#quiet();
    this.talk.hidden = true;
    this.ending.ask();
  }

  #back() {
    this.ending.view.hidden = true;
    this.talk.hidden = false;
    this.#showTrouble();
    this.transcript.showEnd();
    this.#focus();
  }

  async #end(wish) {
    try {
      await this.#conversation.end(wish);
    } catch (error) {
      return this.#refuse(wish.erase ? "notErased" : "notStored", error);
    }
    this.#showState();
    return true;
  }

  #refuse(word, error) {
    this.#state(this.#words[word], true);
    this.#tell("error", { code: error.code });
    return false;
  }

  // For the ear, and for the eye what failed.
  #state(text, failed) {
    if (this.isOpen) this.#announcer.state(text, this.#language);
    this.#showTrouble(failed && text);
  }

  // What happened, never what a citizen wrote.
  #tell(kind, detail = {}) {
    this.dispatchEvent(new CustomEvent(`smartcity-chat:${kind}`, { detail, bubbles: true, composed: true }));
  }
}

if (!customElements.get("smartcity-chat")) customElements.define("smartcity-chat", SmartcityChat);
