/** Describes the allowed values of a key in config.jsonc, for error messages. */
import { t } from "../language.ts";
import type { KeyPath } from "./config_error.ts";
import { configJsonSchema, type JsonSchema } from "./json_schema.ts";

/** The allowed values at `path`, for example "a whole number from 1 to 10". */
export function allowedAt(path: KeyPath): string {
  const schema = schemaAt(path);
  return schema === null ? t`nothing` : listed(phrasesOf(schema));
}

/** The possible values at `path`, or the known keys of the block there; empty if any value is allowed. */
export function choicesAt(path: KeyPath): string[] {
  const schema = schemaAt(path);
  if (schema === null) return [];
  if (schema.enum !== undefined) return schema.enum.map(String);
  const constants = alternativesOf(schema).flatMap(({ const: constant }) => constant ?? []);
  if (constants.length > 0) return constants.map(String);
  const names = asSchema(schema.propertyNames)?.enum?.map(String);
  if (names !== undefined) return names;
  const blocks = [schema, ...alternativesOf(schema)];
  const keys = blocks.flatMap(({ properties }) => Object.keys(properties ?? {}));
  return [...new Set(keys)].filter((key) => !key.startsWith("$"));
}

function schemaAt(path: KeyPath): JsonSchema | null {
  let schema: JsonSchema | null = configJsonSchema();
  for (const key of path) {
    if (schema === null) return null;
    schema = typeof key === "number" ? itemOf(schema) : propertyOf(schema, key);
  }
  return schema;
}

function propertyOf(schema: JsonSchema, key: string): JsonSchema | null {
  const own = asSchema(schema.properties?.[key]) ?? asSchema(schema.additionalProperties);
  if (own !== null) return own;
  // The block has several forms: combine the allowed values of the key in all of them.
  const found = alternativesOf(schema).map((one) => propertyOf(one, key)).filter((one) => one !== null);
  return found.length < 2 ? found[0] ?? null : { anyOf: found };
}

function itemOf(schema: JsonSchema): JsonSchema | null {
  const list = [schema, ...alternativesOf(schema)].find(({ type }) => type === "array");
  return asSchema(list?.items);
}

function alternativesOf(schema: JsonSchema): JsonSchema[] {
  return (schema.anyOf ?? schema.oneOf ?? []).map(asSchema).filter((one) => one !== null);
}

/** null for true and false, which JSON Schema allows instead of a schema. */
function asSchema(schema: JsonSchema["items"] | boolean): JsonSchema | null {
  return typeof schema === "object" && !Array.isArray(schema) ? schema : null;
}

/** One phrase for each alternative. */
function phrasesOf(schema: JsonSchema): string[] {
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return alternatives.flatMap(phrasesOf);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value));
  if (schema.const !== undefined) return [JSON.stringify(schema.const)];
  switch (schema.type) {
    case "boolean":
      return ["true", "false"];
    case "integer":
      return [wholeNumberWithin(schema)];
    case "number":
      return [numberWithin(schema)];
    case "string":
      return [
        schema.minLength === undefined ? t`text in double quotes` : t`text in double quotes (not empty)`,
      ];
    case "array":
      return [t`a list of texts as ["one", "two"]`];
    case "object":
      return [t`a block { … }`];
    default:
      return [t`anything`];
  }
}

function wholeNumberWithin({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  if (maximum === undefined) {
    return minimum === undefined ? t`a whole number` : t`a whole number, ${minimum} or more`;
  }
  if (minimum !== undefined) return t`a whole number from ${minimum} to ${maximum}`;
  return exclusiveMinimum === undefined
    ? t`a whole number`
    : t`a whole number above ${exclusiveMinimum}, up to ${maximum}`;
}

function numberWithin({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  if (maximum === undefined) return minimum === undefined ? t`a number` : t`a number, ${minimum} or more`;
  if (minimum !== undefined) return t`a number from ${minimum} to ${maximum}`;
  return exclusiveMinimum === undefined
    ? t`a number`
    : t`a number above ${exclusiveMinimum}, up to ${maximum}`;
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join() : t`${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}
