/** The web server of the pages: files, the stream, and what pages say. */
import { z } from "zod";
import { type Access, baseUrl, hasToken, refusalOf } from "./access.ts";
import type { Files } from "./files.ts";
import { imageSources } from "./images.ts";
import { type Hello, messagesVersion, type Status } from "./messages.ts";
import type { Streams } from "./streams.ts";
import { type TestRequest, testSchema } from "./test_event.ts";
import type { AlertPage, WaitingAlerts } from "./waiting_alerts.ts";

export interface ServerOptions {
  /** Port 0: any that is free. */
  access: Access;
  files: Files;
  streams: Streams;
  waiting: WaitingAlerts;
  /** All but the waiting alerts. */
  hello(): Omit<Hello, "waiting">;
  onTest(request: TestRequest): void;
  /** A request could not be answered, by no fault of its own. */
  onError(error: unknown): void;
  /** A page of alerts was opened or closed. */
  onPagesChange(): void;
}

const maxAddressLength = 2000;
const maxBodyBytes = 1000;

const shownSchema = z.strictObject({ id: z.int() });

/** Nothing from outside but TikTok's pictures; no script or style in a page's own text. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  `img-src 'self' data: ${imageSources}`,
  "media-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "frame-ancestors 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": policy,
  "cross-origin-resource-policy": "same-origin",
  // A site that opens the index in a window has no hold on it.
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  // Compression would hold back the stream.
  "cache-control": "no-store, no-transform",
};

export class Server {
  readonly #options: ServerOptions;
  readonly #access: Access;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Throws where it cannot listen. */
  constructor(options: ServerOptions) {
    this.#options = options;
    const { access: { host, port }, onError } = options;
    const settings = {
      hostname: host,
      port,
      // It says by itself where it listens.
      onListen: () => {},
      onError: (error: unknown) => {
        onError(error);
        return refuse(500, "This went wrong: Livecue's log says how.");
      },
    };
    this.#server = Deno.serve(settings, (request) => this.#answer(request));
    this.#access = { ...options.access, port: this.#server.addr.port };
  }

  get url(): string {
    return baseUrl(this.#access);
  }

  /** Closes the streams first: a server does not end while one is open. */
  async stop(): Promise<void> {
    this.#options.streams.close();
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    if (request.url.length > maxAddressLength) return refuse(414, "This address is too long.");
    const refusal = refusalOf(request, this.#access);
    if (refusal !== null) return refuse(refusal.status, refusal.why);
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith("/assets/") && !hasToken(searchParams.get("token"), this.#access)) {
      return refuse(403, "The token is missing or wrong: take the address that Livecue's log shows.");
    }
    switch (pathname) {
      case "/stream":
        return only("GET", request) ?? this.#openStream(searchParams);
      case "/status":
        return only("GET", request) ?? answer(JSON.stringify(await this.#status()), "application/json");
      case "/shown":
        return only("POST", request) ?? await this.#takeShown(request);
      case "/test":
        return only("POST", request) ?? await this.#takeTest(request);
      default:
        return only("GET", request) ?? await this.#sendFile(pathname);
    }
  }

  #openStream(query: URLSearchParams): Response {
    const { streams, waiting, hello, onPagesChange } = this.#options;
    if (streams.isFull) return refuse(503, "Too many pages are open: close some.");
    const page: AlertPage | null = query.get("wants") === "alerts"
      ? { types: query.get("types")?.split(",").filter((type) => type !== "") ?? null }
      : null;
    if (page !== null) {
      waiting.open(page);
      onPagesChange();
    }
    const first: Hello = { ...hello(), waiting: page === null ? [] : waiting.for(page) };
    const stream = streams.open(first, () => {
      if (page === null) return;
      waiting.close(page);
      onPagesChange();
    });
    return answer(stream, "text/event-stream");
  }

  async #status(): Promise<Status> {
    const { files, streams, waiting, hello } = this.#options;
    return {
      version: messagesVersion,
      url: this.url,
      token: this.#access.token,
      pages: await files.pages(),
      goals: hello().goals,
      openCount: streams.count,
      openAlertsCount: waiting.openPages.length,
    };
  }

  async #takeShown(request: Request): Promise<Response> {
    const shown = await bodyOf(request, shownSchema);
    if (shown instanceof Response) return shown;
    this.#options.waiting.end(shown.id);
    return done();
  }

  async #takeTest(request: Request): Promise<Response> {
    const test = await bodyOf(request, testSchema);
    if (test instanceof Response) return test;
    this.#options.onTest(test);
    return done();
  }

  async #sendFile(path: string): Promise<Response> {
    const file = await this.#options.files.find(path);
    return file === null ? refuse(404, "There is no such page.") : answer(file.content, file.contentType);
  }
}

function answer(body: BodyInit, contentType: string): Response {
  return new Response(body, { headers: { ...securityHeaders, "content-type": contentType } });
}

function done(): Response {
  return new Response(null, { status: 204, headers: securityHeaders });
}

function refuse(status: number, why: string): Response {
  return new Response(`${why}\n`, {
    status,
    headers: { ...securityHeaders, "content-type": "text/plain; charset=utf-8" },
  });
}

/** Null where the method is the right one. */
function only(method: "GET" | "POST", request: Request): Response | null {
  if (request.method === method) return null;
  const response = refuse(405, `Only ${method} is of use here.`);
  response.headers.set("allow", method);
  return response;
}

/** What the request holds, or what to answer where it holds something else. */
async function bodyOf<Value>(request: Request, schema: z.ZodType<Value>): Promise<Value | Response> {
  // What a form of another site can send has other types, and what has this one is first asked for.
  if (request.headers.get("content-type")?.split(";")[0]?.trim() !== "application/json") {
    return refuse(415, "Only application/json is taken.");
  }
  const text = await textWithin(request, maxBodyBytes).catch(() => undefined);
  if (text === undefined) return refuse(400, "The request was cut off.");
  if (text === null) return refuse(413, "This is too much.");
  const body = schema.safeParse(parsed(text));
  return body.success ? body.data : refuse(400, z.prettifyError(body.error));
}

async function textWithin(request: Request, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
