/** The smallest service with pages: what viewers write is on a wall, and a page may write on it too. */
import {
  answer,
  hasToken,
  jsonOf,
  type PageOptions,
  pageOptions,
  PageServer,
  refuse,
  taking,
} from "../../../../src/kit/pages/page_server.ts";
import { BaseQueueService, type LiveEvent } from "../../../../src/kit/service.ts";
import { z } from "zod";

export const optionsSchema = z.strictObject(pageOptions({ port: 7499 }));

export interface PagedMessages {
  hello: { version: number; said: string[]; asked: string };
  said: string;
}

export interface PagedStatus {
  url: string;
  openCount: number;
  pages: { name: string; isOwn: boolean }[];
}

export default class Paged extends BaseQueueService<PageOptions> {
  readonly #said: string[] = [];
  readonly #pages = new PageServer<PagedMessages>(this, {
    folder: new URL("./pages/", import.meta.url),
    hello: ({ query }) => ({ version: 1, said: this.#said, asked: query.toString() }),
    gets: { status: () => this.#status() },
    posts: {
      say: taking(z.strictObject({ text: z.string() }), ({ text }) => this.#say(text)),
    },
    routes: {
      wall: (request) => request.method === "POST" ? this.#write(request) : null,
      bricks: (_request, rest) => answer(`brick ${rest}`, "text/plain"),
    },
  });

  override onStart(): Promise<void> {
    return this.#pages.start();
  }

  /** Texts as "only wide: …" are for pages that ask for `room=wide`. */
  override processEvent(event: LiveEvent): boolean {
    if (event.type === "CommentEvent") this.#say(event.data.comment);
    return true;
  }

  override onStop(): Promise<void> {
    return this.#pages.stop();
  }

  #say(text: string): void {
    const room = text.match(/^only (\w+): /)?.[1];
    this.#said.push(text);
    this.#pages.send("said", text, ({ query }) => room === undefined || query.get("room") === room);
  }

  /** For programs. */
  async #write(request: Request): Promise<Response> {
    if (!hasToken(request, await this.#pages.programToken())) return refuse(401, "The token is missing.");
    const json = await jsonOf(request, { maxBytes: 20_000 });
    if (json instanceof Response) return json;
    this.#say(String(json.value));
    return answer(JSON.stringify({ count: this.#said.length }), "application/json", 202);
  }

  async #status(): Promise<PagedStatus> {
    return { url: this.#pages.url, openCount: this.#pages.openCount, pages: await this.#pages.pages() };
  }
}
