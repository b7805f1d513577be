/**
 * What a service posts by itself, past the kit: a text is passed on, for the main thread to refuse, and a flood is not.
 * The main thread reads all that has come before it does anything else, so a flood has to end here.
 */
import type { Clock } from "../clock.ts";
import { maxLetters } from "./credits.ts";

const maxASecond = 100;
const maxLettersASecond = maxLetters;

/** Returns the service's `postMessage`. It throws where that has sent too much. */
export function ownPostMessage(
  { clock, send, assertOpen }: { clock: Clock; send(text: string): void; assertOpen(): void },
): (data: unknown) => void {
  let since = -Infinity;
  let count = 0;
  let letters = 0;
  return (data) => {
    assertOpen();
    const now = clock.monotonic();
    if (now - since >= 1000) [since, count, letters] = [now, 0, 0];
    if (typeof data === "string") letters += data.length;
    if (++count > maxASecond || letters > maxLettersASecond) {
      throw new Error(
        "postMessage: the service sent too much in a second, and Livecue hears nothing of it: " +
          "use this.log, this.state, this.show and this.emit",
      );
    }
    send(typeof data === "string" ? data : "null");
  };
}
