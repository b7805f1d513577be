/** How messages get to a service's code and back: to a worker of this process, or to one in a process of its own. */
import { pathToFileURL } from "node:url";
import { WorkerChildren } from "./child_groups.ts";
import type { ServiceConfig } from "../service.ts";
import { Ledger } from "./ledger.ts";
import { permissionsOf, workerPermissions } from "./permissions.ts";
import {
  encodeMessage,
  type MessageFromWorker,
  type MessageToWorker,
  type ServiceStart,
} from "./protocol.ts";

export interface Transport {
  /** Whether `terminate` really ends code that is stuck in a loop. */
  readonly canKill: boolean;
  /** How far it is in its line of sync items; null where it tells of each end at once. */
  readonly ledger: Ledger | null;
  post(message: MessageToWorker): void;
  /** Ends it at once and resolves when it is gone, as far as this can be known. May be called again. */
  terminate(): Promise<void>;
}

export interface TransportOptions {
  service: ServiceConfig;
  /** Also gets a `crashed` when the other side ends by itself; may be called until `terminate`, and late. */
  onMessage(message: MessageFromWorker): void;
  /** What the service starts is a person's command, and gets a Ctrl-C with it. */
  sharesTerminal?: boolean;
}

/** Throws where the main thread lacks a permission that the service was granted. */
export function openWorker({ service, onMessage, sharesTerminal = false }: TransportOptions): Transport {
  const mayRun = service.permissions.run !== false;
  const entry = mayRun && !sharesTerminal ? "./thread_entry.ts" : "./worker_entry.ts";
  const worker = new Worker(new URL(entry, import.meta.url), {
    type: "module",
    name: service.slug,
    deno: { permissions: workerPermissions(permissionsOf(service)) },
  });
  const children = new WorkerChildren({ mayRun });
  worker.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!children.take(data)) onMessage(decoded(data));
  };
  worker.onmessageerror = () => onMessage({ kind: "crashed", error: "it sent what cannot be read" });
  worker.onerror = (event) => {
    // Or it would end the whole process.
    event.preventDefault();
    onMessage({ kind: "crashed", error: event.message });
  };
  const ledger = new Ledger();
  worker.postMessage(ledger.buffer);
  return {
    canKill: false,
    ledger,
    post: (message) => worker.postMessage(encodeMessage(message)),
    terminate() {
      worker.terminate();
      children.kill();
      return Promise.resolve();
    },
  };
}

/** What is no message is for the receiver to refuse: the service's code can post, too. */
function decoded(data: unknown): MessageFromWorker {
  if (typeof data !== "string") return data as MessageFromWorker;
  try {
    return JSON.parse(data);
  } catch {
    return data as unknown as MessageFromWorker;
  }
}

/** What the worker is told of the service. */
export function serviceStart(
  { serviceClass, options, configFolder, dataFolder, emits }: ServiceConfig,
): ServiceStart {
  return { serviceUrl: pathToFileURL(serviceClass).href, options, configFolder, dataFolder, emits };
}
