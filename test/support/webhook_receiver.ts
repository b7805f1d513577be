/** A receiver of webhooks: a real HTTP server on this machine, which a test tells what to answer. */

export interface Received {
  method: string;
  path: string;
  headers: Headers;
  body: string;
  /** Milliseconds on a clock that never goes back. */
  at: number;
}

type Answer = (request: Received, nth: number) => Response | Promise<Response>;

export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  readonly #watchers = new Set<() => void>();

  /** `answer` is asked for each request; `nth` counts from 1. Without it all are taken, as by Streamer.bot: 204. */
  constructor(answer: Answer = () => new Response(null, { status: 204 })) {
    const { signal } = this.#closing;
    const options = { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} };
    this.#server = Deno.serve(options, async (request) => {
      const { pathname, search } = new URL(request.url);
      const { method, headers } = request;
      const body = await request.text();
      const received = { method, path: pathname + search, headers, body, at: performance.now() };
      this.received.push(received);
      const nth = this.received.length;
      this.#watchers.forEach((watch) => watch());
      return await answer(received, nth);
    });
  }

  /** "127.0.0.1:PORT". */
  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get url(): string {
    return `http://${this.host}/`;
  }

  /** Resolves with the request of this number, from 1, once it has come. */
  nth(number: number): Promise<Received> {
    return new Promise((resolve) => {
      const watch = () => {
        const found = this.received[number - 1];
        if (found === undefined) return;
        this.#watchers.delete(watch);
        resolve(found);
      };
      this.#watchers.add(watch);
      watch();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }
}

/** An answer that never comes. */
export function silence(): Promise<Response> {
  return new Promise(() => {});
}
