/** Runs a service of several rooms in one worker, with an instance of the service for each room. */
import type { Clock } from "../clock.ts";
import type { ServiceConfig } from "../service.ts";
import { permissionsOf } from "./permissions.ts";
import { RoomsWorker } from "./rooms_worker.ts";
import type { Transport, TransportOptions } from "./transport.ts";

/** The shared workers of this process. Rooms share a worker only if they are given the same instance of this class. */
export class SharedWorkers {
  readonly #clock: Clock;
  readonly #workers = new Map<string, RoomsWorker>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** Throws if the main thread lacks a permission that the config grants the service. */
  open(options: TransportOptions): Transport {
    const { service } = options;
    const key = keyOf(service);
    const worker = this.#workers.get(key) ?? this.#make(key, service);
    return worker.open(options);
  }

  /** How many workers there are. */
  get size(): number {
    return this.#workers.size;
  }

  #make(key: string, service: ServiceConfig): RoomsWorker {
    const worker = new RoomsWorker({
      service,
      clock: this.#clock,
      onOver: () => {
        if (this.#workers.get(key) === worker) this.#workers.delete(key);
      },
    });
    this.#workers.set(key, worker);
    return worker;
  }
}

/** What all rooms of a worker have in common. A worker keeps the code that it has loaded, so saved code needs another. */
function keyOf(service: ServiceConfig): string {
  const { slug, serviceClass, configFolder } = service;
  return JSON.stringify([slug, serviceClass, savedAt(serviceClass), configFolder, permissionsOf(service)]);
}

function savedAt(path: string): string | null {
  try {
    const { mtime, size, ino } = Deno.statSync(path);
    return `${mtime?.getTime()} ${size} ${ino}`;
  } catch {
    // The worker will say that it cannot load it.
    return null;
  }
}
