/** Timers of a worker that several rooms share: whose they are stays known, also when one throws. */
import type { RunningRoom } from "./running_room.ts";

type Callback = (...args: unknown[]) => unknown;

export interface RoomTimersOptions {
  /** The number of the room whose code is running; null if it is unknown. */
  roomNow(): number | null;
  running(): RunningRoom;
}

/**
 * From now on a callback of a timer is noted as the code of the room that set the timer. Deno reports what a callback
 * throws outside of its async context, so it is reported here.
 */
export function keepRoomsOfTimers({ roomNow, running }: RoomTimersOptions): void {
  const { reportError } = globalThis;
  const run = (callback: Callback, self: unknown, args: unknown[]) => {
    const call = () => Reflect.apply(callback, self, args);
    const room = roomNow();
    try {
      return room === null ? call() : running().during(room, call);
    } catch (thrown) {
      reportError(thrown);
    }
  };
  for (const name of ["setTimeout", "setInterval", "setImmediate"] as const) {
    // A proxy keeps the function's properties.
    const kept = new Proxy(globalThis[name], {
      apply(target, self, [callback, ...rest]: unknown[]) {
        if (typeof callback !== "function") return Reflect.apply(target, self, [callback, ...rest]);
        const noted = function (this: unknown, ...args: unknown[]) {
          return run(callback as Callback, this, args);
        };
        return Reflect.apply(target, self, [noted, ...rest]);
      },
    });
    Object.defineProperty(globalThis, name, { value: kept, configurable: true, writable: true });
  }
}
