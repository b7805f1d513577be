// @ts-check
/// <reference lib="dom" />
/** The rule desk: services, their rules, and what becomes of a change. */
import { element, part } from "/livecue/elements.js";
import { msg, t, translated } from "/livecue/language.js";
import { ask, Refused } from "./ask.js";
import { openEditor } from "./rule_editor.js";
import { openTrial } from "./trial.js";
import { summaryOf } from "./words.js";

/** @typedef {import("../../overview.ts").Overview} Overview */
/** @typedef {import("../../overview.ts").DeskService} Service */

const status = part("status", HTMLParagraphElement);
const problem = part("problem", HTMLParagraphElement);
const nav = part("services", HTMLElement);
const main = part("rules", HTMLElement);

/** @type {Overview | null} */
let overview = null;
/** @type {string | null} */
let slug = new URLSearchParams(location.hash.slice(1)).get("service");
/** What is open instead of the list: a rule's number, "new", or nothing. @type {{ close(): void } | null} */
let open = null;

/** @param {string} text */
function say(text) {
  status.textContent = text;
}

/** @param {unknown} error */
function complain(error) {
  if (!(error instanceof Refused)) throw error;
  problem.textContent = error.message;
  problem.hidden = false;
}

/** Runs what a button does; a refusal is shown. @param {() => Promise<void>} act */
async function attempt(act) {
  problem.hidden = true;
  try {
    await act();
  } catch (error) {
    complain(error);
  }
}

async function load() {
  await attempt(async () => {
    show(await ask("/overview"));
    say("");
  });
}

/** @param {Overview} next */
function show(next) {
  overview = next;
  part("path", HTMLParagraphElement).textContent = next.path;
  problem.textContent = next.error ?? "";
  problem.hidden = next.error === null;
  if (!next.services.some((service) => service.slug === slug)) slug = next.services[0]?.slug ?? null;
  nav.replaceChildren(...next.services.map(serviceButton));
  showRules();
}

/** @param {Service} service */
function serviceButton({ slug: own, name, isActive, rules }) {
  const made = element(
    "button",
    { type: "button" },
    name,
    element("small", {}, isActive ? String(rules.length) : t`off`),
  );
  made.setAttribute("aria-current", String(own === slug));
  made.addEventListener("click", () => {
    slug = own;
    location.hash = new URLSearchParams({ service: own }).toString();
    if (overview) show(overview);
  });
  return made;
}

function showRules() {
  open = null;
  const service = overview?.services.find((each) => each.slug === slug);
  if (!service || !overview) {
    const none = t`No service of the config has rules. Add one: deno task livecue add overlays`;
    return main.replaceChildren(...(overview?.error === null ? [element("p", {}, none)] : []));
  }
  const list = element(
    "ol",
    { className: "rules" },
    ...service.rules.map((_, index) => card(service, index)),
  );
  const add = element("button", { type: "button", className: "main" }, t`Add a rule`);
  add.addEventListener("click", () => edit(service, null, add));
  const mistakes = service.mistakes.map((mistake) => element("p", { className: "mistake" }, mistake));
  const none = service.rules.length === 0 ? t`There are no rules yet.` : null;
  const notes = [service.note === null ? null : translated(service.note), none]
    .filter((note) => note !== null)
    .map((note) => element("p", { className: "dim" }, note));
  main.replaceChildren(element("h2", {}, service.name), ...mistakes, ...notes, list, add);
}

/** @param {Service} service @param {number} index */
function card(service, index) {
  const rule = service.rules[index];
  if (!rule) throw new Error("there is no such rule");
  const target = { index, text: rule.text };
  const number = index + 1;
  const actions = element("div", { className: "actions" });
  const item = element(
    "li",
    { className: "card" },
    element("p", { className: "summary" }, summaryOf(rule.value)),
    actions,
  );
  /** @param {string} text @param {string} label @param {() => void} act */
  const action = (text, label, act) => {
    const made = element("button", { type: "button" }, text);
    made.setAttribute("aria-label", label);
    made.addEventListener("click", act);
    actions.append(made);
    return made;
  };
  action(t`Edit`, t`Edit rule ${number}`, () => edit(service, index, item));
  if (overview?.canTry) {
    action(t`Try`, t`Try rule ${number}`, () => closeWith(openTrial({ overview, service, index }), item));
  }
  const last = service.rules.length - 1;
  action(
    t`Up`,
    t`Move up rule ${number}`,
    () =>
      change(
        { kind: "move", target, to: index - 1 },
        t`Rule ${number} is now rule ${index}.`,
        index - 1,
        t`Up`,
      ),
  )
    .disabled = index === 0;
  action(
    t`Down`,
    t`Move down rule ${number}`,
    () =>
      change(
        { kind: "move", target, to: index + 1 },
        t`Rule ${number} is now rule ${index + 2}.`,
        index + 1,
        t`Down`,
      ),
  )
    .disabled = index === last;
  let isAsked = false;
  const remove = action(t`Delete`, t`Delete rule ${number}`, () => {
    if (!isAsked) {
      isAsked = true;
      remove.textContent = t`Delete it?`;
      return;
    }
    void change(
      { kind: "remove", target },
      t`Rule ${number} was deleted.`,
      Math.min(index, last - 1),
      t`Delete`,
    );
  });
  remove.addEventListener("blur", () => {
    isAsked = false;
    remove.textContent = t`Delete`;
  });
  return item;
}

/** Saves a change, and goes back to the button that made it. @param {any} asked @param {string} done @param {number} index @param {string} text */
async function change(asked, done, index, text) {
  await attempt(async () => {
    const saved = await ask("/save", { slug, change: asked });
    show(saved.overview);
    say([done, ...saved.warnings].join("\n"));
    const buttons = main.querySelectorAll(`.card:nth-child(${index + 1}) .actions button`);
    const again = [...buttons].find((each) =>
      each.textContent === text && !(/** @type {HTMLButtonElement} */ (each).disabled)
    );
    /** @type {HTMLElement} */ (again ?? buttons[0] ?? main).focus();
  });
}

/** @param {Service} service @param {number | null} index @param {HTMLElement} place */
function edit(service, index, place) {
  if (!overview) return;
  const editor = openEditor({
    overview,
    service,
    index,
    async save(/** @type {unknown} */ draft, /** @type {unknown} */ target) {
      const saved = await ask("/save", { slug: service.slug, change: { kind: "put", target, draft } });
      show(saved.overview);
      const count = saved.overview.services.find((/** @type {Service} */ each) =>
        each.slug === service.slug
      )?.rules.length ?? 0;
      say(
        [t`Rule ${index === null ? count : index + 1} is saved, and holds at once.`, ...saved.warnings].join(
          "\n",
        ),
      );
      main.focus();
    },
  });
  closeWith(editor, place);
}

/** Shows a form in the place of a rule or behind the rules. @param {{ node: HTMLElement, focus(): void, onClose: (close: () => void) => void }} form @param {HTMLElement} place */
function closeWith(form, place) {
  open?.close();
  const isCard = place.classList.contains("card");
  const kept = [...place.childNodes];
  if (isCard) place.replaceChildren(form.node);
  else place.replaceWith(form.node);
  const close = () => {
    open = null;
    if (isCard) place.replaceChildren(...kept);
    else form.node.replaceWith(place);
    (isCard ? place.querySelector("button") : place)?.focus();
  };
  open = { close };
  form.onClose(close);
  form.focus();
}

nav.setAttribute("aria-label", translated(msg("Services")));

/** An editor or another tab may have changed the config meanwhile. */
addEventListener("focus", () => {
  if (open === null) void load();
});

void load();
