/**
 * The settings as the code uses them, with defaults and absolute paths. `config/load.ts` creates them from
 * config.jsonc.
 */
import type { z } from "zod";
import type { SecretOptions } from "../kit/secret.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import type { ServiceConfig } from "../service.ts";
import type { tikfinitySource } from "./tikfinity_schema.ts";
import type { httpPollSource, lightstreamerSource, mqttSource } from "./telemetry_schema.ts";
import type { webhookSource } from "./webhook_schema.ts";

/** A source of events; `name` is its key. */
export type SourceConfig =
  | TikTokSourceConfig
  | WebhookSourceConfig
  | TikfinitySourceConfig
  | LightstreamerSourceConfig
  | HttpPollSourceConfig
  | MqttSourceConfig;

export interface TikTokSourceConfig {
  name: string;
  type: "tiktok";
  /** Handle without @, in lower case; null if none is set. */
  user: string | null;
  signApiKey: string | null;
  /** Base URLs without a trailing slash; null: the public ones. */
  endpoints: { sign: string | null; web: string | null };
  silenceSeconds: number;
}

export interface WebhookSourceConfig {
  name: string;
  type: "webhook";
  /** The block in the file, with defaults. */
  settings: z.output<typeof webhookSource>;
}

export interface TikfinitySourceConfig {
  name: string;
  type: "tikfinity";
  settings: z.output<typeof tikfinitySource>;
}

export interface LightstreamerSourceConfig {
  name: string;
  type: "lightstreamer";
  settings: z.output<typeof lightstreamerSource>;
}

export interface HttpPollSourceConfig {
  name: string;
  type: "http_poll";
  settings: z.output<typeof httpPollSource>;
}

export interface MqttSourceConfig {
  name: string;
  type: "mqtt";
  settings: z.output<typeof mqttSource>;
}

export interface HostSettings {
  name: string;
  address: string;
  /** The block in the file: where its token is. */
  secret: SecretOptions<"token">;
}

export interface Config {
  /** Absolute path of the file, which may not exist. Relative paths in it are relative to its folder. */
  path: string;
  /** The text of the file. */
  text: string;
  /** In the order of the file. Without `sources`, the one that `tiktok` describes. */
  sources: SourceConfig[];
  /** "system", or a BCP 47 tag. `commands/language.ts` reads it before all else. */
  language: string;
  /** Absolute path, or a `postgres://` address, which may have a password: show it as `databaseShown`. */
  database: string;
  durability: "normal" | "full";
  /** How long readings are kept, in days. */
  readings: { rawDays: number; packedDays: number; rollupDays: number };
  /** How long sessions are kept; null: for ever. */
  retention: { keepDays: number | null };
  /** Absolute path; null if it is switched off. */
  logFile: string | null;
  /** Absolute path of the folder in which each service has a folder for its own data. */
  dataFolder: string;
  /** How the screen looks and which keys it has. */
  screen: ScreenSettings;
  /** Machines that run services for this one. */
  hosts: HostSettings[];
  /** In the order of the file. */
  services: ServiceConfig[];
  /** Valid settings that are probably mistakes: one line each, with the position in the file. */
  warnings: string[];
}
