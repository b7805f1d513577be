/**
 * Shared memory in which a worker of several rooms notes whose code it runs. If the worker gets stuck, the main thread
 * knows whose fault it is, unless the code ran after an await.
 */
import type { BaseQueueService } from "../kit/service.ts";

export class RunningRoom {
  readonly buffer: SharedArrayBuffer;
  readonly #cell: Int32Array;

  constructor(buffer = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)) {
    this.buffer = buffer;
    this.#cell = new Int32Array(buffer);
  }

  /** The number of the room; null if it is unknown. */
  get room(): number | null {
    return Atomics.load(this.#cell, 0) || null;
  }

  /** Notes the room while `run` runs, up to its first await. */
  during<Result>(room: number, run: () => Result): Result {
    const outer = Atomics.exchange(this.#cell, 0, room);
    try {
      return run();
    } finally {
      Atomics.store(this.#cell, 0, outer);
    }
  }

  /** From now on each call of a hook of the service is noted, up to the hook's first await. */
  note(room: number, service: BaseQueueService): void {
    for (const name of hooks) {
      const hook = service[name] as (...args: unknown[]) => unknown;
      const noted = (...args: unknown[]) => this.during(room, () => Reflect.apply(hook, service, args));
      Object.defineProperty(service, name, { value: noted, configurable: true, writable: true });
    }
  }
}

const hooks = [
  "onStart",
  "onStop",
  "onEventReceived",
  "processEvent",
  "onEventProcessed",
  "onKeyPressed",
] as const satisfies (keyof BaseQueueService)[];
