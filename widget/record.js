// Messages and conversations as text, for clipboard and file.

import { element, htmlLanguage } from "./elements.js";
import { plain } from "./markdown.js";
import { WORDS, sourceWords, timeIn } from "./words.js";

export const languageOfMessage = (message, language) => (message.language in WORDS ? message.language : language);

export function messageText(message, language) {
  const lines = [plain(message.text), ...message.links.map(({ title, url }) => `${title}: ${url}`)];
  if (message.source) {
    const { before, title, after } = sourceWords(language, message.source);
    lines.push([`${before}${title}`, after, message.source.url].filter(Boolean).join(", "));
  }
  return lines.filter(Boolean).join("\n");
}

export function conversationText(entries, language, name) {
  const words = WORDS[language];
  const said = entries.filter((entry) => entry.who === "you" || entry.who === "assistant").map((entry) => {
    const own = entry.who === "you";
    const spoken = own ? language : languageOfMessage(entry.message, language);
    const who = own ? words.you : WORDS[spoken].assistant;
    return `[${timeIn(language, entry.time)}] ${who}: ${own ? entry.text : messageText(entry.message, spoken)}`;
  });
  return [`${words.fileTitle}: ${name}`, new Date().toLocaleString(htmlLanguage(language)), ...said].join("\n\n");
}

export function save(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  element("a", { href: address, download: `smart-city-chat-${new Date().toISOString().slice(0, 10)}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

// False without TLS or permission.
export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
