/** Parts of the schemas of rules. */
import { z } from "zod";
import { t } from "../language.ts";

/** An object with only these keys. The error for an unknown key lists the known ones. */
export function block<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== "unrecognized_keys") return undefined;
      return t`${quoted(issue.keys as string[])} is unknown here: use ${Object.keys(shape).join(", ")}`;
    },
  });
}

/** A list, or a single value for a list of one. */
export function oneOrMore<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(
    (value) => value === undefined || Array.isArray(value) ? value : [value],
    z.array(schema, { error: () => t`is missing` }).min(1, {
      error: () => t`is an empty list: add something to it`,
    }),
  );
}

export function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(", ");
}
