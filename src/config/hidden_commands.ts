/** Services whose name is a command of Livecue's: their own commands, `livecue SLUG COMMAND`, cannot be reached. */
import type { Node } from "jsonc-parser";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { keyOffset } from "./validation.ts";

/** Livecue's own; a test holds the list to what `--help` lists. */
export const commandNames: readonly string[] = [
  "init",
  "add",
  "start",
  "capture",
  "work",
  "demo",
  "sessions",
  "events",
  "queue",
  "export",
  "retry",
  "backup",
  "check",
  "repair",
  "reset",
  "doctor",
  "completions",
];

export function hiddenCommands(root: Node, { services }: ConfigFile): Finding[] {
  return Object.keys(services).filter((slug) => commandNames.includes(slug)).map((slug) => {
    const path = ["services", slug];
    const message =
      `"${slug}" is a command of Livecue's too, and on the command line it means that one; give the service another ` +
      "name if it has commands of its own";
    return { offset: keyOffset(root, path), path, message };
  });
}
