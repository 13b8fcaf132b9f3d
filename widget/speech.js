// The browser's own voice and ear, off until the citizen turns them on.

const Recognition = globalThis.SpeechRecognition ?? globalThis.webkitSpeechRecognition;
const tag = (language) => (language === "en" ? "en-GB" : "de-DE");

export const canSpeak = () => "speechSynthesis" in globalThis && "SpeechSynthesisUtterance" in globalThis;
export const canListen = () => Boolean(Recognition);

// A voice of this device comes before one of the net.
export function speak(text, language, ended) {
  hush();
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = tag(language);
  utterance.rate = language === "de-simple" ? 0.85 : 1;
  const fit = speechSynthesis.getVoices().filter((voice) => voice.lang.replace("_", "-").startsWith(utterance.lang.slice(0, 2)));
  const voice = fit.find((one) => one.localService) ?? fit[0];
  if (voice) utterance.voice = voice;
  utterance.onend = utterance.onerror = () => ended();
  speechSynthesis.speak(utterance);
}

export function hush() {
  if (canSpeak()) speechSynthesis.cancel();
}

// `heard` gets each finished piece, `ended` whether it failed; gives what stops it.
export function listen(language, heard, ended) {
  const recognition = new Recognition();
  let failed = false;
  recognition.lang = tag(language);
  recognition.continuous = true;
  recognition.interimResults = false;
  recognition.onresult = (event) => {
    for (let place = event.resultIndex; place < event.results.length; place += 1) {
      if (event.results[place].isFinal) heard(event.results[place][0].transcript.trim());
    }
  };
  recognition.onerror = (event) => {
    failed = !["no-speech", "aborted"].includes(event.error);
  };
  recognition.onend = () => ended(failed);
  recognition.start();
  return () => recognition.stop();
}
