import { limit } from "livecue/limit";
import type { Packet } from "./packet.ts";
import type { Trouble } from "./trouble.ts";

/** What has come from the server and was not yet taken, until the connection ends. */
export class Inbox {
  readonly #packets: Packet[] = [];
  #end: Trouble | null = null;
  #wake = () => {};

  put(packets: readonly Packet[]): void {
    this.#packets.push(...packets);
    this.#wake();
  }

  /** What has come may still be taken; then `next` throws this. */
  end(trouble: Trouble): void {
    this.#end ??= trouble;
    this.#wake();
  }

  /** The next packet that is wanted, without those before it; null where none comes. One caller at a time. */
  async next(milliseconds: number, isWanted: (packet: Packet) => boolean): Promise<Packet | null> {
    let isOver = false;
    const cancel = limit(milliseconds, () => {
      isOver = true;
      this.#wake();
    });
    try {
      while (true) {
        for (let packet = this.#packets.shift(); packet !== undefined; packet = this.#packets.shift()) {
          if (isWanted(packet)) return packet;
        }
        if (this.#end !== null) throw this.#end;
        if (isOver) return null;
        await new Promise<void>((resolve) => this.#wake = resolve);
      }
    } finally {
      cancel();
    }
  }
}
