/**
 * A service's own pages, for OBS or a browser: "livecue/pages".
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
 * must be separate files: inline ones do not run. A page's script receives messages, even after a restart of Livecue,
 * with `import { listen, send } from "/livecue/page.js"`. The stylesheet "/livecue/page.css" is the look of Livecue's own
 * pages. The service's "net" permission must include host and port.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { sleep, systemClock } from "../../clock.ts";
import { t } from "../../language.ts";
import type { Lifecycle } from "../../lifecycle.ts";
import type { BaseQueueService } from "../service.ts";
import { type Access, baseUrl, hasToken, isReading, refusalOf } from "./access.ts";
import { Files, folderProblem } from "./files.ts";
import { whyNotListening } from "./listening.ts";
import type { PageOptions } from "./page_options.ts";
import { answer, done, eventStream, jsonOf, refuse, refuseMethod, withoutBody } from "./responses.ts";
import { type OpenPage, Streams } from "./streams.ts";
import { programTokenOf, tokenOf } from "./token.ts";

export { baseUrl, hasToken, isReading } from "./access.ts";
export { type PageOptions, pageOptions } from "./page_options.ts";
export { pagesCheck } from "./listening.ts";
export { pictureHosts, pictureUrlOf } from "./pictures.ts";
export { answer, done, jsonOf, refuse, refuseMethod } from "./responses.ts";
export { ownTokenOf } from "./token.ts";
export type { OpenPage } from "./streams.ts";

/**
 * Answers a request for what is no page, by `answer` and `refuse`. `rest` is the path behind the name and its slash:
 * "7/0.mp3" of `/sound/7/0.mp3`. null: it is not for it, and a page of that name is looked for.
 */
export type Route = (request: Request, rest: string) => Response | null | Promise<Response | null>;

/** Handles a message from a page. Resolves to what is wrong with it, or null. */
export type Taker = (value: unknown) => Promise<string | null>;

/** For `posts`: passes valid values to `take`, and tells the page what is wrong with others. */
export function taking<Value>(schema: z.ZodType<Value>, take: (value: Value) => void | Promise<void>): Taker {
  return async (value) => {
    const checked = schema.safeParse(value);
    if (!checked.success) return z.prettifyError(checked.error);
    await take(checked.data);
    return null;
  };
}

/** A service's pages and their messages. Names are single words, as they appear in URLs. */
export interface Site<Hello> {
  /** The folder of the pages, as `new URL("./pages/", import.meta.url)`. */
  folder: URL;
  /** Further files below /assets/, as of a package: their content by name. The ending of the name says what they are. */
  assets?: Record<string, string>;
  /** The text after the address in the log. Default: "shows the pages". */
  about?: string;
  /**
   * The first message for each page that connects or reconnects. If its `version` has changed, the page reloads
   * itself. Give times as ages in milliseconds, because a page's clock may differ from Livecue's.
   */
  hello(page: OpenPage): Hello;
  onOpen?(page: OpenPage): void;
  onClose?(page: OpenPage): void;
  /** JSON for `GET /NAME`. */
  gets?: Record<string, () => unknown>;
  /** Handlers for `POST /NAME`, made with `taking`. */
  posts?: Record<string, Taker>;
  /** All else, by the first part of its path. Who may not ask is refused before. */
  routes?: Record<string, Route>;
  /** How a refusal is told to who asks for one of `routes`. Default: as plain text. */
  refuseRoute?(status: number, why: string): Response;
}

/** The parts of a service that its pages need. */
type Host = Pick<BaseQueueService<PageOptions>, "options" | "configFolder" | "log" | "state" | "trouble">;

const retryMs = 2000;
const maxAddressLength = 2000;
/** Of what a page says. */
const maxMessageBytes = 4000;
/** Longer than for others, because it has the queries of all pages of a browser. */
const maxStreamAddressLength = 20_000;

/** `Messages`: the data of the messages by name; "hello" is the first message of each page. */
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

  /** For example http://127.0.0.1:7420; valid once it listens. */
  get url(): string {
    return baseUrl(this.#access);
  }

  /** The token for each page's address, as `?token=`; "" if none is required. */
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

  /** The number of open pages; those of one browser with the same query count as one. */
  get openCount(): number {
    return this.#streams.pageCount;
  }

  /** The service's pages by name, then those of the theme folder. */
  async pages(): Promise<{ name: string; isOwn: boolean }[]> {
    return await this.#files?.pages() ?? [];
  }

  /**
   * Returns after the first try to listen. If another program uses the port, that is logged once, and listening is
   * retried every two seconds while the service does its other work. Throws a `UserError` if a retry cannot help.
   */
  start(): Promise<void> {
    this.#started ??= this.#start();
    return this.#started;
  }

  /** Closes the streams and the server. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  /** Sends to all open pages, or to those for which `isFor` returns true. */
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
    const { folder, assets = {} } = this.#site;
    this.#files = new Files({
      folder: fileURLToPath(folder),
      themeFolder: await this.#themeFolder(),
      assets,
    });
    if (this.#stopping.signal.aborted) return;
    try {
      this.#listen(token.shown);
    } catch (error) {
      this.#host.trouble(
        t`${whyNotListening(error, this.#access)} Until then there are no pages. Livecue retries every 2 s.`,
      );
      this.#retrying = this.#retry(token.shown);
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    // `start` reports its own errors.
    await this.#started?.catch(() => {});
    await this.#retrying;
    // First, because a server does not shut down while a stream is open.
    this.#streams.close();
    await this.#server?.shutdown();
  }

  async #retry(shownToken: string): Promise<void> {
    const { signal } = this.#stopping;
    for (
      await sleep(systemClock, retryMs, signal);
      !signal.aborted;
      await sleep(systemClock, retryMs, signal)
    ) {
      try {
        this.#listen(shownToken);
        return this.#host.trouble(null);
      } catch {
        // Already told.
      }
    }
  }

  #listen(shownToken: string): void {
    const { host: hostname, port } = this.#access;
    const settings = {
      hostname,
      port,
      // The service logs the address itself.
      onListen: () => {},
      onError: (error: unknown) => {
        this.#host.log.error(t`a request of a page failed: ${error}`);
        return refuse(500, t`An error occurred. See Livecue's log.`);
      },
    };
    this.#server = Deno.serve(settings, (request) => this.#respond(request));
    this.#access = { ...this.#access, port: this.#server.addr.port };
    const query = shownToken === "" ? "" : `?token=${shownToken}`;
    this.#host.log.info(`${this.url}/${query} ${this.#site.about ?? t`shows the pages`}`);
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
    const route = routeOf(pathname);
    const isRouted = Object.hasOwn(this.#site.routes ?? {}, route.name);
    const refused = isRouted ? this.#site.refuseRoute ?? refuse : refuse;
    if (request.url.length > maxLength) return refused(414, t`The address is too long.`);
    const refusal = refusalOf(request, this.#access);
    if (refusal !== null) return refused(refusal.status, refusal.why);
    const isOpen = /^\/(?:assets|livecue)\//.test(pathname);
    if (!isOpen && !hasToken(request, this.#access.token)) {
      return refused(403, t`The token is missing or wrong. Use the address in Livecue's log.`);
    }
    const routed = isRouted ? await this.#site.routes?.[route.name]?.(request, route.rest) ?? null : null;
    if (routed !== null) return routed;
    const name = pathname.slice(1);
    const { gets = {}, posts = {} } = this.#site;
    if (Object.hasOwn(posts, name)) return await this.#take(request, posts[name] as Taker);
    if (!isReading(request.method)) return refuseMethod("GET");
    if (name === "stream") return this.#openStream(request, searchParams);
    if (Object.hasOwn(gets, name)) return answer(JSON.stringify(await gets[name]?.()), "application/json");
    const file = await this.#files?.find(pathname) ?? null;
    return file === null ? refuse(404, t`There is no such page.`) : answer(file.content, file.contentType);
  }

  #openStream({ method }: Request, query: URLSearchParams): Response {
    if (method === "HEAD") return answer("", eventStream);
    if (this.#streams.isFull) return refuse(503, t`Too many pages are open. Close some.`);
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

/** The first part of a path, and what is behind it and its slash. */
function routeOf(pathname: string): { name: string; rest: string } {
  const [, name = "", rest = ""] = pathname.match(/^\/([^/]+)\/?(.*)$/) ?? [];
  return { name, rest };
}
