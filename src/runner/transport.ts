/** How messages get to a service's code and back: to a worker of this process, or to one in a process of its own. */
import { pathToFileURL } from "node:url";
import { WorkerChildren } from "./child_groups.ts";
import type { LogLevel } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import { Ledger } from "./ledger.ts";
import { permissionsOf, workerPermissions } from "./permissions.ts";
import { encodeMessage, type MessageToWorker, type ServiceStart } from "./protocol.ts";

export interface Transport {
  /** Whether `terminate` really ends code that is stuck in a loop. */
  readonly canKill: boolean;
  /** How far it is in its line of sync items; null where it tells of each end at once. */
  readonly ledger: Ledger | null;
  post(message: MessageToWorker): void;
  /** A program that the service started has started or ended; null where that is of no concern. */
  readonly children: WorkerChildren | null;
  /** Ends it at once and resolves when it is gone, as far as this can be known. May be called again. */
  terminate(): Promise<void>;
}

export interface TransportOptions {
  service: ServiceConfig;
  /** A message's text, or whatever the service's code has sent. All of these may be called late. */
  onMessage(data: unknown): void;
  /** What was written past all that Livecue redirects. */
  onPrinted(level: LogLevel, text: string): void;
  /** The other side has ended by itself. */
  onLost(why: string): void;
  /** What the service starts is a person's command, and gets a Ctrl-C with it. */
  sharesTerminal?: boolean;
}

/** Of an error that ended a worker. */
const maxErrorLetters = 2_000;

/** Throws where the main thread lacks a permission that the service was granted. */
export function openWorker(
  { service, onMessage, onLost, sharesTerminal = false }: TransportOptions,
): Transport {
  const mayRun = service.permissions.run !== false;
  const entryOfRunning = sharesTerminal ? "./command_entry.ts" : "./thread_entry.ts";
  const entry = mayRun ? entryOfRunning : "./fenced_entry.ts";
  const worker = new Worker(new URL(entry, import.meta.url), {
    type: "module",
    name: service.slug,
    deno: { permissions: workerPermissions(permissionsOf(service)) },
  });
  const children = new WorkerChildren({ mayRun });
  worker.onmessage = ({ data }: MessageEvent<unknown>) => onMessage(data);
  worker.onmessageerror = () => onLost("lost its worker: it sent what cannot be read");
  worker.onerror = (event) => {
    // Or it would end the whole process.
    event.preventDefault();
    onLost(`lost its worker: ${event.message.slice(0, maxErrorLetters)}`);
  };
  const ledger = new Ledger();
  worker.postMessage(ledger.buffer);
  return {
    canKill: false,
    ledger,
    children,
    post: (message) => worker.postMessage(encodeMessage(message)),
    terminate() {
      ledger.close();
      worker.terminate();
      children.kill();
      return Promise.resolve();
    },
  };
}

/** What the worker is told of the service. */
export function serviceStart(
  { serviceClass, options, configFolder, dataFolder, emits }: ServiceConfig,
): ServiceStart {
  return { serviceUrl: pathToFileURL(serviceClass).href, options, configFolder, dataFolder, emits };
}
