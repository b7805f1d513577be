// @ts-check
/// <reference lib="dom" />
/** Sends a test event that fits a rule. */
import { element } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { ask, Refused } from "./ask.js";
import { typeName } from "./words.js";

/** @typedef {import("../../overview.ts").Overview} Overview */
/** @typedef {import("../../overview.ts").DeskService} Service */

/** @param {{ overview: Overview | null, service: Service, index: number }} options */
export function openTrial({ overview, service, index }) {
  const rule = service.rules[index];
  if (!rule || !overview) throw new Error("there is no such rule");
  /** @type {any} */
  const value = rule.value;
  const conditions = value.if ?? {};
  const type = String([value.when].flat()[0]);
  const gift = giftFor(conditions, overview);
  const inputs = {
    amount: input(t`Amount`, "number", String(amountFor(conditions, gift))),
    text: input(t`Text`, "text", String([conditions.words ?? ""].flat()[0])),
    gift: input(t`Gift`, "text", gift.name),
    diamonds: input(t`Diamonds of the gift`, "number", String(gift.diamonds)),
    user: input(t`Viewer`, "text", t`Test viewer`),
  };
  const role = [conditions.role ?? []].flat();
  const shown = type === "GiftEvent" ? ["amount", "gift", "diamonds", "user"] : ["amount", "text", "user"];
  const result = element("p", {});
  result.setAttribute("role", "status");
  const send = element("button", { type: "submit", className: "main" }, t`Send`);
  const cancel = element("button", { type: "button" }, t`Close`);
  const node = element("form", { className: "editor" });
  node.setAttribute("aria-label", t`Try rule ${index + 1}`);
  node.append(
    element(
      "p",
      {},
      t`Sends a test ${typeName(type).toLowerCase()} to all services. It counts in no total.`,
    ),
    ...Object.entries(inputs).filter(([name]) => shown.includes(name)).map(([, { field }]) => field),
    element("div", { className: "actions" }, send, cancel),
    result,
  );
  node.addEventListener("submit", async (event) => {
    event.preventDefault();
    send.disabled = true;
    try {
      const trial = await ask("/try", {
        slug: service.slug,
        target: { index, text: rule.text },
        event: {
          type,
          amount: inputs.amount.control.valueAsNumber || 0,
          text: inputs.text.control.value,
          gift: { name: inputs.gift.control.value, diamonds: inputs.diamonds.control.valueAsNumber || 0 },
          user: { name: inputs.user.control.value, roles: role },
        },
      });
      result.className = trial.isError || !trial.isMatch ? "mistake" : "";
      result.textContent = trial.isError || trial.isMatch
        ? trial.text
        : `${trial.text} ${t`Rule ${index + 1} does not match it.`}`;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      result.className = "mistake";
      result.textContent = error.message;
    } finally {
      send.disabled = false;
    }
  });
  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape") cancel.click();
  });
  return {
    node,
    focus: () => send.focus(),
    onClose: (/** @type {() => void} */ close) => cancel.addEventListener("click", close),
  };
}

/** @param {string} label @param {string} type @param {string} value */
function input(label, type, value) {
  const control = element("input", { type, value, id: `trial-${label.replaceAll(" ", "-").toLowerCase()}` });
  return {
    control,
    field: element("div", { className: "field" }, element("label", { htmlFor: control.id }, label), control),
  };
}

/** @param {any} conditions @param {Overview} overview */
function giftFor({ gift, min_diamonds: least, max_diamonds: most }, { gifts }) {
  const name = [gift ?? []].flat().find((each) => typeof each === "string");
  const seen = gifts.find((each) => each.name === name);
  if (name !== undefined) return { name, diamonds: seen?.diamonds ?? least ?? 1 };
  return { name: "Rose", diamonds: Math.min(least ?? 1, most ?? Infinity) };
}

/** @param {any} conditions @param {{ diamonds: number }} gift */
function amountFor({ min_count: least = 1, every_count: every = 1, min_diamonds: diamonds = 0 }, gift) {
  return Math.max(least, every, gift.diamonds > 0 ? Math.ceil(diamonds / gift.diamonds) : 1);
}
