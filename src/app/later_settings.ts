/** The settings that cannot change while Livecue runs. */
import type { Config } from "../config/config.ts";

/** With their names in the file. */
const names = {
  sources: "sources",
  language: "language",
  database: "database",
  durability: "durability",
  readings: "readings",
  retention: "retention",
  logFile: "log_file",
} as const;

/** The names of those that differ, as "sources, database"; "" if none does. */
export function laterSettings(before: Config, after: Config): string {
  return (Object.keys(names) as (keyof typeof names)[])
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => names[key])
    .join(", ");
}
