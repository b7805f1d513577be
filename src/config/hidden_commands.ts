/** Finds services with the name of a command: their own commands, `livecue SLUG COMMAND`, cannot be called. */
import type { Node } from "jsonc-parser";
import { t } from "../language.ts";
import type { Finding } from "./config_error.ts";
import type { ConfigFile } from "./schema.ts";
import { keyOffset } from "./validation.ts";

/** Livecue's own commands; a test compares the list with `--help`. */
export const commandNames: readonly string[] = [
  "init",
  "add",
  "desk",
  "start",
  "streamers",
  "watch",
  "capture",
  "work",
  "demo",
  "sessions",
  "events",
  "queue",
  "gifts",
  "viewers",
  "viewer",
  "report",
  "export",
  "readings",
  "retry",
  "backup",
  "restore",
  "check",
  "repair",
  "prune",
  "reset",
  "doctor",
  "completions",
];

export function hiddenCommands(root: Node, { services }: ConfigFile): Finding[] {
  return Object.keys(services).filter((slug) => commandNames.includes(slug)).map((slug) => {
    const path = ["services", slug];
    const message =
      t`"${slug}" is also a command of Livecue, which comes first on the command line; rename the service if it has its own commands`;
    return { offset: keyOffset(root, path), path, message };
  });
}
