import { type Deed, post } from "./deed.ts";

const forge = (message: unknown) => post(JSON.stringify(message));

/** What it says in Livecue's name, and what it does to the ground that Livecue's code stands on in its worker. */
export const forgeries: Record<string, Deed> = {
  "post what is no message": async () => {
    const { port1, port2 } = new MessageChannel();
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (
      const data of [null, 5, 1n, new Map(), cycle, new ArrayBuffer(8), new SharedArrayBuffer(8), port1, "{"]
    ) {
      post(data);
    }
    port2.close();
    await Promise.resolve();
    return true;
  },
  "post deep JSON": () => {
    post("[".repeat(100_000) + "]".repeat(100_000));
    post('{"kind":"log","level":"info","text":'.repeat(20_000));
    return true;
  },
  "forge ends": () => {
    const first = 1_000_000;
    const ends = Array.from({ length: 4_000 }, (_, index) => ({
      itemId: first + index,
      failure: null,
      emitted: [],
    }));
    forge({ kind: "ended", ends });
    forge({ kind: "returned", itemIds: [1, 2, 3, 1e300, -1] });
    forge({ kind: "ended", ends: Array.from({ length: 100_000 }, (_, itemId) => ({ itemId })) });
    return true;
  },
  "forge its own end": (_service, _event, { id }) => {
    for (let time = 0; time < 3; time++) {
      forge({ kind: "ended", ends: [{ itemId: id, failure: null, emitted: [] }] });
    }
    return true;
  },
  "forge answers": () => {
    for (const kind of ["ready", "held", "stopped", "began", "pong", "credits", "constructor", "__proto__"]) {
      forge({ kind, heapBytes: 1 });
    }
    return true;
  },
  "forge a crash": async () => {
    forge({ kind: "crashed", error: "not true" });
    return await new Promise(() => {});
  },
  "forge a failed start": () => {
    forge({ kind: "start_failed", failure: { sentence: "x" }, isMistake: true, inOptions: [] });
    return true;
  },
  "forge requests": () => {
    const live = { source: null };
    const set = { kind: "set_state", scope: "service", live };
    for (
      const request of [null, [], set, { ...set, key: 5, value: 1 }, {
        ...set,
        key: "k",
        value: null,
        scope: 1,
      }]
    ) {
      forge({ kind: "request", requestId: 1, request });
      forge({ kind: "request", requestId: "1", request });
    }
    forge({
      kind: "request",
      requestId: 1,
      request: { kind: "emit", emission: { type: "GiftEvent" }, live },
    });
    return true;
  },
  "pollute prototypes": () => {
    Object.assign(Object.prototype, { kind: "ready", itemId: 1, isPolluted: true });
    return true;
  },
  "pollute how JSON is made": () => {
    Object.assign(Object.prototype, { toJSON: () => "polluted" });
    return true;
  },
  "replace JSON": () => {
    JSON.stringify = () => "{";
    JSON.parse = () => ({ kind: "stop" });
    return true;
  },
  "replace what lists do": () => {
    const refuse = () => {
      throw new Error("no lists");
    };
    for (const name of ["push", "shift", "map", "every", "slice"]) Reflect.set(Array.prototype, name, refuse);
    return true;
  },
  "replace promises and timers": () => {
    Object.assign(globalThis, {
      Promise: class {},
      setTimeout: () => 0,
      setImmediate: () => 0,
      queueMicrotask: () => {},
      performance: { now: () => NaN },
    });
    return true;
  },
  "replace maps": () => {
    Map.prototype.get = Map.prototype.delete = () => {
      throw new Error("no maps");
    };
    return true;
  },
  "replace postMessage": () => {
    Object.assign(globalThis, { postMessage: () => {}, onmessage: null, close: () => {} });
    return true;
  },
  "freeze everything": () => {
    for (
      const value of [
        Object.prototype,
        Array.prototype,
        Promise.prototype,
        Map.prototype,
        JSON,
        Error.prototype,
      ]
    ) {
      Object.freeze(value);
    }
    Object.preventExtensions(globalThis);
    return true;
  },
};
