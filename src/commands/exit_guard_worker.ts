/**
 * The thread of `exit_guard.ts`. It receives the signals itself, so that a stop works even if a disk, a database or a
 * terminal that does not respond blocks the main thread.
 */
import { limit, systemClock } from "../clock.ts";

/** Messages to the guard. */
export type GuardMessage =
  /** `limitMs`: how long the main thread may take to react to a signal. `lastWords` are said before the end. */
  | { kind: "watch"; signals: Deno.Signal[]; limitMs: number; lastWords: string }
  /** The answer to `AreYouThere`. */
  | { kind: "here" }
  /** Kill the process if it has not exited after `ms`. */
  | { kind: "end_within"; ms: number };

/** The guard sends it at each signal. */
export interface AreYouThere {
  kind: "are_you_there";
}

declare const self: {
  onmessage: ((message: MessageEvent<GuardMessage>) => void) | null;
  postMessage(message: AreYouThere): void;
};

/** A user who sends a second signal after this time, while the main thread has not reacted, need not wait any longer. */
const patienceMs = 2_000;
/** How long the last message may take. */
const lastWordsMs = 200;

let lastWords = "";
let cancelEnd = () => {};
let cancelUnheard = () => {};
/** When the first unanswered signal arrived, by the monotonic clock; null if the main thread has answered. */
let unheardSince: number | null = null;

self.onmessage = ({ data }) => {
  switch (data.kind) {
    case "watch":
      lastWords = data.lastWords;
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
  Deno.stderr.write(new TextEncoder().encode(`${lastWords}\n`)).catch(() => {});
  systemClock.after(lastWordsMs, () => Deno.kill(Deno.pid, "SIGKILL"));
}
