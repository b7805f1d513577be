/** The thread of `telemetry_exit.ts`, which goes on while the main thread exits. */
import { limit, systemClock } from "../clock.ts";

export interface ExitLimit {
  ms: number;
}

declare const self: {
  onmessage: ((message: MessageEvent<ExitLimit>) => void) | null;
  postMessage(message: "ready"): void;
};

/** How long the last message may take. */
const lastWordsMs = 200;

self.onmessage = ({ data: { ms } }) => {
  limit(systemClock, ms, end);
  self.postMessage("ready");
};

/** A second `Deno.exit` would wait for the first one. */
function end(): void {
  const text =
    `The last metrics and traces could not be sent in time, so Livecue was killed. Everything is stored.\n`;
  Deno.stderr.write(new TextEncoder().encode(text)).catch(() => {});
  systemClock.after(lastWordsMs, () => Deno.kill(Deno.pid, "SIGKILL"));
}
