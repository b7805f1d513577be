/** The settings as the code uses them: defaults filled in, paths absolute. `config/load.ts` makes them from config.jsonc. */
import type { ServiceConfig } from "../service.ts";

export type { Grant, Permissions, ServiceConfig } from "../service.ts";
export type { Subscription } from "../subscription.ts";

export interface Config {
  /** Absolute path of the file read, or where it would be. Relative paths in it are relative to its folder. */
  path: string;
  /** What the file holds. */
  text: string;
  tiktok: {
    /** Handle without @, lower case; null where none is set. */
    user: string | null;
    signApiKey: string | null;
    /** Used as given, without a trailing slash; null: the public ones. */
    endpoints: { sign: string | null; web: string | null };
    silenceSeconds: number;
  };
  /** Absolute path. */
  database: string;
  durability: "normal" | "full";
  /** Absolute path, null where it is switched off. */
  logFile: string | null;
  /** In the order of the file. */
  services: ServiceConfig[];
  /** What holds, but is hardly meant so: a line each, with its place in the file. */
  warnings: string[];
}
