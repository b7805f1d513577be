/** The overlays in a real worker with just the permissions they need, and a page as a program sees it. */
import { fileURLToPath } from "node:url";
import type { Hello, MessageName, Messages } from "../../services/overlays/messages.ts";
import type { ServiceConfig } from "../../src/config/config.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";

export const overlays = fileURLToPath(new URL("../../services/overlays/main.ts", import.meta.url));

/** On a port that is free; with what an earlier one has kept. */
export async function startOverlays(
  options: Record<string, unknown> = {},
  { kept = new Map(), ...given }: Partial<ServiceConfig> & { kept?: ReadonlyMap<string, unknown> } = {},
): Promise<{ tested: RunnerUnderTest; url: string }> {
  const service = makeService(overlays, {
    permissions: { ...noPermissions, net: ["127.0.0.1:0"] },
    options: { port: 0, reconnect_seconds: 0, ...options },
    maxConcurrency: 64,
    ...given,
  });
  const tested = new RunnerUnderTest(service);
  for (const [key, value] of kept) tested.feed.state.set(key, value);
  await tested.runner.start();
  return { tested, url: await urlOf(tested) };
}

export async function urlOf({ log }: Pick<RunnerUnderTest, "log">): Promise<string> {
  const { text } = await log.heard(/how to put them into OBS/);
  return text.match(/http:\/\/[^/]+/)?.[0] as string;
}

type Message = { [Name in MessageName]: { name: Name; data: Messages[Name] } }[MessageName];

type Reader = ReadableStreamDefaultReader<string>;

/** An open stream. Its messages can be awaited in any order. */
export class OverlayPage implements AsyncDisposable {
  readonly hello: Hello;
  readonly messages: Message[] = [];
  readonly #url: string;
  readonly #reader: Reader;
  readonly #read: Promise<void>;
  #wake: () => void = () => {};
  #isOver = false;

  private constructor(url: string, hello: Hello, rest: AsyncGenerator<Message>, reader: Reader) {
    this.hello = hello;
    this.#url = url;
    this.#reader = reader;
    this.#read = this.#readAll(rest);
  }

  static async open(url: string, query = ""): Promise<OverlayPage> {
    const response = await fetch(`${url}/stream${query}`);
    if (response.body === null || !response.ok) {
      throw new Error(`The stream answered ${response.status}: ${await response.text()}`);
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const messages = messagesFrom(reader);
    const { value: first } = await messages.next();
    if (first?.name !== "hello") throw new Error(`The stream began with ${JSON.stringify(first)}`);
    return new OverlayPage(url, first.data, messages, reader);
  }

  /** The first message of the name that holds; rejects where the stream ends without one. */
  async heard<Name extends MessageName>(
    name: Name,
    holds: (data: Messages[Name]) => boolean = () => true,
  ): Promise<Messages[Name]> {
    while (true) {
      const found = this.messages.find((message) =>
        message.name === name && holds(message.data as Messages[Name])
      );
      if (found) return found.data as Messages[Name];
      if (this.#isOver) throw new Error(`The stream ended without such a message "${name}"`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  async show(id: number): Promise<void> {
    const response = await post(`${this.#url}/shown`, { id });
    if (response.status !== 204) throw new Error(`/shown answered ${response.status}`);
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<void> {
    await this.#read;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.#read;
  }

  async #readAll(rest: AsyncGenerator<Message>): Promise<void> {
    try {
      for await (const message of rest) {
        this.messages.push(message);
        this.#wake();
      }
    } catch {
      // It was cut off with the server.
    }
    this.#isOver = true;
    this.#wake();
  }
}

export async function post(
  address: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const response = await fetch(address, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  await response.body?.cancel();
  return response;
}

async function* messagesFrom(reader: Reader): AsyncGenerator<Message> {
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, data] = block.match(/^event: (\w+)\ndata: (.*)$/) ?? [];
      if (name !== undefined) yield { name, data: JSON.parse(data as string) } as Message;
    }
  }
}
