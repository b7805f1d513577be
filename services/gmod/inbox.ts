import { limit } from "livecue/limit";
import type { Packet } from "./packet.ts";
import type { Trouble } from "./trouble.ts";

/** The packets received from the server and not yet taken, until the connection ends. */
export class Inbox {
  readonly #packets: Packet[] = [];
  #end: Trouble | null = null;
  #wake = () => {};

  put(packets: readonly Packet[]): void {
    this.#packets.push(...packets);
    this.#wake();
  }

  /** Received packets can still be taken. After them, `next` throws `trouble`. */
  end(trouble: Trouble): void {
    this.#end ??= trouble;
    this.#wake();
  }

  /** Returns the next matching packet and drops those before it; null if none comes in time. One caller at a time. */
  async next(milliseconds: number, isWanted: (packet: Packet) => boolean): Promise<Packet | null> {
    let hasTimedOut = false;
    const cancel = limit(milliseconds, () => {
      hasTimedOut = true;
      this.#wake();
    });
    try {
      while (true) {
        for (let packet = this.#packets.shift(); packet !== undefined; packet = this.#packets.shift()) {
          if (isWanted(packet)) return packet;
        }
        if (this.#end !== null) throw this.#end;
        if (hasTimedOut) return null;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      cancel();
    }
  }
}
