// Messages as elements. Text goes in by textContent only; links only to http, https, mailto, tel.

import { WORDS, dateIn, shortDateIn } from "./words.js";

export function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export const htmlLanguage = (language) => (language === "en" ? "en" : "de");

function safeUrl(text) {
  try {
    const url = new URL(text);
    return ["http:", "https:", "mailto:", "tel:"].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

function link(title, address) {
  const href = safeUrl(address);
  if (!href) return document.createTextNode(title);
  const opensTab = href.startsWith("http");
  return element("a", { href, textContent: title, rel: "noopener", ...(opensTab && { target: "_blank" }) });
}

// Paragraphs, and lists of the lines that begin with "- ".
function textBlocks(text) {
  const blocks = [];
  let list = null;
  for (const line of text.split("\n").map((part) => part.trim())) {
    if (line.startsWith("- ")) {
      if (!list) blocks.push((list = element("ul")));
      list.append(element("li", { textContent: line.slice(2) }));
    } else {
      list = null;
      if (line) blocks.push(element("p", { textContent: line }));
    }
  }
  return blocks;
}

function sourceLine(source, language) {
  const words = WORDS[language] ?? WORDS.de;
  const when = source.dated
    ? source.as_of && `${words.asOf} ${dateIn(language, source.as_of)}`
    : [words.undated, source.read && `${words.read} ${shortDateIn(language, source.read)}`].filter(Boolean).join(", ");
  const title = source.title || source.url || "";
  return element("p", { className: "source" }, `${words.source}: `, link(title, source.url), when ? `, ${when}` : "");
}

export function assistantMessage(message, words, press) {
  const language = message.language in WORDS ? message.language : "de";
  const bubble = element("div", { className: "bubble" }, ...textBlocks(message.text));
  if (message.links.length) {
    const items = message.links.map((one) => element("li", {}, link(one.title, one.url)));
    bubble.append(element("ul", { className: "links" }, ...items));
  }
  if (message.source) bubble.append(sourceLine(message.source, language));
  const made = element("div", { className: "message", lang: htmlLanguage(language) }, spoken(words.assistant));
  if (bubble.childElementCount) made.append(bubble);
  if (message.buttons.length) {
    const choices = element("div", { className: "choices", role: "group", ariaLabel: words.choices });
    for (const { title, payload } of message.buttons) {
      const button = element("button", { type: "button", textContent: title });
      button.addEventListener("click", () => press(title, payload));
      choices.append(button);
    }
    made.append(choices);
  }
  return made;
}

export function ownMessage(text, words) {
  return element("div", { className: "message mine" }, spoken(words.you), element("div", { className: "bubble", textContent: text }));
}

export function failedMessage(text, words, lang, retry) {
  const bubble = element("div", { className: "bubble" }, element("p", { textContent: text }));
  if (retry) {
    const button = element("button", { type: "button", className: "retry", textContent: words.retry });
    button.addEventListener("click", retry);
    bubble.append(button);
  }
  return element("div", { className: "message failed", lang }, bubble);
}

export function changeNote(text, language) {
  return element("p", { className: "change", textContent: text, lang: htmlLanguage(language) });
}

const spoken = (text) => element("span", { className: "spoken", textContent: text });
