/**
 * A server of Bluesky's XRPC, as its documentation describes it: sessions, records by their keys, handles, and what can
 * go wrong with them.
 */
export const handle = "pee.example.com";
export const appPassword = "abcd-efgh-ijkl-mnop";
const did = "did:plc:tank";

export interface StoredRecord {
  rkey: string;
  record: {
    text: string;
    createdAt: string;
    langs?: string[];
    facets?: { index: { byteStart: number; byteEnd: number }; features: Record<string, string>[] }[];
  };
}

interface Call {
  method: string;
  authorization: string | null;
}

export class FakeBluesky implements AsyncDisposable {
  readonly records = new Map<string, StoredRecord>();
  readonly calls: Call[] = [];
  /** Handles, and whose they are. */
  readonly handles = new Map([["iss.example.com", "did:plc:station"]]);
  /** The next calls of these methods are answered so, before anything is done; undefined: as usual. */
  readonly next = new Map<string, (Response | undefined)[]>();
  /** Called when a record is stored, before the answer; what it returns replaces the answer. */
  onStored: () => Promise<Response | undefined> | undefined = () => undefined;
  #sessions = 0;
  #validAccess = "";
  #validRefresh = "";
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();

  constructor() {
    const { signal } = this.#closing;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  get host(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** How often a method was called. */
  count(method: string): number {
    return this.calls.filter((call) => call.method === method).length;
  }

  expireAccess(): void {
    this.#validAccess = "";
  }

  expireRefresh(): void {
    this.#validRefresh = "";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const method = url.pathname.split(".").at(-1) ?? "";
    const authorization = request.headers.get("authorization");
    const text = await request.text();
    this.calls.push({ method, authorization });
    const planned = this.next.get(method)?.shift();
    if (planned !== undefined) return planned;
    const body = text === "" ? {} : JSON.parse(text);
    switch (method) {
      case "createSession":
        if (body.identifier !== handle || body.password !== appPassword) {
          return failure(401, "AuthenticationRequired", "Invalid identifier or password");
        }
        return this.#session();
      case "refreshSession":
        return authorization === `Bearer ${this.#validRefresh}` ? this.#session() : expired();
    }
    if (this.#validAccess === "" || authorization !== `Bearer ${this.#validAccess}`) return expired();
    switch (method) {
      case "createRecord":
        return await this.#create(body);
      case "getRecord": {
        const found = this.records.get(url.searchParams.get("rkey") ?? "");
        if (found === undefined) return failure(400, "RecordNotFound", "Could not locate record");
        return Response.json({
          uri: `at://${did}/app.bsky.feed.post/${found.rkey}`,
          cid: "cid",
          value: found.record,
        });
      }
      case "resolveHandle": {
        const owner = this.handles.get(url.searchParams.get("handle") ?? "");
        return owner === undefined
          ? failure(400, "InvalidRequest", "Unable to resolve handle")
          : Response.json({ did: owner });
      }
    }
    return failure(404, "NotFound", "Not found");
  }

  #session(): Response {
    this.#sessions++;
    this.#validAccess = `access-${this.#sessions}`;
    this.#validRefresh = `refresh-${this.#sessions}`;
    return Response.json({ did, handle, accessJwt: this.#validAccess, refreshJwt: this.#validRefresh });
  }

  async #create({ repo, rkey, record }: { repo: string } & StoredRecord): Promise<Response> {
    if (repo !== did) return failure(400, "InvalidRequest", "Could not find repo");
    if (!/^[234567abcdefghij][234567a-z]{12}$/.test(rkey)) {
      return failure(400, "InvalidRequest", "Invalid rkey");
    }
    const graphemes = [...new Intl.Segmenter().segment(record.text)].length;
    if (graphemes > 300) {
      return failure(400, "InvalidRequest", "Record/text must not be longer than 300 graphemes");
    }
    if (this.records.has(rkey)) return failure(500, "InternalServerError", "Internal Server Error");
    this.records.set(rkey, { rkey, record });
    const instead = await this.onStored();
    return instead ?? Response.json({ uri: `at://${repo}/app.bsky.feed.post/${rkey}`, cid: "cid" });
  }
}

function expired(): Response {
  return failure(400, "ExpiredToken", "Token has expired");
}

export function failure(status: number, error: string, message: string, headers: HeadersInit = {}): Response {
  return Response.json({ error, message }, { status, headers });
}
