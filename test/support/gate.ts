/** Where the items of `services/gated.ts` wait: a test sees each arrive, and says when it ends. */
import { fileURLToPath } from "node:url";

export class Gate implements AsyncDisposable {
  /** Item numbers, in the order in which they were handed out. */
  readonly arrived: number[] = [];
  readonly #answers: PromiseWithResolvers<boolean>[] = [];
  readonly #arrivals: PromiseWithResolvers<number>[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  #isOpen: boolean;

  /** `isOpen`: every item is answered at once, with success. */
  constructor({ isOpen = false } = {}) {
    this.#isOpen = isOpen;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const item = Number(new URL(request.url).pathname.slice(1));
      const index = this.arrived.push(item) - 1;
      this.#arrival(index).resolve(item);
      return new Response(String(this.#isOpen || await this.#answer(index).promise));
    });
  }

  /** The settings of a service whose items wait here. */
  service(given: Record<string, unknown> = {}): Record<string, unknown> {
    const { options, ...rest } = given as { options?: Record<string, unknown> };
    return {
      service_class: fileURLToPath(new URL("./services/gated.ts", import.meta.url)),
      permissions: { net: [`127.0.0.1:${this.#server.addr.port}`] },
      options: { url: `http://127.0.0.1:${this.#server.addr.port}`, ...options },
      ...rest,
    };
  }

  /** Resolves to the number of the item that is handed out as the `count`th. */
  arrival(count: number): Promise<number> {
    return this.#arrival(count - 1).promise;
  }

  /** Ends the item that was handed out as the `count`th. */
  answer(count: number, isSuccess = true): void {
    this.#answer(count - 1).resolve(isSuccess);
  }

  /** Every item, also each that waits, is a success from now on. */
  open(): void {
    this.#isOpen = true;
    for (const answer of this.#answers) answer?.resolve(true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.open();
    await this.#server.shutdown();
  }

  #answer(index: number): PromiseWithResolvers<boolean> {
    return this.#answers[index] ??= Promise.withResolvers();
  }

  #arrival(index: number): PromiseWithResolvers<number> {
    return this.#arrivals[index] ??= Promise.withResolvers();
  }
}
