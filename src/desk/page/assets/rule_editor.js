// @ts-check
/// <reference lib="dom" />
/** Edits one rule, by a form or as text, and shows at once what is wrong and which events it matches. */
import { element } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { ask, Refused } from "./ask.js";
import { makeField } from "./schema_form.js";
import { hintOf, labelOf, typeName } from "./words.js";

/** @typedef {import("../../overview.ts").Overview} Overview */
/** @typedef {import("../../overview.ts").DeskService} Service */
/** @typedef {import("../../overview.ts").DraftView} DraftView */

/** How long nothing is typed before the rule is checked. */
const pauseMs = 300;

/**
 * @param {{ overview: Overview, service: Service, index: number | null, save(draft: unknown, target: unknown): Promise<void> }} options
 */
export function openEditor({ overview, service, index, save }) {
  const rule = index === null ? null : service.rules[index] ?? null;
  const target = rule === null ? null : { index, text: rule.text };
  const words = wordsFor(overview);
  const content = element("div", { className: "content" });
  const mistakes = element("div", { className: "mistakes" });
  mistakes.setAttribute("role", "alert");
  const matches = element("div", { className: "matches" });
  const saving = element("button", { type: "submit", className: "main" }, t`Save`);
  const cancel = element("button", { type: "button" }, t`Cancel`);
  const swap = element("button", { type: "button" }, t`Edit as text`);
  const node = element("form", { className: "editor", noValidate: true });
  node.setAttribute("aria-label", index === null ? t`New rule` : t`Rule ${index + 1}`);
  node.append(content, mistakes, element("div", { className: "actions" }, saving, cancel, swap), matches);
  /** @type {() => unknown} */
  let draft = () => ({});
  let focus = () => {};
  /** The rule as text, as Livecue last wrote it. */
  let text = rule?.text ?? '{ "when": "GiftEvent", "do": {} }';
  let isForm = false;

  const asForm = (/** @type {any} */ value) => {
    if (service.schema === null) return false;
    const field = makeField(
      /** @type {any} */ (service.schema.rule),
      value,
      "",
      words(service.schema.definitions),
    );
    if (value !== undefined && sorted(field.read()) !== sorted(value)) return false;
    content.replaceChildren(field.node);
    draft = () => ({ rule: field.read() });
    focus = () => field.focus();
    isForm = true;
    swap.textContent = t`Edit as text`;
    return true;
  };
  const asText = (/** @type {string} */ why) => {
    const area = element("textarea", {
      value: text,
      rows: Math.min(20, text.split("\n").length + 3),
      ariaLabel: t`The rule as text`,
    });
    area.spellcheck = false;
    content.replaceChildren(...(why === "" ? [] : [element("p", { className: "dim" }, why)]), area);
    draft = () => ({ text: area.value });
    focus = () => area.focus();
    isForm = false;
    swap.textContent = t`Edit by form`;
    swap.hidden = service.schema === null;
  };

  let asked = 0;
  // A rule that nobody has filled in yet has no mistakes to tell.
  let isTouched = index !== null;
  const look = async () => {
    const own = ++asked;
    try {
      /** @type {DraftView} */
      const view = await ask("/view", { slug: service.slug, target, draft: draft() });
      if (own !== asked) return null;
      text = view.text;
      if (isTouched) show(mistakes, view.mistakes);
      showMatches(matches, view);
      return view;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (own === asked) show(mistakes, [error.message]);
      return null;
    }
  };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  node.addEventListener("input", () => {
    isTouched = true;
    clearTimeout(timer);
    timer = setTimeout(look, pauseMs);
  });
  swap.addEventListener("click", async () => {
    const view = await look();
    if (isForm) asText("");
    else if (view !== null && !asForm(view.value)) {
      show(mistakes, [t`The form cannot show all of this rule. Edit it as text.`]);
    }
    focus();
  });
  const trySave = async () => {
    clearTimeout(timer);
    asked++;
    saving.disabled = true;
    try {
      await save(draft(), target);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      show(mistakes, [error.message]);
    } finally {
      saving.disabled = false;
    }
  };
  node.addEventListener("submit", (event) => {
    event.preventDefault();
    void trySave();
  });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel.click();
    if (event.key !== "s" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    void trySave();
  });

  if (!asForm(rule === null ? undefined : rule.value)) {
    asText(
      service.schema === null
        ? t`This service does not describe its rules, so there is no form.`
        : t`The form cannot show all of this rule.`,
    );
  }
  void look();
  return {
    node,
    focus: () => focus(),
    onClose: (/** @type {() => void} */ close) => cancel.addEventListener("click", close),
  };
}

/** @param {Overview} overview */
function wordsFor({ eventTypes, sources, gifts }) {
  return (/** @type {any} */ definitions) => ({
    definitions,
    choices: (/** @type {string} */ path) =>
      path === "when[]" ? eventTypes : path === "sources[]" ? sources : null,
    isSingle: (/** @type {string} */ path) => path !== "do",
    suggestions: (/** @type {string} */ path) => path === "if.gift[]" ? gifts.map(({ name }) => name) : [],
    label: labelOf,
    hint: hintOf,
    shown: (/** @type {string} */ choice, /** @type {string} */ path) =>
      path === "when[]" ? typeName(choice) : choice.replaceAll("_", " "),
  });
}

/** @param {HTMLElement} place @param {string[]} sentences */
function show(place, sentences) {
  place.replaceChildren(...sentences.map((each) => element("p", { className: "mistake" }, each)));
}

/** @param {HTMLElement} place @param {DraftView} view */
function showMatches(place, { events }) {
  const count = events.filter(({ isMatch }) => isMatch).length;
  const heading = events.length === 0
    ? t`No event of these types is stored yet.`
    : t`It matches ${count} of the latest ${events.length} events of these types, cooldowns aside.`;
  const items = events.map(({ at, text, isMatch, rules }) => {
    const others = rules.length === 0 ? "" : ` (${t`rule ${rules.join(", ")}`})`;
    const item = element("li", { className: isMatch ? "match" : "" });
    const mark = element("span", {}, isMatch ? "✓" : "–");
    mark.setAttribute("aria-label", isMatch ? t`matches` : t`does not match`);
    item.append(
      mark,
      element("time", {}, new Date(at).toLocaleTimeString()),
      element("span", { dir: "auto" }, text),
      element("small", {}, others),
    );
    return item;
  });
  place.replaceChildren(element("h3", {}, heading), element("ul", {}, ...items));
}

/** JSON with keys in order, to compare. @param {unknown} value */
function sorted(value) {
  return JSON.stringify(
    value,
    (_, each) =>
      typeof each === "object" && each !== null && !Array.isArray(each)
        ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => one < other ? -1 : 1))
        : each,
  );
}
