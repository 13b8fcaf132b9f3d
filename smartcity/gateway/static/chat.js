// The chat page: what the citizen does, what the gateway answers.

import { Connection } from "./connection.js";
import { assistantMessage, changeNote, failedMessage, htmlLanguage, ownMessage } from "./view.js";
import { WORDS } from "./words.js";

const SESSION_OVER = ["no_session", "bad_session", "session_expired", "foreign_session"];
const TO_REWRITE = ["too_long", "blank"];

const connection = new Connection();
const log = document.getElementById("log");
const typing = document.getElementById("typing");
const form = document.getElementById("form");
const input = document.getElementById("text");
const send = form.querySelector("button");
const switches = [...document.querySelectorAll("[data-language]")];

let language = "de";
let busy = false;
let spoke = false;

const words = () => WORDS[language];

// A long answer is read from its beginning, so that comes into view, not its end.
function bringIntoView(element) {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
  log.scrollTo({ top: element.offsetTop - log.offsetTop - 8, behavior });
}

function show(element) {
  log.append(element);
  bringIntoView(element);
}

function showAnswer(messages) {
  const shown = messages.map((message) => assistantMessage(message, words(), (title, payload) => say({ payload }, title)));
  log.append(...shown);
  if (shown.length) bringIntoView(shown[0]);
}

function setBusy(now) {
  busy = now;
  typing.hidden = !now;
  send.setAttribute("aria-disabled", String(now));
}

// Runs one exchange; when it fails, says why in the log and offers to repeat it.
async function exchange(attempt, onRewrite) {
  setBusy(true);
  if (log.lastElementChild) bringIntoView(log.lastElementChild);
  let failure = null;
  try {
    showAnswer(await attempt());
  } catch (error) {
    failure = error;
  }
  setBusy(false);
  if (!failure) return;
  if (SESSION_OVER.includes(failure.code)) connection.forget();
  const rewrite = TO_REWRITE.includes(failure.code) && onRewrite;
  const failed = failedMessage(failure.message || words().offline, words(), htmlLanguage(language), rewrite ? null : () => {
    if (busy) return;
    failed.remove();
    input.focus();
    exchange(attempt, onRewrite);
  });
  show(failed);
  if (rewrite) rewrite();
}

async function begin() {
  await exchange(() => connection.begin(language));
}

async function say(said, shownText) {
  if (busy) return;
  spoke = true;
  const own = ownMessage(shownText, words());
  show(own);
  const attempt = async () => {
    if (!connection.begun) {
      const greeting = await connection.begin(language);
      if (said.payload) return greeting;
    }
    try {
      return await connection.say(said, language);
    } catch (error) {
      if (!SESSION_OVER.includes(error.code)) throw error;
      const greeting = await connection.begin(language);
      log.append(changeNote(words().renewed, language));
      // A button of the old session holds no longer; typed text is asked again.
      return said.text ? connection.say(said, language) : greeting;
    }
  };
  await exchange(attempt, said.text && (() => {
    own.remove();
    input.value = said.text;
    grow();
    input.focus();
  }));
}

function choose(chosen) {
  if (chosen === language) return;
  language = chosen;
  document.documentElement.lang = htmlLanguage(language);
  for (const one of switches) one.setAttribute("aria-pressed", String(one.dataset.language === language));
  for (const one of document.querySelectorAll("[data-text]")) one.textContent = words()[one.dataset.text];
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", words()[one.dataset.label]);
  if (spoke || busy) {
    show(changeNote(words().changed, language));
  } else {
    log.replaceChildren();
    begin();
  }
}

function grow() {
  input.style.height = "auto";
  input.style.height = `${input.scrollHeight + 3}px`;
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = input.value.trim();
  if (!text || busy) return;
  input.value = "";
  grow();
  say({ text }, text);
});
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});
input.addEventListener("input", grow);
for (const one of switches) one.addEventListener("click", () => choose(one.dataset.language));

begin();
