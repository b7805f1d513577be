/**
 * Carries messages between Livecue and a service's code, which runs in a worker of this process or in its own process.
 */
import { pathToFileURL } from "node:url";
import { WorkerChildren } from "./child_groups.ts";
import { english, spoken, t } from "../language.ts";
import type { LogLevel } from "../log/log.ts";
import type { ServiceConfig } from "../service.ts";
import type { Pulse } from "./heartbeat.ts";
import { Ledger } from "./ledger.ts";
import { permissionsOf, workerPermissions } from "./permissions.ts";
import { encodeMessage, type MessageToWorker, type ServiceStart } from "./protocol.ts";

export interface Transport {
  /** Whether `terminate` also stops code that is stuck in a loop. */
  readonly canKill: boolean;
  /** Shows which items the worker has begun and ended; null if the worker reports each start and end at once. */
  readonly ledger: Ledger | null;
  post(message: MessageToWorker): void;
  /** Tracks the programs that the service starts; null if Livecue need not track them. */
  readonly children: WorkerChildren | null;
  /** The heartbeat of the worker, if the transport watches it. Absent: the life pings the worker itself. */
  readonly pulse?: Pulse;
  /** Whether the way to the worker, on another machine, is interrupted, so that its silence says nothing. */
  readonly isInterrupted?: boolean;
  /** Terminates the worker at once. Resolves when it is gone, as far as Livecue can know. May be called again. */
  terminate(): Promise<void>;
}

/** How a worker was lost. */
export interface HowLost {
  /** It may be in a loop, rather than gone. */
  isStuck?: boolean | undefined;
  /** The service did nothing to lose it, so none of its items counts a crash. */
  isBystander?: boolean | undefined;
  /** The machine that runs it cannot be reached, or does not run it now. Nothing of it counts. */
  isAway?: boolean | undefined;
}

export interface TransportOptions {
  service: ServiceConfig;
  /** Gets a message's text, or whatever else the service's code sent. All callbacks here may be called late. */
  onMessage(data: unknown): void;
  /** Gets output that the capture in the worker did not redirect. */
  onPrinted(level: LogLevel, text: string): void;
  /** The worker or process has exited by itself. */
  onLost(why: string, how?: HowLost): void;
  /**
   * Whether the service's programs receive Ctrl-C directly, because a person runs the service's command in the
   * terminal.
   */
  sharesTerminal?: boolean;
  /** The worker reports each start and each end at once, because its runner is on another machine. */
  reportsEach?: boolean;
  /** The machine that runs the worker is being stopped. */
  onLeaving?(): void;
  /** Called each second in which the way to the worker is interrupted. */
  onInterrupted?(forMs: number): void;
  /** Of these items, those that have ended for good, so that their folders on the machine can be removed. */
  endedItems?(itemIds: readonly number[]): number[];
}

/** Characters of an error that ended a worker. */
export const maxErrorCharacters = 2_000;

/** Throws if the main thread lacks a permission that the config grants the service. */
export function openWorker(
  { service, onMessage, onLost, sharesTerminal = false, reportsEach = false }: TransportOptions,
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
  worker.onmessageerror = () => onLost(t`lost its worker: it sent a message that cannot be read`);
  worker.onerror = (event) => {
    // Otherwise it would end the whole process.
    event.preventDefault();
    onLost(t`lost its worker: ${event.message.slice(0, maxErrorCharacters)}`);
  };
  const ledger = reportsEach ? null : new Ledger();
  if (ledger !== null) worker.postMessage(ledger.buffer);
  return {
    canKill: false,
    ledger,
    children,
    post: (message) => worker.postMessage(encodeMessage(message)),
    terminate() {
      ledger?.close();
      worker.terminate();
      children.kill();
      return Promise.resolve();
    },
  };
}

/** The settings of the service that the worker needs. */
export function serviceStart(
  { serviceClass, options, configFolder, dataFolder, emits }: ServiceConfig,
): ServiceStart {
  const language = spoken();
  return {
    serviceUrl: pathToFileURL(serviceClass).href,
    options,
    configFolder,
    dataFolder,
    emits,
    ...language !== english && { language },
  };
}
