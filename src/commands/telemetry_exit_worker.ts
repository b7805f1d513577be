/** The thread of `telemetry_exit.ts`, which goes on while the main thread exits. */
import { limit, systemClock } from "../clock.ts";

export interface ExitLimit {
  ms: number;
  /** Said before the end. */
  lastWords: string;
}

declare const self: {
  onmessage: ((message: MessageEvent<ExitLimit>) => void) | null;
  postMessage(message: "ready"): void;
};

/** How long the last message may take. */
const lastWordsMs = 200;

self.onmessage = ({ data: { ms, lastWords } }) => {
  limit(systemClock, ms, () => end(lastWords));
  self.postMessage("ready");
};

/** A second `Deno.exit` would wait for the first one. */
function end(lastWords: string): void {
  Deno.stderr.write(new TextEncoder().encode(`${lastWords}\n`)).catch(() => {});
  systemClock.after(lastWordsMs, () => Deno.kill(Deno.pid, "SIGKILL"));
}
