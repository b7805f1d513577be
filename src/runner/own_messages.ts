/**
 * What a service posts by itself, past the kit: a text is passed on, for the main thread to refuse, and a flood is not.
 * The main thread reads all that has come before it does anything else, so a flood has to end here.
 */
import type { Clock } from "../clock.ts";
import { maxLetters } from "./credits.ts";

const maxASecond = 100;

/** Returns the service's `postMessage`. It throws where that has sent too much. */
export function ownPostMessage(
  { clock, send, assertOpen }: { clock: Clock; send(text: string): void; assertOpen(): void },
): (data: unknown) => void {
  let since = -Infinity;
  let count = 0;
  return (data) => {
    assertOpen();
    const now = clock.monotonic();
    if (now - since >= 1000) [since, count] = [now, 0];
    if (++count > maxASecond) {
      throw new Error(
        `postMessage: the service sent over ${maxASecond} messages in a second, and Livecue hears none of them: ` +
          "use this.log, this.state, this.show and this.emit",
      );
    }
    send(typeof data === "string" && data.length <= maxLetters ? data : "null");
  };
}
