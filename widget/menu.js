// What can be done with the whole conversation: voice, saving, and its end.

import { choice, element } from "./elements.js";
import { canListen, canSpeak } from "./speech.js";
import { WORDS } from "./words.js";

export class Menu {
  #deeds;
  #on = { speak: false, dictate: false };

  // deeds: aloud(on), dictation(on), download(), end()
  constructor(deeds) {
    this.#deeds = deeds;
    this.view = element("div", { className: "menu", id: "menu", part: "menu", hidden: true, role: "group" });
  }

  speak(language) {
    const words = WORDS[language];
    this.view.setAttribute("aria-label", words.menu);
    const made = [];
    if (canSpeak()) made.push(this.#option("speak", words.speakSwitch, words.speakNote, this.#deeds.aloud));
    if (canListen()) made.push(this.#option("dictate", words.dictate, words.dictateNote, this.#deeds.dictation));
    made.push(choice(words.download, this.#deeds.download, "deed"), choice(words.end, this.#deeds.end, "deed"));
    this.view.replaceChildren(...made);
  }

  #option(name, label, note, deed) {
    const onchange = () => deed((this.#on[name] = box.checked));
    const box = element("input", { type: "checkbox", role: "switch", id: name, checked: this.#on[name], "aria-describedby": `${name}-note`, onchange });
    return element(
      "div",
      { className: "option" },
      element("label", { htmlFor: name }, box, element("span", { textContent: label })),
      element("p", { className: "small", id: `${name}-note`, textContent: note }),
    );
  }
}

const MOST = 500;

// Optional rating; then ending here, or deleting on the server too.
export class Ending {
  #deeds;

  #language;
  #ends = false;
  #erased = null; // whether, after the end

  // deeds: end({rating, comment, erase}) gives whether it worked, back(), restart()
  constructor(deeds) {
    this.#deeds = deeds;
    this.view = element("div", { className: "ending", part: "ending", hidden: true });
  }

  ask() {
    this.view.hidden = false;
    this.#show(null);
  }

  // Keeps what was filled in.
  speak(language) {
    this.#language = language;
    const { rating, comment } = this.#filled();
    if (this.#erased === null) this.#question(WORDS[language], rating, comment);
    else this.#finished(WORDS[language]);
  }

  #show(erased) {
    this.#erased = erased;
    this.view.replaceChildren();
    this.speak(this.#language);
    this.view.firstChild.focus(); // and so it is read
  }

  #filled() {
    const [rating, comment] = ["input:checked", "textarea"].map((one) => this.view.querySelector(one)?.value.trim());
    return { rating, comment };
  }

  #question(words, rating, remark) {
    const heading = element("h3", { textContent: words.ending, tabIndex: -1 });
    const ratings = words.ratings.split("|").map((label, place) => {
      const value = String(5 - place);
      const radio = element("input", { type: "radio", name: "rating", value, checked: value === rating });
      return element("label", {}, radio, element("span", { textContent: label }));
    });
    const comment = element("textarea", { id: "comment", rows: 2, maxLength: MOST, dir: "auto", value: remark, "aria-describedby": "comment-hint" });
    this.view.replaceChildren(
      heading,
      element("fieldset", {}, element("legend", { textContent: words.rating }), ...ratings),
      element("label", { htmlFor: "comment", textContent: words.comment }),
      comment,
      element("p", { className: "small", id: "comment-hint", textContent: words.hint }),
      element("p", { textContent: words.eraseNote }),
      element(
        "div",
        { className: "choices" },
        choice(words.finish, () => this.#end(false), "choice filled"),
        choice(words.erase, () => this.#end(true)),
        choice(words.back, this.#deeds.back),
      ),
    );
  }

  async #end(erase) {
    if (this.#ends) return;
    this.#ends = true;
    const worked = await this.#deeds.end({ ...this.#filled(), erase });
    this.#ends = false;
    if (worked) this.#show(erase);
  }

  #finished(words) {
    const heading = element("h3", { textContent: this.#erased ? words.erased : words.finished, tabIndex: -1 });
    const restart = choice(words.restart, this.#deeds.restart, "choice filled");
    this.view.replaceChildren(heading, element("div", { className: "choices" }, restart));
  }
}
