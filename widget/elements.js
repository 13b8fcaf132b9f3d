// Elements made one by one, never from markup; only harmless addresses become links.

const SAFE = ["https:", "http:", "mailto:", "tel:"];
const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  chat: "M4 5.5A2.5 2.5 0 0 1 6.5 3h11A2.5 2.5 0 0 1 20 5.5v8a2.5 2.5 0 0 1-2.5 2.5H11l-5 4.5V16A2.5 2.5 0 0 1 4 13.5zM8 8h8M8 11.5h5",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 7h14M5 12h14M5 17h14",
  send: "M4 12l16-7-5.5 15-3-6zM11.5 14L20 5",
  up: "M7 10.5v9H4v-9zM7 10.5L11.5 3c1.4 0 2.3 1.2 1.9 2.6L12.5 9H18a2 2 0 0 1 2 2.4l-1.3 6.5a2 2 0 0 1-2 1.6H7",
  down: "M17 13.5v-9h3v9zM17 13.5L12.5 21c-1.4 0-2.3-1.2-1.9-2.6l.9-3.4H6a2 2 0 0 1-2-2.4l1.3-6.5a2 2 0 0 1 2-1.6H17",
  copy: "M9 9h10v11H9zM15 9V4H5v11h4",
  done: "M5 12.5l4.5 4.5L19 7.5",
  speak: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11",
  stop: "M7 7h10v10H7z",
  microphone: "M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3zM6 11a6 6 0 0 0 12 0M12 17v4",
};

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key in made && key !== "part" && key !== "list") made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" })) {
    drawing.setAttribute(key, value);
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}

export function iconButton(name, label, properties = {}) {
  return element("button", { type: "button", title: label, "aria-label": label, ...properties }, icon(name));
}

export const choice = (label, onclick, className = "choice") =>
  element("button", { type: "button", className, textContent: label, onclick });

export function rename(button, label) {
  button.setAttribute("aria-label", label);
  button.title = label;
}

// The address, or null: no javascript:, no data:, nothing relative.
export function safeUrl(text) {
  try {
    const url = new URL(text);
    return SAFE.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

export function link(title, address, properties = {}) {
  const href = safeUrl(address);
  if (!href) return document.createTextNode(title);
  const elsewhere = href.startsWith("http");
  return element("a", { href, textContent: title, rel: "noopener noreferrer", ...(elsewhere && { target: "_blank" }), ...properties });
}

export const spoken = (text) => element("span", { className: "spoken", textContent: text });

export const htmlLanguage = (language) => (language === "en" ? "en" : "de");
