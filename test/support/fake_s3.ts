/** A small S3 server that keeps objects in memory, and gives the answers that a test wants. */
import type { S3Options } from "../../services/sampler/storage/options.ts";
import { S3Storage } from "../../services/sampler/storage/s3.ts";

export const fakeKeys = { accessKeyId: "AKIDFAKE", secretAccessKey: "a-very-secret-key" };

interface FakeObject {
  body: Uint8Array<ArrayBuffer>;
  headers: Record<string, string>;
}

export class FakeS3 implements AsyncDisposable {
  /** "PUT /music/samples/a.mp3". */
  readonly requests: string[] = [];
  /** The pauses of the client, in milliseconds. */
  readonly pauses: number[] = [];
  /** Answers instead of the server, as long as it gives a response. */
  answer: (request: Request) => Response | null = () => null;
  /** The answer's list of unfinished uploads. */
  uploads = "";
  readonly #objects = new Map<string, FakeObject>();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      const { pathname, search } = new URL(request.url);
      this.requests.push(`${request.method} ${pathname}${search}`);
      const body = new Uint8Array(await request.arrayBuffer());
      return this.answer(request) ??
        this.#serve(request.method, pathname, { body, headers: metadata(request) });
    });
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** Gives this many answers, then serves. */
  answerTimes(times: number, give: () => Response): void {
    let left = times;
    this.answer = () => left-- > 0 ? give() : null;
  }

  storage(given: Partial<S3Options> = {}, now = () => Date.now()): S3Storage {
    const options: S3Options = {
      kind: "s3",
      endpoint: this.endpoint,
      region: "us-east-1",
      bucket: "music",
      style: "path",
      prefix: "samples",
      link_seconds: 3600,
      ...given,
    };
    const pause = (milliseconds: number) => {
      this.pauses.push(milliseconds);
      return Promise.resolve();
    };
    return new S3Storage(options, fakeKeys, { now, pause });
  }

  #serve(method: string, path: string, given: FakeObject): Response {
    if (method === "PUT") {
      this.#objects.set(path, given);
      return new Response(null, { headers: { etag: '"0"' } });
    }
    if (method === "DELETE") {
      this.#objects.delete(path);
      return new Response(null, { status: 204 });
    }
    if (path === "/music") {
      return new Response(`<ListMultipartUploadsResult>${this.uploads}</ListMultipartUploadsResult>`);
    }
    const found = this.#objects.get(path);
    if (found === undefined) return refusal(404, "NoSuchKey");
    const length = { "content-length": String(found.body.length) };
    return new Response(method === "HEAD" ? null : found.body, { headers: { ...found.headers, ...length } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** S3's form of an error. */
export function refusal(
  status: number,
  code: string,
  { more = "", headers = {} }: { more?: string; headers?: Record<string, string> } = {},
): Response {
  const text = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code>${more}</Error>`;
  return new Response(text, { status, headers: { "content-type": "application/xml", ...headers } });
}

function metadata(request: Request): Record<string, string> {
  return Object.fromEntries([...request.headers].filter(([name]) => name.startsWith("x-amz-meta-")));
}
