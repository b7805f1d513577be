/** The settings as the code uses them: defaults filled in, paths absolute. `config/load.ts` makes them from config.jsonc. */
import type { EventType } from "../event.ts";

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

/** true: all; false: none; else the hosts, paths, variables or programs granted, as Deno takes them. */
export type Grant = boolean | string[];

export interface Permissions {
  net: Grant;
  read: Grant;
  write: Grant;
  env: Grant;
  run: Grant;
  sys: Grant;
}

export interface ServiceConfig {
  slug: string;
  name: string;
  /** Absolute path of the module whose default export extends BaseQueueService. */
  serviceClass: string;
  /** Absolute; where relative paths of its options start from. */
  configFolder: string;
  isActive: boolean;
  /** Pending items at most. */
  maxQueueSize: number;
  /** Async items running at once. */
  maxConcurrency: number;
  /** Sync items claimed at a time, the running one included. */
  prefetch: number;
  maxAttempts: number;
  maxCrashes: number;
  /** Wait before the first retry; doubles with each failure. */
  backoffMs: number;
  timeoutMs: number;
  staleAfterSeconds: number | null;
  isolation: "worker" | "process";
  /** Cap of a service in a process of its own. */
  maxMemoryMb: number;
  permissions: Permissions;
  /** The service's own, passed to it as they are. */
  options: Record<string, unknown>;
  subscriptions: Partial<Record<EventType, Subscription>>;
}

export interface Subscription {
  isEnabled: boolean;
  /** 1 to 10, 10 first. */
  priority: number;
  isAsync: boolean;
  isDiscardable: boolean;
  /** One item per event that adds something, or one per streak when it has ended. */
  streaks: "each" | "final";
}
