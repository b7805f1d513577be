/**
 * Limits what a service posts directly, without the kit. A text is passed on for the main thread to refuse; a flood is
 * stopped here, because the main thread reads every message that has arrived before it does anything else.
 */
import type { Clock } from "../clock.ts";
import { maxCharacters } from "./credits.ts";

const maxPerSecond = 100;
const maxCharactersPerSecond = maxCharacters;

/** Returns the service's `postMessage`. It throws when the service has sent too much in one second. */
export function ownPostMessage(
  { clock, send, assertOpen }: { clock: Clock; send(text: string): void; assertOpen(): void },
): (data: unknown) => void {
  let since = -Infinity;
  let count = 0;
  let characters = 0;
  return (data) => {
    assertOpen();
    const now = clock.monotonic();
    if (now - since >= 1000) [since, count, characters] = [now, 0, 0];
    if (typeof data === "string") characters += data.length;
    if (++count > maxPerSecond || characters > maxCharactersPerSecond) {
      throw new Error(
        "postMessage: the service sent too much in one second, and Livecue ignores these messages anyway: " +
          "use this.log, this.state, this.show and this.emit",
      );
    }
    send(typeof data === "string" ? data : "null");
  };
}
