/** A page as a program sees it: its stream, what it says, and requests that no browser sends. */

type Reader = ReadableStreamDefaultReader<string>;

interface Message<Messages> {
  name: keyof Messages;
  data: Messages[keyof Messages];
}

/** An open stream. Its messages can be awaited in any order. */
export class PageStream<Messages extends { hello: unknown }> implements AsyncDisposable {
  readonly hello: Messages["hello"];
  readonly messages: Message<Messages>[] = [];
  readonly #reader: Reader;
  readonly #read: Promise<void>;
  #wake: () => void = () => {};
  #isOver = false;

  protected constructor({ hello, rest, reader }: OpenedStream<Messages>) {
    this.hello = hello;
    this.#reader = reader;
    this.#read = this.#readAll(rest);
  }

  static async connect<Messages extends { hello: unknown }>(
    url: string,
    query = "",
  ): Promise<PageStream<Messages>> {
    return new PageStream(await openStream<Messages>(url, query));
  }

  /** The first matching message with this name; rejects if the stream ends without one. */
  async heard<Name extends keyof Messages>(
    name: Name,
    holds: (data: Messages[Name]) => boolean = () => true,
  ): Promise<Messages[Name]> {
    while (true) {
      const found = this.messages.find((message) =>
        message.name === name && holds(message.data as Messages[Name])
      );
      if (found) return found.data as Messages[Name];
      if (this.#isOver) throw new Error(`The stream ended without such a message "${String(name)}"`);
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<void> {
    await this.#read;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel().catch(() => {});
    await this.#read;
  }

  async #readAll(rest: AsyncGenerator<Message<Messages>>): Promise<void> {
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

interface OpenedStream<Messages extends { hello: unknown }> {
  hello: Messages["hello"];
  rest: AsyncGenerator<Message<Messages>>;
  reader: Reader;
}

export async function openStream<Messages extends { hello: unknown }>(
  url: string,
  query = "",
): Promise<OpenedStream<Messages>> {
  const response = await fetch(`${url}/stream${query}`);
  if (response.body === null || !response.ok) {
    throw new Error(`The stream answered ${response.status}: ${await response.text()}`);
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const rest = messagesFrom<Messages>(reader);
  const { value: first } = await rest.next();
  if (first?.name !== "hello") throw new Error(`The stream began with ${JSON.stringify(first)}`);
  return { hello: first.data, rest, reader };
}

async function* messagesFrom<Messages>(reader: Reader): AsyncGenerator<Message<Messages>> {
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const blocks = (text + part.value).split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, data] = block.match(/^event: (\w+)\ndata: (.*)$/) ?? [];
      if (name !== undefined) yield { name: name as keyof Messages, data: JSON.parse(data as string) };
    }
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

export async function get(
  address: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(address, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** What a browser never sends by itself: the request as it stands, and the whole answer. */
export async function sendRaw(url: string, lines: string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(url);
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const request = [...lines, "Connection: close", "", body].join("\r\n");
  await connection.write(new TextEncoder().encode(request));
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(65_536);
  for (let length = await connection.read(buffer); length !== null; length = await connection.read(buffer)) {
    parts.push(buffer.slice(0, length));
  }
  return parts.map((part) => new TextDecoder().decode(part)).join("");
}

/** The status that this path gets, as it stands. */
export async function statusOf(url: string, path: string): Promise<number> {
  const answer = await sendRaw(url, [`GET ${path} HTTP/1.1`, `Host: ${new URL(url).host}`]);
  return Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1]);
}
