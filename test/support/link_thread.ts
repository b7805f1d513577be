/** A `FaultyLink` in a thread of its own, for a test whose thread blocks while it waits for the server. */

export type LinkCommand = { kind: "start"; to: string } | {
  kind: "hold" | "release" | "cut" | "partition" | "heal" | "close";
};

export class LinkThread implements AsyncDisposable {
  readonly #worker = new Worker(new URL("./link_worker.ts", import.meta.url), { type: "module" });
  #address = "";

  /** `to`: the server's URL. */
  static async start(to: string): Promise<LinkThread> {
    const link = new LinkThread();
    link.#address = await link.#tell({ kind: "start", to });
    return link;
  }

  /** The server's URL, through the link. */
  get address(): string {
    return this.#address;
  }

  /** As the methods of `FaultyLink`, in both directions. */
  async do(kind: "hold" | "release" | "cut" | "partition" | "heal"): Promise<void> {
    await this.#tell({ kind });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#tell({ kind: "close" });
    this.#worker.terminate();
  }

  #tell(command: LinkCommand): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
    this.#worker.postMessage(command);
    return promise;
  }
}
