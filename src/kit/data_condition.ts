/**
 * A rule's condition on the fields of an event's data, as services emit it:
 *
 *     "data": { "slice": ["Dance", "Sing"], "values.sigma": { "min": 3 }, "isFinal": true }
 *
 * All fields must hold. A name with dots leads into nested data; in a list, numbers from 0 do.
 */
import { z } from "zod";
import { t } from "../language.ts";
import { simplified } from "../words.ts";
import { block, oneOrMore } from "./schema_parts.ts";

const maxFields = 20;

const valueSchema = z.union([z.string(), z.number(), z.boolean()], {
  error: () =>
    t`expected a text, a number, true or false, a list of them, or { "min": 3 }, { "max": 5 } or both`,
});

const rangeSchema = block({ min: z.number().optional(), max: z.number().optional() })
  .superRefine(({ min, max }, context) => {
    if (min === undefined && max === undefined) {
      context.addIssue({ code: "custom", message: t`has neither "min" nor "max"` });
    } else if (min !== undefined && max !== undefined && max < min) {
      context.addIssue({ code: "custom", message: t`is below min: ${max} < ${min}`, path: ["max"] });
    }
  });

/** A range is an object; everything else is a value or a list of values. */
const fieldSchema = z.unknown().transform((field, context): Field => {
  const isRange = typeof field === "object" && field !== null && !Array.isArray(field);
  const checked = (isRange ? rangeSchema : oneOrMore(valueSchema)).safeParse(field);
  if (checked.success) return checked.data;
  context.issues.push(
    ...checked.error.issues.map((issue) => ({ ...issue, input: field })) as typeof context.issues,
  );
  return z.NEVER;
});

type Value = z.output<typeof valueSchema>;
type Range = z.output<typeof rangeSchema>;
type Field = Range | Value[];

export const dataSchema = z.record(z.string().min(1).max(200), fieldSchema, {
  error: () =>
    t`expected fields of the data with their values, as { "level": "high", "sigma": { "min": 3 } }`,
}).refine((fields) => Object.keys(fields).length > 0, {
  error: () => t`names no field: add one, or remove it`,
})
  .refine((fields) => Object.keys(fields).length <= maxFields, {
    error: () => t`names more than ${maxFields} fields`,
  });

/** Whether all fields have one of their values, or are within their range. A missing field never holds. */
export function dataHolds(fields: z.output<typeof dataSchema>, data: unknown): boolean {
  return Object.entries(fields).every(([path, wanted]) => {
    const found = valueAt(data, path);
    return Array.isArray(wanted) ? hasValue(found, wanted) : isWithin(found, wanted);
  });
}

/** The field of a name with dots. A field whose own name has dots comes first. */
function valueAt(data: unknown, path: string): unknown {
  if (typeof data !== "object" || data === null) return undefined;
  const fields = data as Record<string, unknown>;
  if (isField(fields, path)) return fields[path];
  const [field = "", ...rest] = path.split(".");
  if (rest.length === 0 || !isField(fields, field)) return undefined;
  return valueAt(fields[field], rest.join("."));
}

/** Not the length of a list, and nothing inherited. */
function isField(data: object, name: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(data, name);
}

/** A list has a value if one of its entries is it. */
function hasValue(found: unknown, wanted: readonly Value[]): boolean {
  const entries: unknown[] = Array.isArray(found) ? found : [found];
  return entries.some((entry) => wanted.some((value) => isSame(entry, value)));
}

/** Texts are compared without case and accents. */
function isSame(found: unknown, wanted: Value): boolean {
  if (typeof found !== "string" || typeof wanted !== "string") return found === wanted;
  return found === wanted || simplified(found) === simplified(wanted);
}

function isWithin(found: unknown, { min = -Infinity, max = Infinity }: Range): boolean {
  return typeof found === "number" && found >= min && found <= max;
}
