/** A server of the Text Lightstreamer Client Protocol over WebSocket, as its specification describes it. */
import { WebSocketServer } from "ws";

// deno-lint-ignore no-explicit-any
type Untyped = any;

/** A request: its name, and its parameters decoded. */
export interface Request {
  name: string;
  parameters: URLSearchParams;
}

export interface FakeLightstreamerOptions {
  /** 0: any that is free. */
  port?: number;
  keepAliveMs?: number;
  /** The lines with which it answers instead of obeying; null: it obeys. */
  answer?: (request: Request) => string[] | null;
  /** How many more of the earliest notifications than asked for a recovery repeats. */
  repeats?: number;
  /** Where its clients are to go on with a session. Default: at the same address. */
  controlLink?: string;
  /** Whether it has forgotten a session when it is to be recovered. */
  forgets?: boolean;
}

export class FakeLightstreamer implements AsyncDisposable {
  readonly port: number;
  readonly requests: Request[] = [];
  readonly sessions: FakeSession[] = [];
  readonly options: FakeLightstreamerOptions;
  readonly #server: Untyped;
  readonly #open = new Set<FakeLink>();
  #changed = () => {};

  private constructor(server: Untyped, options: FakeLightstreamerOptions) {
    this.#server = server;
    this.options = options;
    this.port = server.address().port;
    server.on("connection", (socket: Untyped) => {
      const link = new FakeLink(socket, (request) => this.#take(link, request));
      this.#open.add(link);
      link.closed.then(() => this.#open.delete(link));
    });
  }

  static async start(options: FakeLightstreamerOptions = {}): Promise<FakeLightstreamer> {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: options.port ?? 0,
      perMessageDeflate: false,
    });
    await new Promise<void>((resolve, reject) => {
      server.once("listening", resolve);
      server.once("error", reject);
    });
    return new FakeLightstreamer(server, options);
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}`;
  }

  /** The session that was created as the `count`th, once its client has subscribed. */
  async session(count = 1): Promise<FakeSession> {
    while (!this.sessions[count - 1]?.isSubscribed) await this.#nextChange();
    return this.sessions[count - 1] as FakeSession;
  }

  /** The request that came as the `count`th of this name. */
  async request(name: string, count = 1): Promise<Request> {
    while (true) {
      const found = this.requests.filter((request) => request.name === name)[count - 1];
      if (found !== undefined) return found;
      await this.#nextChange();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const open = [...this.#open];
    for (const link of open) link.drop();
    await Promise.all(open.map(({ closed }) => closed));
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#changed = resolve);
  }

  #take(link: FakeLink, request: Request): void {
    this.requests.push(request);
    const answer = this.options.answer?.(request) ?? null;
    if (answer !== null) link.send(...answer);
    else this.#obey(link, request);
    this.#changed();
  }

  #obey(link: FakeLink, { name, parameters }: Request): void {
    if (name === "create_session") {
      const session = new FakeSession(`S${this.sessions.length + 1}`);
      this.sessions.push(session);
      this.#bind(link, session);
    } else if (name === "bind_session") {
      this.#rebind(link, parameters);
    } else if (parameters.get("LS_op") === "add") {
      const session = this.sessions.find((each) => each.link === link);
      const items = (parameters.get("LS_group") ?? "").split(" ").length;
      const fields = (parameters.get("LS_schema") ?? "").split(" ").length;
      const id = parameters.get("LS_subId");
      link.send(`REQOK,${parameters.get("LS_reqId")}`);
      session?.data(`SUBOK,${id},${items},${fields}`, `CONF,${id},unlimited,unfiltered`);
      if (session !== undefined) session.isSubscribed = true;
    } else link.send("ERROR,67,malformed request");
  }

  #rebind(link: FakeLink, parameters: URLSearchParams): void {
    const session = this.sessions.find(({ id }) => id === parameters.get("LS_session"));
    if (session === undefined || this.options.forgets) return link.send("CONERR,20,session not found");
    const wanted = parameters.get("LS_recovery_from");
    this.#bind(link, session);
    if (wanted === null) return session.flush();
    const from = Math.max(0, Number(wanted) - (this.options.repeats ?? 0));
    link.send(`PROG,${from}`);
    session.flush(from);
  }

  #bind(link: FakeLink, session: FakeSession): void {
    session.link = link;
    link.send(
      `CONOK,${session.id},50000,${this.options.keepAliveMs ?? 5000},${this.options.controlLink ?? "*"}`,
    );
    link.send("SERVNAME,Lightstreamer HTTP Server", "CLIENTIP,127.0.0.1", "CONS,unlimited");
  }
}

export class FakeSession {
  readonly id: string;
  isSubscribed = false;
  link: FakeLink | null = null;
  /** All data notifications of the session. */
  readonly #data: string[] = [];
  #sentCount = 0;

  constructor(id: string) {
    this.id = id;
  }

  /** Adds data notifications; they are sent while the session is bound. */
  data(...lines: string[]): void {
    this.#data.push(...lines);
    this.flush();
  }

  /** An update of an item, by its number. */
  update(item: number, list: string): void {
    this.data(`U,1,${item},${list}`);
  }

  /** Sends what was not sent yet, or everything from this progressive on. */
  flush(from = this.#sentCount): void {
    if (this.link === null) return;
    const lines = this.#data.slice(from);
    if (lines.length > 0) this.link.send(...lines);
    this.#sentCount = this.#data.length;
  }

  /** Ends the connection without a word, and keeps the session. */
  async cut(): Promise<void> {
    const { link } = this;
    this.link = null;
    link?.drop();
    await link?.closed;
  }

  /** Asks the client to bind the session again, on the same connection. */
  loop(delayMs = 0): void {
    const { link } = this;
    this.link = null;
    link?.send(`LOOP,${delayMs}`);
  }

  /** Sends lines that are no data notifications. */
  say(...lines: string[]): void {
    this.link?.send(...lines);
  }

  /** Resolves when the client has got all that was sent. */
  async delivered(): Promise<void> {
    await this.link?.delivered();
  }
}

/** A connection, seen from the server. */
export class FakeLink {
  readonly closed: Promise<void>;
  readonly #socket: Untyped;

  constructor(socket: Untyped, take: (request: Request) => void) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.on("close", () => resolve()));
    socket.on("error", () => {});
    socket.on("message", (data: Untyped) => {
      const [name = "", text = ""] = data.toString().split("\r\n");
      take({ name, parameters: new URLSearchParams(text) });
    });
  }

  send(...lines: string[]): void {
    this.#socket.send(lines.map((line) => `${line}\r\n`).join(""));
  }

  async delivered(): Promise<void> {
    const answered = new Promise<void>((resolve) => this.#socket.once("pong", () => resolve()));
    this.#socket.ping();
    await answered;
  }

  drop(): void {
    this.#socket.terminate();
  }
}
