/** The settings as the code uses them: defaults filled in, paths absolute. `config/load.ts` makes them from config.jsonc. */
import type { z } from "zod";
import type { ServiceConfig } from "../service.ts";
import type { tikfinitySource } from "./tikfinity_schema.ts";
import type { webhookSource } from "./webhook_schema.ts";

/** Where events come from, under the name that its key gives it. */
export type SourceConfig = TikTokSourceConfig | WebhookSourceConfig | TikfinitySourceConfig;

export interface TikTokSourceConfig {
  name: string;
  type: "tiktok";
  /** Handle without @, lower case; null where none is set. */
  user: string | null;
  signApiKey: string | null;
  /** Used as given, without a trailing slash; null: the public ones. */
  endpoints: { sign: string | null; web: string | null };
  silenceSeconds: number;
}

export interface WebhookSourceConfig {
  name: string;
  type: "webhook";
  /** As the file has it, with its defaults. */
  settings: z.output<typeof webhookSource>;
}

export interface TikfinitySourceConfig {
  name: string;
  type: "tikfinity";
  settings: z.output<typeof tikfinitySource>;
}

export interface Config {
  /** Absolute path of the file read, or where it would be. Relative paths in it are relative to its folder. */
  path: string;
  /** What the file holds. */
  text: string;
  /** In the order of the file. Without `sources` in it, the one that `tiktok` describes. */
  sources: SourceConfig[];
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
