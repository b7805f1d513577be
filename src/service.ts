/** A service as its config describes it, with the defaults filled in and paths absolute. */
import type { Subscriptions } from "./subscription.ts";

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
  /** Absolute; its own folder, `data/SLUG`, made when it is started. */
  dataFolder: string;
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
  /** For so long an item waits until it rises by one priority; null: none ever rises. */
  agingMs: number | null;
  timeoutMs: number;
  staleAfterSeconds: number | null;
  isolation: "worker" | "process";
  /** Cap of a service in a process of its own. */
  maxMemoryMb: number;
  permissions: Permissions;
  /** The service's own, passed to it as they are. */
  options: Record<string, unknown>;
  /** Types of events that it makes. */
  emits: string[];
  subscriptions: Subscriptions;
}
