/**
 * Pages of a service's own, for OBS or a browser: "livecue/pages".
 *
 *     export const optionsSchema = z.strictObject({ ...pageOptions({ port: 7425 }) });
 *
 *     export default class Wheel extends BaseQueueService<PageOptions> {
 *       readonly #pages = new PageServer<{ hello: Prize[]; spin: Prize }>(this, {
 *         folder: new URL("./pages/", import.meta.url),
 *         hello: () => this.#prizes,
 *       });
 *       override onStart() { return this.#pages.start(); }
 *       override onStop() { return this.#pages.stop(); }
 *       override processEvent() { this.#pages.send("spin", this.#spin()); return true; }
 *     }
 *
 * `folder/wheel.html` is at /wheel, `index.html` at /, files of `folder/assets/` below /assets/. Scripts and styles
 * are files of their own: none within a page is run. A page's script hears what is sent, also after a restart of
 * Livecue, by `import { listen, send } from "/livecue/page.js"`. The service's "net" permission names host and port.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { sleep, systemClock } from "../../clock.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import type { BaseQueueService } from "../service.ts";
import { type Access, baseUrl, hasToken, isReading, refusalOf } from "./access.ts";
import { Files, folderProblem } from "./files.ts";
import { whyNotListening } from "./listening.ts";
import type { PageOptions } from "./page_options.ts";
import { answer, done, eventStream, jsonOf, refuse, refuseMethod, withoutBody } from "./responses.ts";
import { type OpenPage, Streams } from "./streams.ts";
import { programTokenOf, tokenOf } from "./token.ts";

export { hasToken } from "./access.ts";
export { type PageOptions, pageOptions } from "./page_options.ts";
export { pagesCheck } from "./listening.ts";
export { pictureUrlOf } from "./pictures.ts";
export { answer, jsonOf, refuse, refuseMethod } from "./responses.ts";
export type { OpenPage } from "./streams.ts";

/**
 * Answers a request for what is no page, by `answer` and `refuse`. `rest` is the path behind the name and its slash:
 * "7/0.mp3" of `/sound/7/0.mp3`. null: it is not for it, and a page of that name is looked for.
 */
export type Route = (request: Request, rest: string) => Response | null | Promise<Response | null>;

/** Takes what a page said. Resolves to what is wrong with it, or null. */
export type Taker = (value: unknown) => Promise<string | null>;

/** For `posts`: takes what fits the schema, and tells the page what does not. */
export function taking<Value>(schema: z.ZodType<Value>, take: (value: Value) => void | Promise<void>): Taker {
  return async (value) => {
    const checked = schema.safeParse(value);
    if (!checked.success) return z.prettifyError(checked.error);
    await take(checked.data);
    return null;
  };
}

/** What a service's pages are, and what they are told. Names are one word, as they stand in addresses. */
export interface Site<Hello> {
  /** Where the pages are, as `new URL("./pages/", import.meta.url)`. */
  folder: URL;
  /** In the log, after the address. Default: "shows the pages". */
  about?: string;
  /**
   * First for each page that connects, also again. Where it has a `version` that another hello did not have, the page
   * loads itself anew. Times in it are ages in milliseconds, as of now: a page's clock may differ from ours.
   */
  hello(page: OpenPage): Hello;
  onOpen?(page: OpenPage): void;
  onClose?(page: OpenPage): void;
  /** JSON for `GET /NAME`. */
  gets?: Record<string, () => unknown>;
  /** What pages say by `POST /NAME`, by `taking`. */
  posts?: Record<string, Taker>;
  /** All else, by the first part of its path. Who may not ask is refused before. */
  routes?: Record<string, Route>;
}

/** What of a service its pages need: a service itself will do. */
type Host = Pick<BaseQueueService<PageOptions>, "options" | "configFolder" | "log" | "state">;

const retryMs = 2000;
const maxAddressLength = 2000;
/** Of what a page says. */
const maxMessageBytes = 1000;
/** It names what each page of a browser asks for. */
const maxStreamAddressLength = 20_000;

/** `Messages`: what is sent, by name; "hello" is what each page is told first. */
export class PageServer<Messages extends { hello: unknown }> implements Lifecycle {
  readonly #host: Host;
  readonly #site: Site<Messages["hello"]>;
  readonly #streams: Streams;
  readonly #stopping = new AbortController();
  #files: Files | null = null;
  #access: Access;
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #programToken: Promise<string> | null = null;
  #started: Promise<void> | null = null;
  #retrying: Promise<void> | null = null;
  #stopped: Promise<void> | null = null;

  constructor(host: Host, site: Site<Messages["hello"]>) {
    this.#host = host;
    this.#site = site;
    this.#access = { host: host.options.host, port: host.options.port, token: "" };
    this.#streams = new Streams({
      hello: (page) => site.hello(page),
      onOpen: (page) => site.onOpen?.(page),
      onClose: (page) => site.onClose?.(page),
    });
  }

  /** As http://127.0.0.1:7420; of use once it listens. */
  get url(): string {
    return baseUrl(this.#access);
  }

  /** To be put into each page's address as `?token=`; "" where none is needed. */
  get token(): string {
    return this.#access.token;
  }

  /**
   * What a program gives for what no page may ask for: `hasToken` compares it. It is the pages' token; where they need
   * none, one that is made once and kept. Throws a `UserError` as `start` does.
   */
  programToken(): Promise<string> {
    this.#programToken ??= programTokenOf(this.#host);
    return this.#programToken;
  }

  /** Open pages; those of one browser that ask for the same count as one. */
  get openCount(): number {
    return this.#streams.pageCount;
  }

  /** The service's by their names, then those of the theme folder. */
  async pages(): Promise<{ name: string; isOwn: boolean }[]> {
    return await this.#files?.pages() ?? [];
  }

  /**
   * Returns after the first try to listen. While another program has the port it is told once, and tried every two
   * seconds; the service does all else. Throws what trying again cannot mend.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Ends the streams and the server. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** To all open pages, or to those for which `isFor` holds. */
  send<Name extends Exclude<keyof Messages, "hello"> & string>(
    name: Name,
    data: Messages[Name],
    isFor: (page: OpenPage) => boolean = () => true,
  ): void {
    this.#streams.send(name, data, isFor);
  }

  async #start(): Promise<void> {
    const token = await tokenOf(this.#host);
    this.#access = { ...this.#access, token: token.value };
    this.#files = new Files(fileURLToPath(this.#site.folder), await this.#themeFolder());
    if (this.#stopping.signal.aborted) return;
    try {
      this.#listen(token.told);
    } catch (error) {
      this.#host.log.error(
        `${whyNotListening(error, this.#access)} Until then there are no pages; it is tried every 2 s`,
      );
      this.#retrying = this.#retry(token.told);
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    // What went wrong with it was told by it.
    await this.#started?.catch(() => {});
    await this.#retrying;
    // First: a server does not end while a stream is open.
    this.#streams.close();
    await this.#server?.shutdown();
  }

  async #retry(toldToken: string): Promise<void> {
    const { signal } = this.#stopping;
    for (
      await sleep(systemClock, retryMs, signal);
      !signal.aborted;
      await sleep(systemClock, retryMs, signal)
    ) {
      try {
        return this.#listen(toldToken);
      } catch {
        // It was told.
      }
    }
  }

  #listen(toldToken: string): void {
    const { host: hostname, port } = this.#access;
    const settings = {
      hostname,
      port,
      // It says by itself where it listens.
      onListen: () => {},
      onError: (error: unknown) => {
        this.#host.log.error(`a page could not be answered: ${error}`);
        return refuse(500, "This went wrong: Livecue's log says how.");
      },
    };
    this.#server = Deno.serve(settings, (request) => this.#respond(request));
    this.#access = { ...this.#access, port: this.#server.addr.port };
    const query = toldToken === "" ? "" : `?token=${toldToken}`;
    this.#host.log.info(`${this.url}/${query} ${this.#site.about ?? "shows the pages"}`);
  }

  async #themeFolder(): Promise<string | null> {
    const { options: { theme_folder }, configFolder, log } = this.#host;
    if (theme_folder === undefined) return null;
    const folder = resolve(configFolder, theme_folder);
    const problem = await folderProblem(folder);
    if (problem === null) return folder;
    log.warn(problem);
    return null;
  }

  async #respond(request: Request): Promise<Response> {
    const response = await this.#answer(request);
    return request.method === "HEAD" ? await withoutBody(response) : response;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const maxLength = pathname === "/stream" ? maxStreamAddressLength : maxAddressLength;
    if (request.url.length > maxLength) return refuse(414, "This address is too long.");
    const refusal = refusalOf(request, this.#access);
    if (refusal !== null) return refuse(refusal.status, refusal.why);
    const isOpen = /^\/(?:assets|livecue)\//.test(pathname);
    if (!isOpen && !hasToken(request, this.#access.token)) {
      return refuse(403, "The token is missing or wrong: take the address that Livecue's log shows.");
    }
    const routed = await this.#route(request, pathname);
    if (routed !== null) return routed;
    const name = pathname.slice(1);
    const { gets = {}, posts = {} } = this.#site;
    if (Object.hasOwn(posts, name)) return await this.#take(request, posts[name] as Taker);
    if (!isReading(request.method)) return refuseMethod("GET");
    if (name === "stream") return this.#openStream(request, searchParams);
    if (Object.hasOwn(gets, name)) return answer(JSON.stringify(await gets[name]?.()), "application/json");
    const file = await this.#files?.find(pathname) ?? null;
    return file === null ? refuse(404, "There is no such page.") : answer(file.content, file.contentType);
  }

  async #route(request: Request, pathname: string): Promise<Response | null> {
    const { routes = {} } = this.#site;
    const [, name = "", rest = ""] = pathname.match(/^\/([^/]+)\/?(.*)$/) ?? [];
    return Object.hasOwn(routes, name) ? await routes[name]?.(request, rest) ?? null : null;
  }

  #openStream({ method }: Request, query: URLSearchParams): Response {
    if (method === "HEAD") return answer("", eventStream);
    if (this.#streams.isFull) return refuse(503, "Too many pages are open: close some.");
    query.delete("token");
    return answer(this.#streams.open(query), eventStream);
  }

  async #take(request: Request, take: Taker): Promise<Response> {
    if (request.method !== "POST") return refuseMethod("POST");
    const json = await jsonOf(request, { maxBytes: maxMessageBytes });
    if (json instanceof Response) return json;
    const problem = await take(json.value);
    return problem === null ? done() : refuse(400, problem);
  }
}
