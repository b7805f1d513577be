/** Rewrites config.schema.json. After a change of schema.ts, run `deno run -A src/config/write_schema.ts`. */
import { configJsonSchemaText } from "./json_schema.ts";

if (import.meta.main) {
  Deno.writeTextFileSync(new URL("../../config.schema.json", import.meta.url), configJsonSchemaText());
}
