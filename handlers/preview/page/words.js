// The page's own words, in the language of the app. They come from the server (start.json); no word stands in a script.

const tables = { words: {}, language: "id" };

export function setWords(words) {
  tables.words = words;
}

export function language() {
  return tables.language;
}

/** A word, with {name} and the like filled in. */
export function w(name, values = {}) {
  const text = tables.words[tables.language][name];
  if (text === undefined) throw new Error(`no word ${name}`);
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
}

/** Put the words of a language into the whole page: data-word, data-label and data-placeholder name them. */
export function speak(code) {
  tables.language = code;
  document.documentElement.lang = code;
  document.title = w("title");
  for (const node of document.querySelectorAll("[data-word]")) node.textContent = w(node.dataset.word);
  for (const node of document.querySelectorAll("[data-label]")) label(node, node.dataset.label);
  for (const node of document.querySelectorAll("[data-placeholder]")) node.placeholder = w(node.dataset.placeholder);
}

/** Name something by a word, for the ear and (buttons) under the pointer. */
export function label(node, name) {
  node.dataset.label = name;
  node.setAttribute("aria-label", w(name));
  if (node.matches("button")) node.title = w(name);
}

const LOCALE = { id: "id-ID", en: "en-GB" };

/** 14:05, in the device's own time. */
export function clock(seconds) {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(seconds * 1000);
}

/** "22 November 2026, 14:05:09", in full. */
export function moment(seconds) {
  return new Intl.DateTimeFormat(LOCALE[tables.language], { dateStyle: "long", timeStyle: "medium" }).format(seconds * 1000);
}

/** "Today", "Yesterday", or the date. */
export function day(seconds) {
  const then = new Date(seconds * 1000).toDateString();
  const today = new Date();
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1);
  if (then === today.toDateString()) return w("today");
  if (then === yesterday.toDateString()) return w("yesterday");
  return new Intl.DateTimeFormat(LOCALE[tables.language], { dateStyle: "long" }).format(seconds * 1000);
}

const K = 1024; // as Telegram counts

/** "12.5 kB". */
export function size(bytes) {
  const [unit, value] = bytes < K ? ["byte", bytes] : bytes < K * K ? ["kilobyte", bytes / K] : ["megabyte", bytes / K / K];
  const options = { style: "unit", unit, maximumFractionDigits: 1 };
  return new Intl.NumberFormat(LOCALE[tables.language], options).format(value);
}
