/** A service as configured, with defaults filled in and absolute paths. */
import { join } from "node:path";
import type { Subscriptions } from "./subscription.ts";

/** true: all; false: none; otherwise the granted hosts, paths, variables or programs, in Deno's form. */
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
  /** Absolute; the base of relative paths in its options. */
  configFolder: string;
  /** Absolute; its own folder, `data/SLUG`, created when it starts. */
  dataFolder: string;
  /** Absolute; contains the `dataFolder` of each room, if rooms have one each. A shared worker may use all of them. */
  roomsFolder?: string;
  /** Where each of its workers runs: the name of a host, or null for this machine. At least one. */
  replicas: readonly (string | null)[];
  /** The host of this worker; null: this machine. Of several workers: of the first. */
  runsOn: string | null;
  isActive: boolean;
  /** The most pending items. */
  maxQueueSize: number;
  /** The most async items that run at once. */
  maxConcurrency: number;
  /** The most sync items handed out at once, including the running one. */
  prefetch: number;
  maxAttempts: number;
  maxCrashes: number;
  /** The wait before the first retry; doubles with each failure. */
  backoffMs: number;
  /** How long an item waits before its priority rises by one; null: priorities never rise. */
  agingMs: number | null;
  /** For one item; for an item with steps, for the work outside of steps, and for each step that sets no limit. */
  timeoutMs: number;
  /** For all that is done for an item with steps in one hand-out; null: no limit. */
  wholeTimeoutMs: number | null;
  staleAfterSeconds: number | null;
  /** shared: one worker for all rooms of this process, with an instance of the service for each. */
  isolation: "worker" | "process" | "shared";
  /** The memory limit of a service in its own process. */
  maxMemoryMb: number;
  permissions: Permissions;
  /** The service's own options, passed to it unchanged. */
  options: Record<string, unknown>;
  /** Types of events that it emits. */
  emits: string[];
  subscriptions: Subscriptions;
}

/** The names of the hosts that run it, as "gpu-1, gpu-2"; null: this machine. */
export function hostsOf({ replicas }: Pick<ServiceConfig, "replicas">): string | null {
  const hosts = replicas.filter((host) => host !== null);
  return hosts.length === 0 ? null : hosts.join(", ");
}

/** The same service for one of several rooms of this process: it has a folder of its own in the service's folder. */
export function serviceOfRoom(service: ServiceConfig, room: string): ServiceConfig {
  const { dataFolder, roomsFolder = dataFolder } = service;
  return { ...service, roomsFolder, dataFolder: join(roomsFolder, folderName(room)) };
}

/** A room's name as the name of a folder. No two rooms have the same. */
function folderName(room: string): string {
  const name = encodeURIComponent(room);
  // "." and ".." are other folders, and Windows ignores a dot at the end.
  return name.replace(/\.$/, "%2E");
}
