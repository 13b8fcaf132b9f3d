// nlp.js on one data set: learns, parses, measures. The shapes of both files are those of ../contestant.py.
//
// Usage: node contestant.mjs JOB.json RESULT.json

import { readFileSync, writeFileSync } from "node:fs";
import { dockStart } from "@nlpjs/basic";
import { LangDe } from "@nlpjs/lang-de";
import { LangEn } from "@nlpjs/lang-en";

const NONE = "None";
const [jobFile, resultFile] = process.argv.slice(2);
const job = JSON.parse(readFileSync(jobFile, "utf-8"));

const started = performance.now();
const dock = await dockStart({
  settings: { nlp: { languages: [job.language], forceNER: false, autoSave: false, autoLoad: false, modelFileName: "" } },
  use: ["Basic"],
});
dock.getContainer().use(job.language === "de" ? LangDe : LangEn);
const nlp = dock.get("nlp");
nlp.settings.autoSave = false;
nlp.addLanguage(job.language);
for (const [text, intent] of job.train) nlp.addDocument(job.language, text, intent);
const log = console.log;
console.log = () => {};
await nlp.train();
console.log = log;

async function predict(text) {
  const found = await nlp.process(job.language, text);
  const best = found.classifications.find(({ intent }) => intent !== NONE);
  return best ? [best.intent, best.score] : [null, 0];
}

await predict("hallo");
const ready = (performance.now() - started) / 1000;
const results = {};
for (const [name, texts] of Object.entries(job.tests)) {
  results[name] = [];
  for (const text of texts) {
    const begun = performance.now();
    const [intent, confidence] = await predict(text);
    results[name].push([intent, confidence, performance.now() - begun]);
  }
}
const size = Buffer.byteLength(nlp.export());
const memory = (process.resourceUsage().maxRSS * 1024) / 1e6;
writeFileSync(resultFile, JSON.stringify({ ready, memory, size, results }));
