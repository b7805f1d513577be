/**
 * The thread of `exit_guard.ts`. It hears the signals by itself, so that a stop is kept also where the main thread is
 * held up: by a disk, a database or a terminal that does not answer.
 */
import { limit, systemClock } from "../clock.ts";

/** To the guard. */
export type GuardMessage =
  /** `limitMs`: how long the main thread may leave a signal unheard. */
  | { kind: "watch"; signals: Deno.Signal[]; limitMs: number }
  /** The answer to `AreYouThere`. */
  | { kind: "here" }
  /** The process is to have ended by then. */
  | { kind: "end_within"; ms: number };

/** From the guard, at each signal. */
export interface AreYouThere {
  kind: "are_you_there";
}

declare const self: {
  onmessage: ((message: MessageEvent<GuardMessage>) => void) | null;
  postMessage(message: AreYouThere): void;
};

/** One who asks again after so long, and whom the main thread has not heard yet, is not to wait. */
const patienceMs = 2_000;
/** What the last words may take. */
const lastWordsMs = 200;

let cancelEnd = () => {};
let cancelUnheard = () => {};
/** When the first signal came that the main thread has not heard yet, by the monotonic clock; null where it has. */
let unheardSince: number | null = null;

self.onmessage = ({ data }) => {
  switch (data.kind) {
    case "watch":
      for (const signal of data.signals) Deno.addSignalListener(signal, () => hear(data.limitMs));
      break;
    case "here":
      unheardSince = null;
      cancelUnheard();
      break;
    case "end_within":
      cancelEnd();
      cancelEnd = systemClock.after(data.ms, end);
      break;
  }
};

function hear(limitMs: number): void {
  const now = systemClock.monotonic();
  if (unheardSince === null) {
    unheardSince = now;
    cancelUnheard = limit(systemClock, limitMs, end);
  } else if (now - unheardSince >= patienceMs) {
    return end();
  }
  self.postMessage({ kind: "are_you_there" });
}

function end(): void {
  const text =
    "The main thread did not answer, so Livecue was ended. What is stored goes on at the next start.\n";
  Deno.stderr.write(new TextEncoder().encode(text)).catch(() => {});
  systemClock.after(lastWordsMs, () => Deno.kill(Deno.pid, "SIGKILL"));
}
