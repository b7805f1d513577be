import { type Deed, post } from "./deed.ts";

/** What never ends, or ends more than itself. */
export const hangs: Record<string, Deed> = {
  "never answer": () => new Promise(() => {}),
  "hear the abort and go on": (_service, _event, item) =>
    new Promise(() => item.signal.addEventListener("abort", () => setInterval(() => {}, 10))),
  "loop": () => {
    for (;;);
  },
  "loop over the log": ({ log }) => {
    for (;;) log.info("again");
  },
  "loop over the state": ({ state }) => {
    for (let i = 0;; i++) void state.set("count", i);
  },
  "loop over postMessage": () => {
    for (;;) post("again");
  },
  "wait in its thread": () => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return true;
  },
  "exit": () => Deno.exit(3),
  "close": () => {
    globalThis.close();
    return new Promise(() => {});
  },
  "kill its process": () => {
    Deno.kill(Deno.pid, "SIGKILL");
    return true;
  },
  "fill the heap": () => {
    const kept: unknown[] = [];
    for (;;) kept.push({ at: kept.length });
  },
  "fill buffers": () => {
    const kept = Array.from({ length: 40 }, () => new Uint8Array(10 * 2 ** 20).fill(1));
    return new Promise(() => setInterval(() => kept.length, 1000));
  },
  "never stop asking": async ({ state, signal }) => {
    for (let i = 0; !signal.aborted; i++) await state.set("count", i);
    return true;
  },
};
