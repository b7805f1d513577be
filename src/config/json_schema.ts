import { z } from "zod";
import { configFile } from "./schema.ts";

export type JsonSchema = z.core.JSONSchema.JSONSchema;

/** The JSON Schema of config.jsonc, for editors. config.schema.json contains it. */
export function configJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configFile, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => {
      // Nobody needs to know the limit of JavaScript's integers.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  // VS Code uses the last two.
  return { title: "Livecue's config.jsonc", ...schema, allowComments: true, allowTrailingCommas: true };
}

/** The text of config.schema.json. */
export function configJsonSchemaText(): string {
  return JSON.stringify(configJsonSchema(), null, 2) + "\n";
}
