// @ts-check
/// <reference lib="dom" />
/**
 * The page's sentences in the user's language, by the same catalogue as Livecue's. Elements with `data-t` are translated,
 * with the markup inside of them, as soon as a script imports this module.
 */

/** @type {{ tag: string, catalogue: Record<string, string | Record<string, string>> }} */
const language = typeof document === "undefined"
  // A program reads the page's tables.
  ? { tag: "en", catalogue: {} }
  : await (await fetch("/livecue/language.json")).json();
const plurals = new Intl.PluralRules(language.tag);
const numbers = new Intl.NumberFormat(language.tag);

if (typeof document !== "undefined") translatePage();

function translatePage() {
  document.documentElement.lang = language.tag;
  for (const element of document.querySelectorAll("[data-t]")) {
    element.innerHTML = translated(element.innerHTML.trim().replace(/\s+/g, " "));
  }
}

/** The BCP 47 tag, for dates. */
export const tag = language.tag;

/**
 * @param {TemplateStringsArray} strings
 * @param {unknown[]} values
 * @returns {string}
 */
export function t(strings, ...values) {
  return filled(translated(keyOf(strings)), values);
}

/**
 * As `t`, with elements among the values: mixed`sent ${gift}` has the element `gift` in the middle of the sentence.
 * @param {TemplateStringsArray} strings
 * @param {(Node | string | readonly (Node | string)[])[]} values
 * @returns {(Node | string)[]}
 */
export function mixed(strings, ...values) {
  const parts = translated(keyOf(strings)).split(/\{(\d+)\}/);
  return parts.flatMap((part, index) => index % 2 === 0 ? part : values[Number(part)] ?? "")
    .filter((part) => part !== "");
}

/**
 * Marks a text for translation, and returns it unchanged.
 * @param {string} text
 */
export function msg(text) {
  return text;
}

/**
 * @param {string} text
 * @returns {string}
 */
export function translated(text) {
  const found = language.catalogue[text];
  return typeof found === "string" ? found : text;
}

/**
 * Marks a noun for translation.
 * @param {string} one
 * @param {string} [other]
 */
export function noun(one, other = `${one}s`) {
  return { one, other };
}

/**
 * "1 gift", "1,200 gifts".
 * @param {number} count
 * @param {{ one: string, other: string }} noun
 */
export function counted(count, { one, other }) {
  const number = numbers.format(count);
  const forms = language.catalogue[`{0} ${other}`];
  if (typeof forms !== "object") return `${number} ${count === 1 ? one : other}`;
  return filled(forms[plurals.select(count)] ?? forms.other ?? `{0} ${other}`, [number]);
}

/** @param {number} value */
export function formatNumber(value) {
  return numbers.format(value);
}

/** @param {TemplateStringsArray} strings */
function keyOf(strings) {
  return strings.reduce((text, part, index) => `${text}{${index - 1}}${part}`);
}

/**
 * @param {string} text
 * @param {readonly unknown[]} values
 */
function filled(text, values) {
  return text.replace(/\{(\d+)\}/g, (place, index) => index in values ? String(values[index]) : place);
}
