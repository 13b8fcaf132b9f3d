// A constructed sheet needs no style-src in the page's policy. Sizes are in em of the reader's own
// text size ("medium"), whatever the page does with rem.

export const GROUNDS = { light: "#ffffff", dark: "#15242f" };

const DARK = `
  --ground: #0d1821; --card: ${GROUNDS.dark}; --text: #e7eef3; --soft: #a9bac6; --line: #2f4454; --edge: #7d95a5;
  --brand: var(--brand-dark, var(--smartcity-chat-brand-dark, #0a2740)); --own: var(--brand-dark, var(--smartcity-chat-brand-dark, #1d4f76));
  --accent: var(--accent-dark, var(--smartcity-chat-accent-dark, #63cdd2)); --link: #8ccbf0;
  --warn: #33270f; --warn-line: #e0a545; --focus: #8ccbf0; --error: #ffb4a8; --shade: rgb(0 0 0 / .6); color-scheme: dark;
`;

export const sheet = new CSSStyleSheet();

sheet.replaceSync(`
:host { font-size: medium; }
.root {
  --ground: #eef3f6; --card: ${GROUNDS.light}; --text: #14222e; --soft: #4a5b69; --line: #cbd8e0; --edge: #6b7f8e;
  --brand: var(--brand-light, var(--smartcity-chat-brand, #0b3558)); --own: var(--brand);
  --brand-text: var(--on-brand, var(--smartcity-chat-brand-text, #ffffff));
  --accent: var(--accent-light, var(--smartcity-chat-accent, #0b6670)); --link: #0a5a86;
  --warn: #fff4e0; --warn-line: #9a5b00; --focus: #0a5a86; --error: #b3261e; --shade: rgb(11 35 56 / .28);
  --radius: var(--smartcity-chat-radius, 1em); --gap: var(--smartcity-chat-offset, 1.25em);
  font: 1em/1.5 var(--smartcity-chat-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  font-size: var(--smartcity-chat-font-size, 1em);
  color: var(--text); color-scheme: light; text-align: start; overflow-wrap: anywhere;
}
@media (prefers-color-scheme: dark) { :host(:not([scheme="light"])) .root { ${DARK} } }
:host([scheme="dark"]) .root { ${DARK} }

*, *::before, *::after { box-sizing: border-box; }
[hidden] { display: none !important; }
button, input, textarea { font: inherit; letter-spacing: inherit; word-spacing: inherit; color: inherit; }
button { cursor: pointer; background: none; border: 1px solid transparent; padding: 0; text-align: start; }
p, h2, h3, ul, ol, fieldset { margin: 0; }
a { color: var(--link); text-underline-offset: .15em; }
.icon { inline-size: 1.35em; block-size: 1.35em; flex: none; fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }
.spoken { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
.bar :focus-visible, .languages :focus-visible { outline-color: var(--brand-text); outline-offset: 1px; }
.log:focus-visible { outline-offset: -3px; }

/* launcher */
.launcher {
  position: fixed; inset-block-end: var(--gap); inset-inline-end: var(--gap); z-index: var(--smartcity-chat-z, 1000);
  display: inline-flex; align-items: center; gap: .6em; min-block-size: 3.4em; padding: .6em 1.25em .6em 1.1em;
  border: 1px solid; border-radius: 2em; background: var(--brand); color: var(--brand-text); font-weight: 600; box-shadow: 0 .35em 1.3em var(--shade);
}
.launcher:hover, .send:hover { filter: brightness(1.15); }
.launcher:focus-visible { outline: 3px solid var(--brand); outline-offset: 3px; box-shadow: 0 0 0 3px var(--brand-text); }
:host([position="start"]) .launcher, :host([position="start"]) .panel, :host([position="start"]) .proactive { inset-inline: var(--gap) auto; }
.badge { min-inline-size: 1.6em; padding: 0 .4em; border-radius: 1em; background: var(--brand-text); color: var(--brand); text-align: center; font-size: .85em; }
.proactive {
  position: fixed; inset-block-end: calc(var(--gap) + 4.2em); inset-inline-end: var(--gap); z-index: var(--smartcity-chat-z, 1000);
  display: flex; align-items: flex-start; gap: .5em; max-inline-size: min(19em, calc(100vw - 2.5em)); padding: .8em .6em .8em 1em;
  background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 .35em 1.3em var(--shade);
}
.proactive button { display: grid; place-items: center; min-inline-size: 2em; min-block-size: 2em; border-radius: 50%; color: var(--soft); }

/* panel */
.panel {
  position: fixed; inset: auto; inset-block-end: calc(var(--gap) + 4.1em); inset-inline-end: var(--gap); z-index: calc(var(--smartcity-chat-z, 1000) + 1);
  inline-size: var(--smartcity-chat-width, 26em); max-inline-size: calc(100vw - 2 * var(--gap));
  block-size: var(--smartcity-chat-height, 43em); max-block-size: calc(100dvh - 2 * var(--gap) - 4.1em);
  margin: 0; padding: 0; overflow: hidden; flex-direction: column;
  background: var(--ground); color: inherit; border: 1px solid var(--line); border-radius: var(--radius); box-shadow: 0 .8em 3em var(--shade);
}
.panel[open], section.panel { display: flex; }
.panel[open] { animation: arrive .18s ease-out; }
.panel:modal { inset: 0; inline-size: 100%; max-inline-size: none; block-size: 100dvh; max-block-size: none; border: 0; border-radius: 0; }
section.panel { position: static; inline-size: 100%; max-inline-size: none; block-size: 100%; max-block-size: none; box-shadow: none; z-index: auto; }
:host([display="inline"]) { display: block; block-size: var(--smartcity-chat-height, 43em); max-inline-size: 100%; }
:host([display="inline"]) .root { block-size: 100%; }

.bar { display: flex; align-items: center; gap: .75em; padding: .75em .6em .5em 1em; background: var(--brand); color: var(--brand-text); }
.logo { display: grid; place-items: center; inline-size: 2.5em; block-size: 2.5em; flex: none; border-radius: .6em; background: color-mix(in srgb, var(--brand-text) 16%, transparent); }
.logo img { max-inline-size: 100%; max-block-size: 100%; border-radius: inherit; }
.titles { flex: 1; min-inline-size: 0; line-height: 1.25; }
h2 { font-size: 1.1em; font-weight: 650; }
h2:focus, h3:focus { outline: none; }
.subtitle { font-size: .85em; }
.bar button { display: grid; place-items: center; inline-size: 2.6em; block-size: 2.6em; flex: none; border-radius: .6em; }
.bar button:hover, .bar button[aria-expanded="true"] { background: color-mix(in srgb, var(--brand-text) 18%, transparent); }
.languages { display: flex; flex-wrap: wrap; gap: .2em; padding: 0 .75em .6em; background: var(--brand); color: var(--brand-text); }
.languages button { min-block-size: 2.1em; padding: .1em .8em; border-radius: 2em; font-size: .9em; }
.languages button:hover { border-color: currentColor; }
.languages button[aria-pressed="true"] { background: var(--brand-text); color: var(--brand); font-weight: 600; }

/* menu and end */
.menu, .ending { display: flex; flex-direction: column; gap: .7em; padding: 1em; background: var(--card); overflow-y: auto; overscroll-behavior: contain; }
.menu { border-block-end: 1px solid var(--line); }
.ending { flex: 1; }
.menu > *, .ending > * { flex: none; }
.small { font-size: .875em; color: var(--soft); }
.option label, fieldset label { display: flex; align-items: center; gap: .6em; min-block-size: 2em; }
.option label { font-weight: 600; }
.option .small { padding-inline-start: 2em; }
input[type="checkbox"], input[type="radio"] { inline-size: 1.4em; block-size: 1.4em; flex: none; margin: 0; accent-color: var(--accent); }
.deed { min-block-size: 2.6em; padding: .35em .9em; border: 1px solid var(--edge); border-radius: .7em; background: var(--card); }
.deed:hover { border-color: var(--accent); color: var(--accent); }
fieldset { border: 0; padding: 0; }
legend, .ending > label { font-weight: 600; padding: 0; }
h3 { font-size: 1.15em; }

/* transcript */
.talk { flex: 1; min-block-size: 13em; display: flex; flex-direction: column; }
.log { position: relative; flex: 1; min-block-size: 0; overflow-y: auto; overscroll-behavior: contain; scroll-padding-block: 1em; }
.list { display: flex; flex-direction: column; gap: .9em; min-block-size: 100%; padding: 1em; list-style: none; }
.entry { max-inline-size: 92%; align-self: flex-start; animation: arrive .22s ease-out; }
.still { animation: none; }
.head { margin-block-end: .2em; font-size: .8em; color: var(--soft); }
.who { font-weight: 600; }
.head time { margin-inline-start: .35em; }
.bubble { padding: .65em .95em; background: var(--card); border: 1px solid var(--line); border-radius: var(--radius); border-start-start-radius: .25em; }
.bubble > * + * { margin-block-start: .55em; }
.bubble ul, .bubble ol { padding-inline-start: 1.3em; }
.bubble ul { list-style-type: disc; }
.own { align-self: flex-end; }
.own .head { text-align: end; }
.own .bubble { background: var(--own); color: var(--brand-text); border-color: transparent; border-radius: var(--radius); border-start-end-radius: .25em; white-space: pre-wrap; }
.notice .bubble { background: var(--warn); border-color: var(--warn-line); }
.bubble .links { list-style: none; padding: 0; display: grid; gap: .3em; }
.source { padding-block-start: .5em; border-block-start: 1px solid var(--line); font-size: .875em; color: var(--soft); }
.note { align-self: center; font-size: .875em; color: var(--soft); text-align: center; }
.start:empty { display: none; }
.tools { display: flex; gap: .15em; margin-block-start: .2em; }
.tools button { display: grid; place-items: center; inline-size: 2.1em; block-size: 2.1em; border-radius: .5em; color: var(--soft); }
.tools .icon { inline-size: 1.15em; block-size: 1.15em; }
.tools button:hover { color: var(--accent); border-color: var(--line); background: var(--card); }
.tools button[aria-pressed="true"] { color: var(--accent); border-color: var(--accent); background: var(--card); }
.log:not(.aloud) .speaker { display: none; }
.reason { display: flex; flex-wrap: wrap; align-items: flex-end; gap: .5em; margin-block-start: .4em; }
.reason label { flex: 1 1 12em; display: grid; gap: .2em; font-size: .9em; }
.thanks { margin-block-start: .4em; font-size: .9em; color: var(--soft); }
.choices { display: flex; flex-wrap: wrap; gap: .45em; margin-block-start: .55em; }
.choice { min-block-size: 2.5em; padding: .35em .95em; border: 1.5px solid var(--accent); border-radius: 1.3em; background: var(--card); color: var(--accent); font-weight: 550; }
.choice:hover, .filled { background: var(--accent); color: var(--card); }
.failure { display: flex; flex-wrap: wrap; gap: .5em; margin-block-start: .4em; padding: .65em .95em; background: var(--warn); border: 1px solid var(--warn-line); border-radius: var(--radius); }
.failure p { flex: 1 1 100%; display: flex; gap: .4em; align-items: flex-start; }
.failed > .bubble { border: 1px dashed; }

.typing { display: flex; align-items: center; gap: .6em; padding: 0 1em .5em; font-size: .9em; color: var(--soft); }
.dots { display: inline-flex; gap: .25em; }
.dots i { inline-size: .45em; block-size: .45em; border-radius: 50%; background: var(--accent); animation: beat 1.2s infinite ease-in-out; }
.dots i:nth-child(2) { animation-delay: .15s; }
.dots i:nth-child(3) { animation-delay: .3s; }
.trouble { position: sticky; inset-block-start: 0; z-index: 1; padding: .4em 1em; font-size: .9em; background: var(--warn); border-block: 1px solid var(--warn-line); }
.trouble:empty { display: none; }

/* writing */
.composer { flex: none; max-block-size: 75%; overflow-y: auto; padding: .75em 1em .6em; background: var(--card); border-block-start: 1px solid var(--line); }
.line { display: flex; gap: .5em; align-items: flex-end; }
textarea, input[type="text"] { inline-size: 100%; min-inline-size: 0; padding: .55em .8em; background: var(--card); border: 1.5px solid var(--edge); border-radius: .8em; }
::placeholder { color: var(--soft); opacity: 1; }
.line textarea { flex: 1; min-block-size: 2.9em; max-block-size: 9em; padding-block: .65em; resize: none; }
textarea[aria-invalid="true"] { border-color: var(--error); }
.send, .microphone { display: grid; place-items: center; inline-size: 2.9em; block-size: 2.9em; flex: none; border-radius: .8em; }
.send { background: var(--accent); color: var(--card); }
.send[aria-disabled="true"] { opacity: .6; cursor: progress; }
.send .icon:dir(rtl) { transform: scaleX(-1); }
.microphone { border-color: var(--edge); }
.microphone[aria-pressed="true"] { background: var(--accent); color: var(--card); }
.hint, .count { margin-block-start: .4em; font-size: .8em; color: var(--soft); }
.count { text-align: end; }
.over { color: var(--error); font-weight: 650; }
.warning { margin-block-end: .6em; padding: .65em .95em; background: var(--warn); border: 1px solid var(--warn-line); border-radius: .8em; }

@keyframes arrive { from { opacity: 0; transform: translateY(.4em); } }
@keyframes beat { 0%, 60%, 100% { opacity: .35; } 30% { opacity: 1; } }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media (max-width: 22rem) {
  .logo:not(:has(img)) { display: none; }
  .languages { gap: 0; padding-inline: .4em; }
  .languages button { padding-inline: .55em; }
  .list { padding-inline: .7em; }
}
@media (max-height: 30rem) {
  .panel { overflow-y: auto; scroll-padding-block-start: 5em; }
  .panel :is(.menu, .ending, .talk) { flex: none; }
  .panel .log { overflow: visible; }
}
@media (forced-colors: active) {
  .launcher, .send, .own .bubble, .filled, .tools button, .bar button { border: 1px solid ButtonText; }
  .launcher { background: ButtonFace; color: ButtonText; }
  .bar, .languages { border-block-end: 1px solid; }
  [aria-pressed="true"] { forced-color-adjust: none; background: Highlight !important; color: HighlightText !important; outline-color: CanvasText !important; }
  .dots i { background: CanvasText; }
}
`);
