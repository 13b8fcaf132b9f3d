// A little Markdown: paragraphs, lists, **strong**, *emphasis*, [links](address), bare addresses.

import { element, link, safeUrl } from "./elements.js";

const INLINE = new RegExp(
  [
    String.raw`\[([^\[\]\n]{1,200})\]\(([^()\s]{1,2000})\)`, // 1 title, 2 address
    String.raw`\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*`, // 3 strong
    String.raw`(?<![\w*])\*(?=\S)([^*\n]+?)(?<=\S)\*(?![\w*])`, // 4 emphasis
    String.raw`(?<![\w:\/.-])(https?:\/\/[^\s<>"„“”()]+[^\s<>"„“”().,;:!?])`, // 5 address
    String.raw`(?<![\w.+-])([\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,})(?!\w)`, // 6 e-mail
    String.raw`(?<![\w\/-])(0\d{2,5}[ \/]\d{2,8}(?:[ -]\d{1,8}){0,3})(?![\w-])`, // 7 telephone
  ].join("|"),
  "gi",
);
const BULLET = /^\s*[-*•]\s+(.*)$/;
const NUMBER = /^\s*(\d{1,2})[.)]\s+(.*)$/;

const dialled = (number) => `tel:+49${number.replace(/\D/g, "").slice(1)}`;

function inline(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, title, address, strong, emphasis, url, email, telephone] = found;
    parts.push(text.slice(end, found.index));
    end = found.index + whole.length;
    if (title) parts.push(safeUrl(address) ? link(title, address) : title);
    else if (strong) parts.push(element("strong", {}, ...inline(strong)));
    else if (emphasis) parts.push(element("em", {}, ...inline(emphasis)));
    else if (url) parts.push(link(url, url));
    else if (email) parts.push(link(email, `mailto:${email}`));
    else parts.push(link(telephone, dialled(telephone)));
  }
  parts.push(text.slice(end));
  return parts.filter((part) => part !== "");
}

export function blocks(text) {
  const made = [];
  let list = null;
  for (const line of text.split("\n")) {
    const bullet = BULLET.exec(line);
    const number = NUMBER.exec(line);
    const kind = bullet ? "ul" : number ? "ol" : null;
    if (kind) {
      if (list?.localName !== kind) made.push((list = element(kind, number ? { start: Number(number[1]) } : {})));
      list.append(element("li", {}, ...inline(bullet ? bullet[1] : number[2])));
    } else {
      list = null;
      if (line.trim()) made.push(element("p", {}, ...inline(line.trim())));
    }
  }
  return made;
}

export function plain(text) {
  const bare = (whole, title, address, strong, emphasis) => title ?? (plain(strong ?? emphasis ?? "") || whole);
  return text.replace(INLINE, bare).replace(/^\s*[*•]\s+/gm, "- ");
}
