/** The WebSocket server: checks who may connect, and reads what each program subscribes to. */
import { t } from "livecue/language";
import { type Access, baseUrl, foreignOrigin, isOwnName, isToken } from "./access.ts";
import type { Clients, Wish } from "./clients.ts";
import { helloText } from "./livecue_form.ts";
import { type Format, formats } from "./options.ts";

export interface ServerOptions {
  /** With port 0, the system chooses a free one. */
  access: Access;
  clients: Clients;
  /** For programs that request none. */
  format: Format;
  /** A page of a site that is not in the options tried to connect. */
  onForeignPage(origin: string): void;
}

const maxAddressLength = 2000;
/** Detects a program whose computer or network is down. */
const idleSeconds = 30;

export class Server {
  readonly #options: ServerOptions;
  readonly #access: Access;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  /** Throws if it cannot listen. */
  constructor(options: ServerOptions) {
    this.#options = options;
    const { host, port } = options.access;
    // The service logs the URL itself.
    const settings = { hostname: host, port, onListen: () => {} };
    this.#server = Deno.serve(settings, (request, { remoteAddr }) => this.#answer(request, remoteAddr));
    this.#access = { ...options.access, port: this.#server.addr.port };
  }

  get url(): string {
    return baseUrl(this.#access);
  }

  /** Closes the connections first, because the server does not stop while one is open. */
  async stop(): Promise<void> {
    this.#options.clients.close();
    await this.#server.shutdown();
  }

  #answer(request: Request, { hostname, port }: Deno.NetAddr): Response {
    if (request.url.length > maxAddressLength) return refuse(414, t`This URL is too long.`);
    if (!isOwnName(request, this.#access)) {
      return refuse(421, t`The request uses a name that is not this server's.`);
    }
    const origin = foreignOrigin(request, this.#access);
    if (origin !== null) {
      this.#options.onForeignPage(origin);
      return refuse(
        403,
        t`Pages of this site are not allowed to connect. Livecue's log says how to allow them.`,
      );
    }
    const { searchParams } = new URL(request.url);
    if (!isToken(searchParams.get("token"), this.#access)) {
      return refuse(403, t`The token is missing or wrong. Use the URL that Livecue's log shows.`);
    }
    const wish = this.#wishOf(searchParams);
    if (typeof wish === "string") return refuse(400, wish);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      return refuse(426, t`This is Livecue's feed of events: connect to ${this.url} with a WebSocket.`);
    }
    const { clients } = this.#options;
    if (clients.isFull) return refuse(503, t`Too many programs are connected. Close some.`);
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: idleSeconds });
    const first = wish.format === "livecue" ? helloText() : null;
    clients.add(socket, wish, { from: `${hostname}:${port}`, first });
    return response;
  }

  /** Returns a message if the request cannot be met, since the program would otherwise wait forever. */
  #wishOf(query: URLSearchParams): Wish | string {
    const format = query.get("format") ?? this.#options.format;
    if (!isFormat(format)) return t`Unknown format. Use ${formats.join(t` or `)}.`;
    const types = listOf(query.get("types"));
    const wrong = types?.find((type) => !typeName.test(type));
    if (wrong !== undefined) {
      return t`"${wrong.slice(0, 60)}" is not an event type. Types look like GiftEvent, in every format.`;
    }
    return { format, types, sources: listOf(query.get("source")) };
  }
}

/** Any name of this form, because services may emit event types of their own. */
const typeName = /^[A-Z][A-Za-z0-9]*Event$/;

function isFormat(text: string): text is Format {
  return (formats as readonly string[]).includes(text);
}

/** The names in "a,b"; null if there is none. */
function listOf(text: string | null): string[] | null {
  const names = text?.split(",").map((name) => name.trim()).filter((name) => name !== "") ?? [];
  return names.length === 0 ? null : names;
}

function refuse(status: number, why: string): Response {
  return new Response(`${why}\n`, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
