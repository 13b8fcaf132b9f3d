// What was said, is under way, or failed. Entries, each with id and time:
// {who: "you", text, said, key, state, error}, {who: "assistant", message, rateable, rating},
// {who: "note", word, language}, {who: "start", state, error}.

import { ChatError } from "./connection.js";
import { LANGUAGES } from "./words.js";

const SESSION_OVER = /session/; // no_session, session_ended ...

export class Conversation {
  entries = [];
  language;
  busy = false;
  #connection;
  #deeds;
  #memory;
  #session = null;
  #kept = false; // not before the citizen's first message
  #epoch = 0; // an answer that arrives after the end belongs to nothing

  // deeds: add, change, remove (an entry), clear(), busy(whether)
  constructor(connection, memory, language, deeds) {
    this.#connection = connection;
    this.#memory = memory;
    this.#deeds = deeds;
    this.language = language;
    this.recall();
  }

  // Another page of this tab may have gone on, or ended it.
  recall() {
    const stored = this.#memory.read();
    this.#epoch += 1;
    this.busy = false;
    this.#kept = Boolean(stored);
    this.#session = stored?.session;
    this.language = stored?.language ?? this.language;
    this.entries = stored?.entries ?? [];
  }

  get started() {
    return this.#kept;
  }

  async resume() {
    const interrupted = this.entries.find((entry) => entry.who === "you" && entry.state === "waiting");
    if (interrupted && !this.busy) await this.#exchange(interrupted);
  }

  async begin() {
    if (this.busy || this.entries.some((entry) => entry.who === "assistant")) return;
    const start = this.entries.find((entry) => entry.who === "start") ?? this.#add({ who: "start", state: "waiting" });
    await this.#attempt(start, () => this.#open());
  }

  // Says {text} or {payload}; `shown` stands in the transcript.
  async say(said, shown) {
    this.#kept = true;
    await this.#exchange(this.#add({ who: "you", text: shown, said, key: freshKey(), state: "waiting" }));
  }

  async retry(entry) {
    if (this.busy) return;
    if (entry.who === "start") await this.begin();
    else await this.#exchange(entry);
  }

  withdraw(entry) {
    this.entries = this.entries.filter((one) => one !== entry);
    this.#save();
    this.#deeds.remove(entry);
  }

  // A greeting that nobody has answered comes anew.
  async speak(language, open) {
    this.language = language;
    if (this.#kept) return void this.#add({ who: "note", word: "changed", language });
    this.#reset();
    if (open) await this.begin();
  }

  async rate(entry, rating, comment) {
    await this.#connection.rate(this.#session, { message: entry.message.id, rating, comment });
    entry.rating = rating;
    this.#save();
    this.#deeds.change(entry);
  }

  // With `erase` on the server too, else with what the citizen thinks of it.
  async end({ erase, rating = "none", comment } = {}) {
    try {
      if (erase && this.#session) await this.#connection.delete(this.#session);
      else if (rating !== "none" || comment) await this.#connection.rate(this.#session, { rating, comment });
    } catch (error) {
      if (!SESSION_OVER.test(error.code)) throw error;
    }
    this.#reset();
  }

  async #open() {
    const epoch = this.#epoch;
    const begun = await this.#connection.begin(this.language);
    if (epoch !== this.#epoch) return;
    this.#session = begun.session;
    const failed = this.entries.find((entry) => entry.who === "start" && entry.state === "failed");
    if (failed) this.#set(failed, { state: "done" });
    for (const message of begun.messages) this.#receive(message, false);
  }

  async #exchange(entry) {
    const epoch = this.#epoch;
    await this.#attempt(entry, async () => {
      try {
        if (this.#session) return await this.#answers(entry);
      } catch (error) {
        if (epoch !== this.#epoch || !SESSION_OVER.test(error.code)) throw error;
        this.#session = null;
        entry.key = freshKey();
        this.#add({ who: "note", word: "renewed", language: this.language });
      }
      await this.#open();
      // An old button holds no longer.
      if (epoch === this.#epoch && entry.said.text) await this.#answers(entry);
    });
  }

  async #answers(entry) {
    const epoch = this.#epoch;
    const known = new Set(this.entries.slice(this.entries.indexOf(entry)).map((one) => one.message?.id));
    for await (const message of this.#connection.say(this.#session, entry.said, this.language, entry.key)) {
      if (epoch !== this.#epoch) return;
      if (!message.id || !known.has(message.id)) this.#receive(message, true);
    }
  }

  async #attempt(entry, work) {
    const epoch = this.#epoch;
    let change = { state: "done" };
    this.#set(entry, { state: "waiting", error: null });
    this.#setBusy(true);
    try {
      await work();
    } catch (error) {
      const { code, message } = error instanceof ChatError ? error : new ChatError("internal");
      change = { state: "failed", error: { code, message } };
    }
    if (epoch !== this.#epoch) return;
    this.#set(entry, change);
    this.#setBusy(false);
  }

  #receive(message, rateable) {
    this.#add({ who: "assistant", message, rateable, rating: "none" });
  }

  #add(entry) {
    const added = { ...entry, id: (this.entries.at(-1)?.id ?? 0) + 1, time: Date.now() };
    this.entries.push(added);
    this.#save();
    this.#deeds.add(added);
    return added;
  }

  #set(entry, change) {
    Object.assign(entry, change);
    this.#save();
    this.#deeds.change(entry);
  }

  #setBusy(busy) {
    this.busy = busy;
    this.#deeds.busy(busy);
  }

  #reset() {
    this.#epoch += 1;
    this.entries = [];
    this.#session = null;
    this.#kept = false;
    this.#memory.forget();
    this.#deeds.clear();
    this.#setBusy(false);
  }

  #save() {
    if (!this.#kept) return;
    this.#memory.write({ session: this.#session, language: this.language, entries: this.entries });
  }
}

// crypto.randomUUID is missing on pages without TLS.
const freshKey = () => crypto.getRandomValues(new Uint32Array(4)).join("-");

// Where storage is forbidden or full, it goes on in memory.
function tried(work) {
  try {
    return work();
  } catch {
    return null;
  }
}

// Survives a reload and a change of page, ends with the tab.
export class TabMemory {
  #name;

  constructor(host) {
    this.#name = `smartcity-chat ${host}`;
  }

  read() {
    const stored = tried(() => JSON.parse(sessionStorage.getItem(this.#name)));
    return LANGUAGES.includes(stored?.language) && Array.isArray(stored.entries) ? stored : null;
  }

  write(conversation) {
    tried(() => sessionStorage.setItem(this.#name, JSON.stringify(conversation)));
  }

  forget() {
    tried(() => sessionStorage.removeItem(this.#name));
  }
}
