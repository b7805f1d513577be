/**
 * A host of videos on this machine, with everything that goes wrong on one. The path says what it does, so that a
 * program in another process can be sent there:
 *
 * - `/files/NAME`: a file that was given to `files`, with ranges and an ETag
 * - `/cut/AFTER/TIMES/NAME`: the same, but the first TIMES answers end after AFTER bytes
 * - `/redirect?to=URL`, `/loop`: redirects
 * - `/endless`, `/endless?length=1`: 10 GB, without and with a Content-Length
 * - `/bomb/gzip` (`deflate`, `br`): 16 MB of zeros, encoded into a few KB
 * - `/hang`, `/hang-after-head`: nothing more comes
 * - `/status/429?after=7`: this status, and how long to wait
 * - `/text?type=text/html&body=…`: any text
 */
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";

interface FakeVideoHostOptions {
  /** With these it speaks TLS. */
  cert?: string;
  key?: string;
}

const codecs = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync };
/** More takes long to encode. */
const bombBytes = 16 * 2 ** 20;
const endlessBytes = 10 * 2 ** 30;

export class FakeVideoHost implements AsyncDisposable {
  /** What `/files/NAME` has. */
  readonly files = new Map<string, Uint8Array>();
  /** Paths that redirect, such as those of short links, and where to. */
  readonly redirects = new Map<string, string>();
  /** Changing it makes a file another one. */
  etag = '"v1"';
  /** Whether it answers ranges. */
  hasRanges = true;
  /** A cut waits for this, so that the client can read what came before. */
  mayCut: Promise<void> = Promise.resolve();
  /** Each request's path with its query, in order. */
  readonly requests: string[] = [];
  /** The `Range` of each request; null where it had none. */
  readonly ranges: (string | null)[] = [];
  /** Bytes of endless answers that it has made. */
  madeBytes = 0;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();

  constructor({ cert, key }: FakeVideoHostOptions = {}) {
    const tls = cert !== undefined && key !== undefined ? { cert, key } : {};
    const { signal } = this.#closing;
    const options = { hostname: "127.0.0.1", port: 0, signal, onListen: () => {}, onError: failed, ...tls };
    this.#server = Deno.serve(options as Deno.ServeTcpOptions, (request) => this.#answer(request));
    this.#scheme = "cert" in tls ? "https" : "http";
  }

  readonly #scheme: string;

  get port(): number {
    return this.#server.addr.port;
  }

  /** As "127.0.0.1:1234". */
  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  get origin(): string {
    return `${this.#scheme}://${this.host}`;
  }

  /** How often a path was asked for, whatever its query. */
  count(path: string): number {
    return this.requests.filter((each) => each.split("?")[0] === path).length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }

  #answer(request: Request): Response | Promise<Response> {
    const { pathname, search, searchParams } = new URL(request.url);
    this.requests.push(pathname + search);
    this.ranges.push(request.headers.get("range"));
    const to = this.redirects.get(pathname);
    if (to !== undefined) return redirect(to);
    const [, what, ...rest] = pathname.split("/").map(decodeURIComponent);
    switch (what) {
      case "files":
        return this.#file(request, rest.join("/"));
      case "cut":
        return this.#cut(request, rest);
      case "redirect":
        return redirect(searchParams.get("to") ?? "");
      case "loop":
        return redirect(`/loop?n=${this.requests.length}`);
      case "endless":
        return this.#endless(searchParams.has("length"));
      case "bomb":
        return bomb(rest[0] as keyof typeof codecs);
      case "hang":
        return new Promise(() => {});
      case "hang-after-head":
        return new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
      case "status":
        return new Response("", {
          status: Number(rest[0]),
          headers: searchParams.has("after") ? { "retry-after": searchParams.get("after")! } : {},
        });
      case "text":
        return new Response(searchParams.get("body"), {
          headers: { "content-type": searchParams.get("type") ?? "text/html" },
        });
      default:
        return new Response("not here", { status: 404 });
    }
  }

  #file(request: Request, name: string): Response {
    const bytes = this.files.get(name);
    if (bytes === undefined) return new Response("not here", { status: 404 });
    const headers: Record<string, string> = { etag: this.etag, "content-type": "application/octet-stream" };
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    const condition = request.headers.get("if-range");
    if (!this.hasRanges || start === 0 || (condition !== null && condition !== this.etag)) {
      return new Response(bytes.slice(), { headers });
    }
    if (start >= bytes.length) {
      return new Response("", { status: 416, headers: { "content-range": `bytes */${bytes.length}` } });
    }
    headers["content-range"] = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
    return new Response(bytes.slice(start), { status: 206, headers });
  }

  async #cut(request: Request, [after, times, ...name]: string[]): Promise<Response> {
    const whole = this.#file(request, name.join("/"));
    const { pathname } = new URL(request.url);
    if (this.count(pathname) > Number(times)) return whole;
    const bytes = new Uint8Array(await whole.arrayBuffer());
    const headers = new Headers(whole.headers);
    headers.set("content-length", String(bytes.length));
    let isSent = false;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        if (isSent) {
          await this.mayCut;
          return controller.close();
        }
        isSent = true;
        controller.enqueue(bytes.slice(0, Number(after)));
      },
    });
    return new Response(body, { status: whole.status, headers });
  }

  #endless(hasLength: boolean): Response {
    const piece = new Uint8Array(64 * 1024);
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        this.madeBytes += piece.length;
        if (this.madeBytes > endlessBytes) return controller.close();
        controller.enqueue(piece.slice());
      },
    });
    return new Response(body, { headers: hasLength ? { "content-length": String(endlessBytes) } : {} });
  }
}

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

function bomb(coding: keyof typeof codecs): Response {
  const body = codecs[coding](new Uint8Array(bombBytes));
  return new Response(new Uint8Array(body), { headers: { "content-encoding": coding } });
}

function failed(): Response {
  return new Response("", { status: 500 });
}
