import type { Packet } from "./packet.ts";
import type { Trouble } from "./trouble.ts";

/** What has come from the server and was not yet taken, until the connection ends. */
export class Inbox {
  readonly #packets: Packet[] = [];
  #end: Trouble | null = null;
  #wake = () => {};

  put(packets: readonly Packet[]): void {
    if (packets.length === 0) return;
    this.#packets.push(...packets);
    this.#wake();
  }

  /** What has come may still be taken; then `next` throws this. */
  end(trouble: Trouble): void {
    this.#end ??= trouble;
    this.#wake();
  }

  /** The next packet, or null where none comes for so long. One caller at a time. */
  async next(milliseconds: number): Promise<Packet | null> {
    if (this.#packets.length === 0 && this.#end === null) await this.#change(milliseconds);
    const packet = this.#packets.shift();
    if (packet !== undefined) return packet;
    if (this.#end !== null) throw this.#end;
    return null;
  }

  #change(milliseconds: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, milliseconds);
    this.#wake = () => {
      clearTimeout(timer);
      resolve();
    };
    return promise;
  }
}
