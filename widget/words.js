// What the chat itself says, and how it writes dates.

export const LANGUAGES = ["de", "de-simple", "en"];
export const NAMES = { de: "Deutsch", "de-simple": "Leichte Sprache", en: "English" };

const de = {
  launcher: "Chat öffnen: Fragen zur Smart City",
  resume: "Chat öffnen: weiter fragen",
  unread: "1 neue Antwort|{count} neue Antworten",
  label: "Fragen",
  subtitle: "Maschine, kein Mensch",
  languages: "Sprache",
  menu: "Einstellungen und Gespräch",
  close: "Chat schließen",
  log: "Gespräch",
  typing: "Der Assistent schreibt …",
  field: "Ihre Frage",
  send: "Senden",
  count: "{count} von {limit} Zeichen",
  tooLong: "{over} Zeichen zu viel. Bitte kürzen Sie Ihre Nachricht.",
  left: "Noch {left} Zeichen.",
  hint: "Bitte keine persönlichen Daten eingeben.",
  asked: "Hier dürfen Sie Persönliches schreiben.",
  privacy: "Datenschutz",
  you: "Sie",
  assistant: "Assistent",
  choices: "Auswahl",
  choicesFollow: "Dazu gibt es 1 Schaltfläche.|Dazu gibt es {count} Schaltflächen.",
  tools: "Diese Antwort",
  helpful: "Hilfreich",
  unhelpful: "Nicht hilfreich",
  thanks: "Danke für Ihre Bewertung.",
  takenBack: "Bewertung zurückgenommen.",
  whySend: "Absenden",
  whySent: "Danke. Ihr Hinweis ist gespeichert.",
  notStored: "Das wurde nicht gespeichert. Bitte versuchen Sie es noch einmal.",
  copy: "Antwort kopieren",
  copied: "Antwort kopiert.",
  notCopied: "Kopieren ist hier nicht möglich.",
  speak: "Vorlesen",
  hush: "Vorlesen anhalten",
  notice: "Hinweis",
  source: "Quelle",
  asOf: "Stand",
  undated: "Seite ohne Datum",
  read: "gelesen am",
  retry: "Noch einmal versuchen",
  changed: "Der Assistent antwortet jetzt auf Deutsch.",
  renewed: "Das Gespräch war abgelaufen. Ein neues hat begonnen.",
  offlineNow: "Keine Internetverbindung. Ihre Nachricht bleibt hier stehen.",
  onlineAgain: "Die Internetverbindung ist wieder da.",
  personal: "Ihre Nachricht enthält vielleicht persönliche Daten: {kinds}. Für eine Auskunft sind sie nicht nötig.",
  email: "E-Mail-Adresse",
  iban: "Kontonummer (IBAN)",
  card: "Kartennummer",
  telephone: "Telefonnummer",
  plate: "Kfz-Kennzeichen",
  address: "Anschrift",
  name: "Name",
  sendAnyway: "Trotzdem senden",
  rewrite: "Nachricht ändern",
  dictate: "Diktieren",
  dictating: "Aufnahme läuft. Bitte sprechen Sie.",
  dictated: "Aufnahme beendet.",
  notDictated: "Die Aufnahme hat nicht geklappt. Bitte prüfen Sie, ob das Mikrofon erlaubt ist.",
  speakSwitch: "Antworten vorlesen lassen",
  speakNote: "Ihr Browser liest vor. Manche Browser schicken dafür den Text an ihren Hersteller.",
  dictateNote: "Ihr Browser schreibt mit. Meist schickt er dafür Ihre Stimme an seinen Hersteller, nicht an die Stadt.",
  download: "Gespräch als Text speichern",
  end: "Gespräch beenden oder löschen",
  ending: "Gespräch beenden",
  rating: "Wie zufrieden waren Sie? (freiwillig)",
  ratings: "sehr zufrieden|zufrieden|teils, teils|unzufrieden|sehr unzufrieden",
  comment: "Möchten Sie uns etwas dazu sagen? (freiwillig)",
  finish: "Beenden",
  erase: "Beenden und löschen",
  eraseNote: "Löschen entfernt das Gespräch und Ihre Bewertungen auch auf dem Server der Stadt. Ohne Löschen bleibt es dort gespeichert.",
  back: "Zurück zum Gespräch",
  finished: "Das Gespräch ist beendet.",
  erased: "Das Gespräch ist gelöscht, hier und auf dem Server.",
  notErased: "Das Löschen hat noch nicht geklappt. Bitte versuchen Sie es noch einmal.",
  restart: "Neues Gespräch",
  fileTitle: "Gespräch mit dem Assistenten",
  dismiss: "Hinweis schließen",
  errors: {
    offline: "Der Assistent ist gerade nicht erreichbar. Bitte prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal. Telefon: 02151 86-1085",
  },
};

const simple = {
  ...de, // what is short already stays
  close: "Chat zu-machen",
  typing: "Das Programm schreibt …",
  tooLong: "Die Nachricht ist zu lang. Sie hat {over} Zeichen zu viel.",
  hint: "Bitte schreiben Sie hier nichts Persönliches.",
  assistant: "Programm",
  choicesFollow: "Es gibt 1 Knopf zum Drücken.|Es gibt {count} Knöpfe zum Drücken.",
  helpful: "Das hat geholfen",
  unhelpful: "Das hat nicht geholfen",
  thanks: "Danke. Wir haben Ihre Meinung gespeichert.",
  takenBack: "Wir haben Ihre Meinung gelöscht.",
  whySend: "Senden",
  whySent: "Danke. Wir haben das gespeichert.",
  notStored: "Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.",
  copied: "Die Antwort ist kopiert.",
  notCopied: "Kopieren geht hier nicht.",
  hush: "Nicht mehr vorlesen",
  notice: "Wichtig",
  source: "Das steht hier",
  undated: "Auf der Seite steht kein Datum",
  read: "Wir haben die Seite gelesen am",
  changed: "Das Programm antwortet jetzt in Leichter Sprache.",
  renewed: "Das alte Gespräch ist vorbei. Ein neues Gespräch beginnt.",
  offlineNow: "Sie haben kein Internet. Ihre Nachricht bleibt hier stehen.",
  onlineAgain: "Sie haben wieder Internet.",
  personal: "Vielleicht steht in Ihrer Nachricht etwas Persönliches: {kinds}. Das Programm braucht das nicht.",
  iban: "Konto-Nummer",
  card: "Karten-Nummer",
  telephone: "Telefon-Nummer",
  plate: "Auto-Kennzeichen",
  address: "Adresse",
  dictate: "Sprechen statt schreiben",
  dictating: "Bitte sprechen Sie jetzt.",
  dictated: "Die Aufnahme ist zu Ende.",
  notDictated: "Das hat nicht geklappt. Ist das Mikrofon erlaubt?",
  speakSwitch: "Antworten vorlesen",
  speakNote: "Ihr Browser liest vor. Manche Browser schicken den Text an eine Firma.",
  dictateNote: "Ihr Browser hört zu. Er schickt Ihre Stimme meistens an eine Firma. Er schickt sie nicht an die Stadt.",
  rating: "Waren Sie zufrieden? Sie müssen nicht antworten.",
  ratings: "sehr zufrieden|zufrieden|es geht so|nicht zufrieden|gar nicht zufrieden",
  comment: "Sie können hier etwas schreiben.",
  eraseNote: "Löschen heißt: Das Gespräch ist dann weg. Es ist hier weg. Und es ist bei der Stadt weg. Ohne Löschen bleibt es bei der Stadt gespeichert.",
  finished: "Das Gespräch ist zu Ende.",
  erased: "Das Gespräch ist gelöscht.",
  fileTitle: "Gespräch mit dem Programm",
  dismiss: "Weg damit",
  errors: {
    offline: "Das hat nicht geklappt. Haben Sie Internet? Bitte versuchen Sie es noch einmal. Telefon: 02151 86-1085",
  },
};

const en = {
  launcher: "Open chat: ask us about the Smart City",
  resume: "Open chat: ask us more",
  unread: "1 new answer|{count} new answers",
  label: "Ask us",
  subtitle: "A machine, not a person",
  languages: "Language",
  menu: "Settings and conversation",
  close: "Close chat",
  log: "Conversation",
  typing: "The assistant is writing …",
  field: "Your question",
  send: "Send",
  count: "{count} of {limit} characters",
  tooLong: "{over} characters too many. Please shorten your message.",
  left: "{left} characters left.",
  hint: "Please do not enter personal data.",
  asked: "You may enter personal data here.",
  privacy: "Data protection (in German)",
  you: "You",
  assistant: "Assistant",
  choices: "Options",
  choicesFollow: "There is 1 button with it.|There are {count} buttons with it.",
  tools: "This answer",
  helpful: "Helpful",
  unhelpful: "Not helpful",
  thanks: "Thank you for your rating.",
  takenBack: "Rating taken back.",
  whySend: "Submit",
  whySent: "Thank you. Your remark has been stored.",
  notStored: "This was not stored. Please try again.",
  copy: "Copy answer",
  copied: "Answer copied.",
  notCopied: "Copying is not possible here.",
  speak: "Read aloud",
  hush: "Stop reading",
  notice: "Notice",
  source: "Source",
  asOf: "as of",
  undated: "page without a date",
  read: "read on",
  retry: "Try again",
  changed: "The assistant now answers in English.",
  renewed: "The conversation had expired. A new one has begun.",
  offlineNow: "No internet connection. Your message stays here.",
  onlineAgain: "The internet connection is back.",
  personal: "Your message may contain personal data: {kinds}. It is not needed to answer you.",
  email: "e-mail address",
  iban: "account number (IBAN)",
  card: "card number",
  telephone: "telephone number",
  plate: "licence plate",
  address: "postal address",
  name: "name",
  sendAnyway: "Send anyway",
  rewrite: "Change message",
  dictate: "Dictate",
  dictating: "Recording. Please speak.",
  dictated: "Recording ended.",
  notDictated: "Recording did not work. Is the microphone allowed?",
  speakSwitch: "Have answers read aloud",
  speakNote: "Your browser reads aloud. Some browsers send the text to their maker.",
  dictateNote: "Your browser writes what you say. Most send your voice to their maker, not to the city.",
  download: "Save conversation as text",
  end: "End or delete conversation",
  ending: "End conversation",
  rating: "How satisfied were you? (optional)",
  ratings: "very satisfied|satisfied|neither|dissatisfied|very dissatisfied",
  comment: "Would you like to tell us more? (optional)",
  finish: "End",
  erase: "End and delete",
  eraseNote: "Deleting removes the conversation and your ratings from the city’s server too. Otherwise it stays there.",
  back: "Back to the conversation",
  finished: "The conversation has ended.",
  erased: "The conversation is deleted, here and on the server.",
  notErased: "Deleting has not worked yet. Please try again.",
  restart: "New conversation",
  fileTitle: "Conversation with the assistant",
  dismiss: "Dismiss hint",
  errors: {
    offline: "The assistant cannot be reached. Please check your connection and try again. Telephone: 02151 86-1085",
  },
};

export const WORDS = { de, "de-simple": simple, en };

// "for one|for {count}", or what holds for every number.
export const fill = (words, values) =>
  words.split("|").at(values.count === 1 ? 0 : -1).replace(/\{(\w+)\}/g, (blank, name) => values[name] ?? blank);

const locale = (language) => (language === "en" ? "en-GB" : "de-DE");

// "2025-12" becomes "Dezember 2025"; what is no date stays.
export function dateIn(language, date) {
  const parts = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(date ?? "");
  if (!parts) return date ?? "";
  const [, year, month, day] = parts;
  const shape = { year: "numeric", month: "long", timeZone: "UTC", ...(day && { day: "numeric" }) };
  return new Date(Date.UTC(year, month - 1, day ?? 1)).toLocaleDateString(locale(language), shape);
}

export function sourceWords(language, source) {
  const words = WORDS[language];
  const title = source.title || source.url || "";
  const dated = source.as_of ? `${words.asOf} ${dateIn(language, source.as_of)}` : "";
  const undated = [words.undated, source.read && `${words.read} ${dateIn(language, source.read)}`].filter(Boolean).join(", ");
  return { before: `${words.source}: `, title, after: source.dated ? dated : undated };
}

export const timeIn = (language, milliseconds) =>
  new Date(milliseconds).toLocaleTimeString(locale(language), { hour: "2-digit", minute: "2-digit" });

// Others get English.
export function languageOf(tag) {
  const lower = (tag ?? "").toLowerCase();
  if (!lower || lower === "de" || lower.startsWith("de-")) {
    return /simple|leicht|-ls\b/.test(lower) ? "de-simple" : "de";
  }
  return "en";
}
