// The city's colours, made readable (contrast of WCAG 2.2).

import { GROUNDS } from "./style.js";

const READABLE = 4.5;

// [red, green, blue] of #rgb or #rrggbb, or null.
export function parsed(text) {
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(text ?? "");
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(text ?? "");
  const found = short ? short.slice(1).map((digit) => digit + digit) : long?.slice(1);
  return found ? found.map((part) => parseInt(part, 16)) : null;
}

const hex = (colour) => `#${colour.map((part) => Math.round(part).toString(16).padStart(2, "0")).join("")}`;

function luminance(colour) {
  const [red, green, blue] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function contrast(one, other) {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

export function textOn(colour) {
  const [white, black] = [[255, 255, 255], [0, 0, 0]];
  return hex(contrast(colour, white) >= contrast(colour, black) ? white : black);
}

// Moved towards black or white as far as it must.
export function readableOn(ground, colour) {
  const goal = luminance(ground) > 0.18 ? 0 : 255;
  let moved = colour;
  for (let step = 1; step <= 20 && contrast(moved, ground) < READABLE; step += 1) {
    moved = colour.map((part) => part + ((goal - part) * step) / 20);
  }
  return hex(moved);
}

// For the sheet: `brand` as it is, `accent` readable in each scheme.
export function paint(style, brand, accent) {
  const [brandColour, accentColour] = [parsed(brand), parsed(accent)];
  const set = (name, value) => (value ? style.setProperty(name, value) : style.removeProperty(name));
  for (const [scheme, ground] of Object.entries(GROUNDS)) {
    set(`--brand-${scheme}`, brandColour && hex(brandColour));
    set(`--accent-${scheme}`, accentColour && readableOn(parsed(ground), accentColour));
  }
  set("--on-brand", brandColour && textOn(brandColour));
}
