// What looks like personal data while it is still in the field: a hint, not a check.

const CONTACTS = {
  email: /[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*\.[a-z]{2,}/gi,
  iban: /\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b/gi,
  card: /\b(?:\d[ -]?){13,19}\b/g,
  telephone: /(?<![\w/.-])(?:\+|00?)[1-9]\d{0,4}[\d /()-]{5,16}\d(?![\w-])/g,
  plate: /(?<![\wÄÖÜäöü-])[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?(?!\w)/g,
  address: /(?<!\p{L})\p{Lu}[\p{L}-]*(?:straße|strasse|str\.|weg|allee|gasse|ring|damm|ufer)\s\d{1,3}\s?[a-z]?(?!\w)/gu,
  name: /(?<!\p{L})(?:ich heiße|mein name ist|my name is)\s+\p{L}/giu,
};

const digits = (text) => text.replace(/\D/g, "");

// By Luhn's check digit.
function isCard(text) {
  let sum = 0;
  [...digits(text)].reverse().forEach((sign, place) => {
    const doubled = Number(sign) * (place % 2 ? 2 : 1);
    sum += doubled > 9 ? doubled - 9 : doubled;
  });
  return sum % 10 === 0;
}

const COUNTS = { card: isCard, telephone: (text) => digits(text).length >= 7 && digits(text).length <= 15 };

// Kinds found in `text`; what answers (`known`) hold, such as the office's number, is public.
export function personalData(text, known = "") {
  const publicText = known.toLowerCase();
  const publicDigits = digits(known);
  const isPublic = (found) =>
    publicText.includes(found.toLowerCase().trim()) || (digits(found).length >= 7 && publicDigits.includes(digits(found)));
  let rest = text;
  return Object.keys(CONTACTS).filter((kind) => {
    const found = rest.match(CONTACTS[kind])?.filter((one) => (COUNTS[kind]?.(one) ?? true) && !isPublic(one)) ?? [];
    for (const one of found) rest = rest.replace(one, " "); // the digits of an account are no telephone
    return found.length > 0;
  });
}
