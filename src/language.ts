/**
 * The language that the program speaks. Sentences are written in English where they are used; src/languages/TAG.json
 * has their translations by the English text. Without a translation, the English sentence is shown.
 *
 *     t`The port ${port} is taken.`            // by "The port {0} is taken."
 *     counted(gifts, noun("gift"))             // by "{0} gifts": { "one": "{0} regalo", "other": "{0} regalos" }
 *     const titles = { log: msg("Log") }; // at the top of a module, where the language is not known yet,
 *     translated(titles.log)                   // and by "Log" where it is shown
 *
 * `deno task languages` adds the sentences of the code to the catalogues and removes those that the code no longer has.
 */

/** Translations by the English text: a sentence with `{0}`, `{1}` for its values, or one for each plural category. */
export type Catalogue = Readonly<Record<string, string | Readonly<Record<string, string>>>>;

export interface Language {
  /** BCP 47, as "es". */
  tag: string;
  catalogue: Catalogue;
}

/** What is counted, in English. `noun` makes one. */
export interface Noun {
  one: string;
  other: string;
}

export const english: Language = { tag: "en", catalogue: {} };

let current = english;
let plurals = new Intl.PluralRules("en");
let numbers = new Intl.NumberFormat("en");

/** Without the sentences that have no translation yet, so that they are spoken in English. */
export function finishedPart(catalogue: Catalogue): Catalogue {
  const isFinished = ([, texts]: [string, Catalogue[string]]) =>
    (typeof texts === "string" ? [texts] : Object.values(texts)).every((text) => text.trim() !== "");
  return Object.fromEntries(Object.entries(catalogue).filter(isFinished));
}

/** Speaks this language from now on. Each thread has its own. */
export function speak(language: Language): void {
  current = language;
  plurals = new Intl.PluralRules(language.tag);
  numbers = new Intl.NumberFormat(language.tag);
}

export function spoken(): Language {
  return current;
}

/** The sentence in the spoken language. A module must not call it while it loads: the language is not known yet. */
export function t(strings: TemplateStringsArray, ...values: readonly unknown[]): string {
  if (current !== english) return filled(translated(keyOf(strings)), values);
  // Each frame and each line of the log has dozens of sentences, and `String.raw` takes three times as long.
  let text = strings[0] as string;
  for (let index = 0; index < values.length; index++) text += String(values[index]) + strings[index + 1];
  return text;
}

/** The keys of the sentences in the code, each of which is made once. */
const keys = new WeakMap<TemplateStringsArray, string>();

function keyOf(strings: TemplateStringsArray): string {
  const known = keys.get(strings);
  if (known !== undefined) return known;
  const key = strings.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
  keys.set(strings, key);
  return key;
}

/** Marks a text for translation, and returns it unchanged. */
export function msg(text: string): string {
  return text;
}

/** The translation of a text that `msg` marks; the text itself if there is none. */
export function translated(text: string): string {
  const found = current.catalogue[text];
  return typeof found === "string" ? found : text;
}

/** Marks a noun for translation. `other`: its plural, by default with an "s". */
export function noun(one: string, other = `${one}s`): Noun {
  return { one, other };
}

/** "1 gift", "1,200 gifts". `number`: how the count is written, as "1.2M". */
export function counted(count: number, { one, other }: Noun, number = formatNumber(count)): string {
  const forms = current.catalogue[`{0} ${other}`];
  if (typeof forms !== "object") return `${number} ${count === 1 ? one : other}`;
  return filled(forms[plurals.select(count)] ?? forms["other"] ?? `{0} ${other}`, [number]);
}

/** A number for people, as "1,204" in English. */
export function formatNumber(value: number): string {
  return numbers.format(value);
}

function filled(text: string, values: readonly unknown[]): string {
  return text.replace(/\{(\d+)\}/g, (place, index) => index in values ? String(values[index]) : place);
}
