// @ts-check
/** The alternatives of a JSON Schema: their names, and which of them a value fits. */
import { t } from "/livecue/language.js";

/** @typedef {import("./schema_form.js").Schema} Schema */

/** @param {unknown} value @returns {value is Record<string, unknown>} */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The key whose text decides between objects; null if there is none. @param {Schema[]} variants @returns {string | null} */
export function deciderOf(variants) {
  const keys = Object.keys(variants[0]?.properties ?? {});
  return keys.find((key) => variants.every(({ properties }) => wordsOf(properties?.[key]).length > 0)) ??
    null;
}

/** @param {Schema | undefined} schema @returns {string[]} */
function wordsOf(schema) {
  return [schema?.const ?? schema?.enum ?? []].flat().filter((/** @type {unknown} */ each) =>
    typeof each === "string"
  );
}

/** @param {Schema[]} variants @param {string} key */
export function decidedVariants(variants, key) {
  return variants.flatMap((variant) =>
    wordsOf(variant.properties[key]).map((name) => ({
      name,
      schema: {
        ...variant,
        properties: { ...variant.properties, [key]: { const: name, "x-decided": true } },
      },
      accepts: (/** @type {any} */ value) => isObject(value) && value[key] === name,
    }))
  );
}

/** The texts among the variants become one. @param {Schema[]} variants */
export function plainVariants(variants) {
  const words = variants.flatMap(wordsOf);
  const others = variants.filter((variant) => wordsOf(variant).length === 0);
  const named = others.map((schema) => ({ name: kindOf(schema), schema, accepts: acceptorOf(schema) }));
  if (words.length === 0) return named;
  return [{
    name: words.length > 3 ? t`one of the words` : words.join(", "),
    schema: /** @type {Schema} */ ({ enum: words }),
    accepts: (/** @type {unknown} */ value) => words.includes(/** @type {string} */ (value)),
  }, ...named];
}

/** @param {Schema} schema @returns {string} */
function kindOf({ type, items }) {
  switch (type) {
    case "string":
      return t`a text`;
    case "integer":
    case "number":
      return t`a number`;
    case "boolean":
      return t`yes or no`;
    case "array":
      return items?.type === "string" ? t`several texts` : t`a list`;
    case "object":
      return t`settings`;
    default:
      return t`as JSON`;
  }
}

/** @param {Schema} schema @returns {(value: any) => boolean} */
function acceptorOf({ type }) {
  switch (type) {
    case "integer":
    case "number":
      return (value) => typeof value === "number";
    case "array":
      return Array.isArray;
    case "object":
      return isObject;
    case "string":
      return (value) => typeof value === "string";
    case "boolean":
      return (value) => typeof value === "boolean";
    default:
      return () => true;
  }
}
