/** The feed in a real worker, with no more permissions than it needs, and programs that connect to it. */
import { fileURLToPath } from "node:url";
import type { ServiceConfig } from "../../src/service.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";

const feedModule = fileURLToPath(new URL("../../services/feed/main.ts", import.meta.url));

export interface FeedUnderTest extends AsyncDisposable {
  /** As ws://127.0.0.1:40123/. */
  url: string;
  tested: RunnerUnderTest;
}

export async function startFeed(
  options: Record<string, unknown> = {},
  given: Partial<ServiceConfig> = {},
): Promise<FeedUnderTest> {
  const tested = new RunnerUnderTest(makeService(feedModule, {
    permissions: { ...noPermissions, net: ["127.0.0.1"] },
    maxConcurrency: 200,
    options: { port: 0, ...options },
    ...given,
  }));
  await tested.runner.start();
  const { text } = await tested.log.heard(/ws:\/\/127\.0\.0\.1:\d+/);
  const [url = ""] = text.match(/ws:\/\/127\.0\.0\.1:\d+\//) ?? [];
  return { url, tested, [Symbol.asyncDispose]: () => tested[Symbol.asyncDispose]() };
}

// deno-lint-ignore no-explicit-any
type Message = any;

/** A program that is connected: it knows nothing of Livecue's code. */
export class FeedClient implements AsyncDisposable {
  /** All that came, in order. */
  readonly messages: Message[] = [];
  readonly closed: Promise<CloseEvent>;
  readonly #socket: WebSocket;
  readonly #waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.addEventListener("close", resolve, { once: true }));
    socket.addEventListener("error", (event) => event.preventDefault());
    socket.addEventListener("message", ({ data }) => {
      this.messages.push(JSON.parse(data));
      for (const look of this.#waiting.splice(0)) look();
    });
  }

  /** Rejects if it is not let in. */
  static async open(address: string, headers: Record<string, string> = {}): Promise<FeedClient> {
    const socket = new WebSocket(address, { headers } as unknown as string[]);
    const client = new FeedClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener("open", () => resolve(), { once: true });
      socket.addEventListener("error", (event) => reject(new Error((event as ErrorEvent).message)), {
        once: true,
      });
    });
    return client;
  }

  /** The first message that is so, once it has come. */
  async heard(isIt: (message: Message) => boolean): Promise<Message> {
    while (true) {
      const found = this.messages.find(isIt);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The first `count` messages. */
  async first(count: number): Promise<Message[]> {
    await this.heard(() => this.messages.length >= count);
    return this.messages.slice(0, count);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.closed;
  }
}
