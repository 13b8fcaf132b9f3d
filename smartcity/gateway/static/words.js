// What the page itself says, in its three languages.

export const WORDS = {
  de: {
    skip: "Zum Eingabefeld",
    subtitle: "Assistent der Stadt",
    languages: "Sprache",
    log: "Gespräch",
    typing: "Der Assistent schreibt …",
    label: "Ihre Frage",
    send: "Senden",
    hint: "Hier antwortet ein Computer-Programm, kein Mensch. Bitte geben Sie keine persönlichen Daten ein.",
    privacy: "Datenschutz",
    you: "Sie:",
    assistant: "Assistent:",
    choices: "Auswahl",
    retry: "Noch einmal versuchen",
    changed: "Der Assistent antwortet jetzt auf Deutsch.",
    renewed: "Das Gespräch war abgelaufen. Ein neues hat begonnen.",
    offline: "Der Server ist nicht erreichbar. Bitte prüfen Sie Ihre Internetverbindung und versuchen Sie es noch einmal.",
    source: "Quelle",
    asOf: "Stand",
    undated: "Seite ohne Datum",
    read: "gelesen am",
  },
  "de-simple": {
    skip: "Zum Eingabe-Feld",
    subtitle: "Das Auskunfts-Programm der Stadt",
    languages: "Sprache",
    log: "Gespräch",
    typing: "Das Programm schreibt …",
    label: "Ihre Frage",
    send: "Senden",
    hint: "Hier antwortet ein Computer-Programm. Kein Mensch antwortet. Bitte schreiben Sie hier nichts Persönliches.",
    privacy: "Daten-Schutz",
    you: "Sie:",
    assistant: "Programm:",
    choices: "Auswahl",
    retry: "Noch einmal versuchen",
    changed: "Das Programm antwortet jetzt in Leichter Sprache.",
    renewed: "Das alte Gespräch ist vorbei. Ein neues Gespräch beginnt.",
    offline: "Das hat nicht geklappt. Haben Sie Internet? Bitte versuchen Sie es noch einmal.",
    source: "Das steht hier",
    asOf: "Stand",
    undated: "Auf der Seite steht kein Datum",
    read: "Wir haben die Seite gelesen am",
  },
  en: {
    skip: "Skip to the input field",
    subtitle: "The city’s assistant",
    languages: "Language",
    log: "Conversation",
    typing: "The assistant is writing …",
    label: "Your question",
    send: "Send",
    hint: "A computer program answers here, not a person. Please do not enter personal data.",
    privacy: "Privacy (in German)",
    you: "You:",
    assistant: "Assistant:",
    choices: "Options",
    retry: "Try again",
    changed: "The assistant now answers in English.",
    renewed: "The conversation had expired. A new one has begun.",
    offline: "The server cannot be reached. Please check your connection and try again.",
    source: "Source",
    asOf: "as of",
    undated: "page without a date",
    read: "read on",
  },
};

// "2025-12" becomes "Dezember 2025", "2026-11-23" the whole day; anything else stays as it is.
export function dateIn(language, date) {
  const parts = /^(\d{4})-(\d{2})(?:-(\d{2}))?$/.exec(date ?? "");
  if (!parts) return date ?? "";
  const [, year, month, day] = parts;
  const locale = language === "en" ? "en-GB" : "de-DE";
  const shape = { year: "numeric", month: "long", timeZone: "UTC", ...(day && { day: "numeric" }) };
  return new Date(Date.UTC(year, month - 1, day ?? 1)).toLocaleDateString(locale, shape);
}

export function shortDateIn(language, date) {
  const parts = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date ?? "");
  if (!parts || language === "en") return dateIn(language, date);
  return `${parts[3]}.${parts[2]}.${parts[1]}`;
}
