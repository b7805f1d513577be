/** A Mastodon instance, as its documentation describes it: posting with an Idempotency-Key, and an account's posts. */
export const token = "mastodon-token-1234";

export interface Status {
  id: string;
  text: string;
  visibility: string;
  createdAt: string;
}

export class FakeMastodon implements AsyncDisposable {
  readonly statuses: Status[] = [];
  readonly paths: string[] = [];
  /** Idempotency-Keys that it remembers. `forget` makes an hour pass. */
  readonly #keys = new Map<string, Status>();
  /** The next requests to this path are answered so, before anything is done; undefined: as usual. */
  readonly next = new Map<string, (Response | undefined)[]>();
  /** What it allows. */
  maxCharacters = 500;
  /** Called before a status is stored; what it returns is the answer instead. */
  onPost: () => Promise<Response> | undefined = () => undefined;
  /** Called when a status is stored, before the answer; what it returns replaces the answer. */
  onStored: () => Promise<Response | undefined> | undefined = () => undefined;
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

  forget(): void {
    this.#keys.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#server.finished;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    this.paths.push(`${request.method} ${pathname}`);
    const planned = this.next.get(pathname)?.shift();
    if (planned !== undefined) return planned;
    if (pathname === "/api/v2/instance") {
      const statuses = { max_characters: this.maxCharacters, characters_reserved_per_url: 23 };
      return Response.json({ configuration: { statuses } });
    }
    if (request.headers.get("authorization") !== `Bearer ${token}`) {
      return Response.json({ error: "The access token is invalid" }, { status: 401 });
    }
    switch (pathname) {
      case "/api/v1/statuses":
        return await this.#post(JSON.parse(text), request.headers.get("idempotency-key") ?? "");
      case "/api/v1/accounts/verify_credentials":
        return Response.json({ id: "42", acct: "peebot" });
      case "/api/v1/accounts/42/statuses":
        return Response.json(this.statuses.toReversed().map((status) => this.#shown(status)));
    }
    return Response.json({ error: "Record not found" }, { status: 404 });
  }

  async #post(body: { status: string; visibility: string }, key: string): Promise<Response> {
    const known = this.#keys.get(key);
    if (known !== undefined) return Response.json(this.#shown(known));
    const instead = await this.onPost();
    if (instead !== undefined) return instead;
    const id = String(this.statuses.length + 1);
    const status = {
      id,
      text: body.status,
      visibility: body.visibility,
      createdAt: new Date().toISOString(),
    };
    this.statuses.push(status);
    if (key !== "") this.#keys.set(key, status);
    return await this.onStored() ?? Response.json(this.#shown(status));
  }

  /** Its HTML, in which links are cut and names are linked. */
  #shown({ id, text, visibility, createdAt }: Status): object {
    const html = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;").replaceAll(
      "'",
      "&#39;",
    )
      .replaceAll(
        /https:\/\/(\S+)/g,
        '<a href="https://$1"><span class="invisible">https://</span><span class="ellipsis">$1</span></a>',
      )
      .replaceAll(
        /#(\w+)/g,
        (whole, tag) => /^39$/.test(tag) ? whole : `<a class="hashtag">#<span>${tag}</span></a>`,
      )
      .replaceAll("\n\n", "</p><p>").replaceAll("\n", "<br />");
    return {
      id,
      content: `<p>${html}</p>`,
      visibility,
      created_at: createdAt,
      url: `${this.url}/@peebot/${id}`,
    };
  }
}
