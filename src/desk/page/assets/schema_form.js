// @ts-check
/// <reference lib="dom" />
/**
 * Makes the fields of a form from a JSON Schema. A field gives its value with `read`; each change of it is an "input"
 * event. What no field can say is edited as JSON.
 */
import { element } from "/livecue/elements.js";
import { t } from "/livecue/language.js";
import { decidedVariants, deciderOf, isObject, plainVariants } from "./variants.js";

/**
 * @typedef {Record<string, any>} Schema
 * @typedef {{ node: HTMLElement, read(): unknown, focus(): void }} Field
 * @typedef {{
 *   definitions: Record<string, Schema>,
 *   choices(path: string): readonly string[] | null,
 *   isSingle(path: string): boolean,
 *   suggestions(path: string): readonly string[],
 *   label(path: string): string,
 *   hint(path: string): string,
 *   shown(choice: string, path: string): string,
 * }} Words
 */

let lastId = 0;
const newId = () => `field-${++lastId}`;

/** @param {HTMLElement} node */
function changed(node) {
  node.dispatchEvent(new Event("input", { bubbles: true }));
}

/**
 * @param {Schema} given
 * @param {unknown} value undefined: the schema's own default, or empty.
 * @param {string} path Keys with dots between them; "" at the top.
 * @param {Words} words
 * @returns {Field}
 */
export function makeField(given, value, path, words) {
  const schema = resolved(given, words);
  const choices = words.choices(path);
  if (choices !== null) return choiceField(choices, value, path, words);
  const variants = schema.oneOf ?? schema.anyOf;
  if (variants) {
    return variantField(
      variants.map((/** @type {Schema} */ each) => resolved(each, words)),
      value,
      path,
      words,
    );
  }
  if (schema.enum ?? schema.const) return choiceField(schema.enum ?? [schema.const], value, path, words);
  switch (schema.type) {
    case "object":
      if (schema.properties) return objectField(schema, isObject(value) ? value : {}, path, words);
      break;
    case "array":
      return listField(schema, value, path, words);
    case "string":
      return textField(value, path, words);
    case "integer":
    case "number":
      return numberField(schema, value, path, words);
    case "boolean":
      return choiceField([true, false], value ?? schema.default, path, words);
  }
  return jsonField(value, path, words);
}

/** @param {Schema} schema @param {Words} words @returns {Schema} */
function resolved(schema, { definitions }) {
  const name = schema.$ref?.match(/^#\/\$defs\/(.+)$/)?.[1];
  return name === undefined ? schema : definitions[name] ?? {};
}

/** @param {string} path @param {Words} words @param {HTMLElement} control */
function labelled(path, words, control) {
  control.id = newId();
  const hint = words.hint(path);
  const label = element("label", { htmlFor: control.id }, words.label(path));
  const field = element("div", { className: "field" }, label, control);
  if (hint !== "") {
    const described = element("small", { id: newId() }, hint);
    control.setAttribute("aria-describedby", described.id);
    field.append(described);
  }
  return field;
}

/** @param {readonly unknown[]} choices @param {unknown} value @param {string} path @param {Words} words @returns {Field} */
function choiceField(choices, value, path, words) {
  const all = value === undefined || choices.includes(value) ? choices : [...choices, value];
  const options = all.map((choice, index) =>
    element("option", { value: String(index), selected: choice === value }, shownChoice(choice, path, words))
  );
  if (value === undefined) options.unshift(element("option", { value: "", selected: true }, "…"));
  const control = element("select", {}, ...options);
  return {
    node: labelled(path, words, control),
    read: () => control.value === "" ? undefined : all[Number(control.value)],
    focus: () => control.focus(),
  };
}

/** @param {unknown} choice @param {string} path @param {Words} words */
function shownChoice(choice, path, words) {
  if (typeof choice === "boolean") return choice ? t`yes` : t`no`;
  return words.shown(String(choice), path);
}

/** @param {unknown} value @param {string} path @param {Words} words @returns {Field} */
function textField(value, path, words) {
  const control = element("input", {
    type: "text",
    value: value === undefined ? "" : String(value),
    autocomplete: "off",
  });
  control.spellcheck = false;
  const node = labelled(path, words, control);
  const suggestions = words.suggestions(path);
  if (suggestions.length > 0) {
    const list = element(
      "datalist",
      { id: newId() },
      ...suggestions.map((each) => element("option", { value: each })),
    );
    control.setAttribute("list", list.id);
    node.append(list);
  }
  return { node, read: () => control.value, focus: () => control.focus() };
}

/** @param {Schema} schema @param {unknown} value @param {string} path @param {Words} words @returns {Field} */
function numberField(schema, value, path, words) {
  const { minimum, exclusiveMinimum, maximum, type } = schema;
  const control = element("input", {
    type: "number",
    inputMode: "decimal",
    step: type === "integer" ? "1" : "any",
  });
  const least = minimum ?? exclusiveMinimum;
  if (least > -1e12) control.min = String(least);
  if (maximum < 1e12) control.max = String(maximum);
  const first = value ?? schema.default;
  control.value = typeof first === "number" ? String(first) : "";
  return {
    node: labelled(path, words, control),
    read: () => control.value === "" ? undefined : control.valueAsNumber,
    focus: () => control.focus(),
  };
}

/** @param {unknown} value @param {string} path @param {Words} words @returns {Field} */
function jsonField(value, path, words) {
  const control = element("textarea", {
    rows: 3,
    value: value === undefined ? "" : JSON.stringify(value, null, 2),
  });
  control.spellcheck = false;
  return {
    node: labelled(path, words, control),
    read() {
      try {
        return control.value.trim() === "" ? undefined : JSON.parse(control.value);
      } catch {
        // The service says what it expected in place of this text.
        return control.value;
      }
    },
    focus: () => control.focus(),
  };
}

/**
 * A list. Where one value may stand for a list of one, it does.
 * @param {Schema} schema @param {unknown} value @param {string} path @param {Words} words @returns {Field}
 */
function listField(schema, value, path, words) {
  const isSingle = value === undefined ? words.isSingle(path) : !Array.isArray(value);
  const values = Array.isArray(value) ? value : [value];
  /** @type {Field[]} */
  let fields = [];
  const items = element("div", { className: "items" });
  const node = element("fieldset", { className: "list" }, element("legend", {}, words.label(path)), items);
  const hint = words.hint(path);
  if (hint !== "") node.append(element("small", {}, hint));
  const remove = (/** @type {Field} */ field, /** @type {HTMLElement} */ row) => {
    fields = fields.filter((each) => each !== field);
    row.remove();
    fields.at(-1)?.focus();
    changed(node);
  };
  const add = (/** @type {unknown} */ item) => {
    const field = makeField(schema.items ?? {}, item, `${path}[]`, words);
    const row = element("div", { className: "item" }, field.node);
    row.append(button("×", t`Remove this from ${words.label(path)}`, () => remove(field, row)));
    fields.push(field);
    items.append(row);
    return field;
  };
  values.forEach(add);
  node.append(button(t`Add one more`, t`Add one more to ${words.label(path)}`, () => {
    add(undefined).focus();
    changed(node);
  }));
  return {
    node,
    read() {
      const read = fields.map((field) => field.read()).filter((item) => item !== undefined && item !== "");
      return read.length === 1 && isSingle ? read[0] : read;
    },
    focus: () => fields[0]?.focus(),
  };
}

/** @param {Schema} schema @param {Record<string, unknown>} value @param {string} path @param {Words} words @returns {Field} */
function objectField(schema, value, path, words) {
  const required = schema.required ?? [];
  /** @type {Map<string, Field>} */
  const fields = new Map();
  const inside = element("div", { className: "properties" });
  const node = element("fieldset", { className: "object" }, element("legend", {}, words.label(path)), inside);
  const hint = words.hint(path);
  if (hint !== "") node.append(element("small", {}, hint));
  const more = element("select", { ariaLabel: t`Add to ${words.label(path)}` });
  const keyPath = (/** @type {string} */ key) => path === "" ? key : `${path}.${key}`;
  const show = (/** @type {string} */ key) => {
    const field = makeField(schema.properties[key], value[key], keyPath(key), words);
    const row = element("div", { className: "property" }, field.node);
    if (!required.includes(key)) {
      row.append(button("×", t`Remove ${words.label(keyPath(key))}`, () => {
        fields.delete(key);
        row.remove();
        offer();
        more.focus();
        changed(node);
      }));
    }
    fields.set(key, field);
    inside.append(row);
    return field;
  };
  const offer = () => {
    const keys = Object.keys(schema.properties).filter((key) =>
      !fields.has(key) && !isFixed(schema.properties[key])
    );
    more.replaceChildren(
      element("option", { value: "" }, t`Add …`),
      ...keys.map((key) => element("option", { value: key }, words.label(keyPath(key)))),
    );
    adder.hidden = keys.length === 0;
  };
  // With a button, because keys of the keyboard change a list while one looks for an entry.
  const adding = button(t`Add`, t`Add it to ${words.label(path)}`, () => {
    if (more.value === "") return more.focus();
    show(more.value).focus();
    offer();
    changed(node);
  });
  const adder = element("div", { className: "adder" }, more, adding);
  more.addEventListener("input", (event) => event.stopPropagation());
  for (const key of Object.keys(schema.properties)) {
    if (!isFixed(schema.properties[key]) && (required.includes(key) || value[key] !== undefined)) show(key);
  }
  offer();
  node.append(adder);
  return {
    node,
    read() {
      const read = [...fields].map(([key, field]) => [key, field.read()]).filter(([, each]) =>
        each !== undefined
      );
      const fixed = Object.entries(schema.properties).filter(([, each]) => isFixed(each)).map((
        [key, each],
      ) => [key, each.const]);
      return Object.fromEntries([...fixed, ...read]);
    },
    focus: () => ([...fields.values()][0] ?? { focus: () => more.focus() }).focus(),
  };
}

/** Whether only one value is allowed, which a choice before has decided. @param {Schema} schema */
function isFixed(schema) {
  return typeof schema.const === "string" && schema["x-decided"] === true;
}

/** @param {Schema[]} variants @param {unknown} value @param {string} path @param {Words} words @returns {Field} */
function variantField(variants, value, path, words) {
  const decider = deciderOf(variants);
  const named = decider === null ? plainVariants(variants) : decidedVariants(variants, decider);
  if (named.length === 1 && named[0]) return makeField(named[0].schema, value, path, words);
  const chosen = Math.max(0, named.findIndex(({ accepts }) => accepts(value)));
  const options = named.map(({ name }, index) =>
    element("option", { value: String(index), selected: index === chosen }, name.replaceAll("_", " "))
  );
  const select = element("select", {}, ...options);
  const inner = element("div", { className: "variant" });
  /** @type {Field} */
  let field;
  const show = (/** @type {unknown} */ shown) => {
    const { schema } = named[Number(select.value)] ?? { schema: {} };
    field = makeField(schema, shown, path, words);
    inner.replaceChildren(field.node);
  };
  select.addEventListener("change", () => {
    show(undefined);
    changed(inner);
  });
  show(value);
  const label = decider === null ? t`Kind` : words.label(`${path}.${decider}`);
  const control = labelled(path, { ...words, label: () => label, hint: () => "" }, select);
  const legend = element("legend", {}, words.label(path));
  const node = element("fieldset", { className: "variants" }, legend, control, inner);
  // Most people mean the first kind. A word that decides, they choose.
  return { node, read: () => field.read(), focus: () => decider === null ? field.focus() : select.focus() };
}

/** @param {string} text @param {string} label @param {() => void} act */
export function button(text, label, act) {
  const made = element("button", {
    type: "button",
    ariaLabel: label,
    title: label,
    className: text === "×" ? "small" : "",
  }, text);
  made.addEventListener("click", act);
  return made;
}
