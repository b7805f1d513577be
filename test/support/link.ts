/** A link to a server on this machine that a test holds up, makes lossy, or cuts. It runs in a thread of its own. */

export type Direction = "toServer" | "toClient";

/** held: the bytes wait until the link is open again. dropping: they are lost, and nobody is told. */
export type Passage = "open" | "held" | "dropping";

export type LinkCommand =
  | { kind: "listen"; port: number }
  | { kind: "set"; directions: readonly Direction[]; passage: Passage }
  | { kind: "cut" }
  | { kind: "close" };

export type LinkNote = { kind: "done"; port: number } | { kind: "held"; direction: Direction };

const both: readonly Direction[] = ["toServer", "toClient"];

export class Link implements AsyncDisposable {
  readonly #worker = new Worker(new URL("./link_worker.ts", import.meta.url), { type: "module" });
  #port = 0;
  #whenDone = Promise.withResolvers<number>();
  readonly #whenHeld = { toServer: Promise.withResolvers<void>(), toClient: Promise.withResolvers<void>() };

  /** `address`: of a server on 127.0.0.1. */
  static async to(address: string): Promise<Link> {
    const link = new Link(address);
    link.#port = await link.#tell({ kind: "listen", port: Number(new URL(address).port) });
    return link;
  }

  private constructor(readonly serverAddress: string) {
    this.#worker.onmessage = ({ data }: MessageEvent<LinkNote>) => {
      if (data.kind === "done") this.#whenDone.resolve(data.port);
      else this.#whenHeld[data.direction].resolve();
    };
  }

  /** The server's address over this link. */
  get address(): string {
    const url = new URL(this.serverAddress);
    url.port = String(this.#port);
    return url.href;
  }

  /** Applies to connections that are open, and to new ones. */
  async set(passage: Passage, directions: readonly Direction[] = both): Promise<void> {
    for (const direction of directions) this.#whenHeld[direction] = Promise.withResolvers<void>();
    await this.#tell({ kind: "set", directions, passage });
  }

  /** Resolves when bytes wait in this direction, which is held. */
  async held(direction: Direction): Promise<void> {
    await this.#whenHeld[direction].promise;
  }

  /** Ends all connections; new ones are possible. */
  async cut(): Promise<void> {
    await this.#tell({ kind: "cut" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tell({ kind: "close" });
    this.#worker.terminate();
  }

  #tell(command: LinkCommand): Promise<number> {
    this.#whenDone = Promise.withResolvers<number>();
    this.#worker.postMessage(command);
    return this.#whenDone.promise;
  }
}
