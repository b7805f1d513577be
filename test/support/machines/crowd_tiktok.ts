/**
 * A fake TikTok in which each handle "streamerN" has a room, for tests of many rooms. It says that all are offline, or
 * that all are live and quiet: then nothing comes but, now and then, the number of viewers.
 */
import { every, sleep, systemClock } from "../../../src/clock.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import { frameOf, livePageOf, signatureOf } from "../fake_tiktok.ts";
import { sampleOf } from "../captured_events.ts";

/** A room hears its number of viewers this often, as in a real live without anybody. */
const viewersEveryMs = 20_000;
const cookie = "ttwid=fake; Path=/";

export class CrowdTikTok implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #areLive: boolean;
  /** The open sockets, by room. */
  readonly #sockets = new Map<string, Set<WebSocket>>();
  readonly #stopCounting: () => void;
  #mostAtOnce = 0;
  #viewers = 0;

  constructor({ areLive }: { areLive: boolean }) {
    this.#areLive = areLive;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
    this.#stopCounting = every(systemClock, viewersEveryMs, () => this.#count());
  }

  /** For `tiktok.endpoints`. */
  get endpoints(): { sign: string; web: string } {
    return { sign: `http://${this.#origin}`, web: `http://${this.#origin}` };
  }

  /** Rooms to which somebody is connected now. */
  get roomsHeard(): number {
    return this.#sockets.values().filter((sockets) => sockets.size > 0).toArray().length;
  }

  /** The most connections that one room had at a time. */
  get mostAtOnce(): number {
    return this.#mostAtOnce;
  }

  /** Resolves when somebody is connected to so many rooms. */
  async untilHeard(count: number, limitMs = 120_000): Promise<void> {
    const begin = performance.now();
    while (this.roomsHeard < count) {
      if (performance.now() - begin > limitMs) throw new Error(`Only ${this.roomsHeard} rooms are captured.`);
      await sleep(systemClock, 100);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopCounting();
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.close();
    await this.#server.shutdown();
  }

  get #origin(): string {
    return `127.0.0.1:${this.#server.addr.port}`;
  }

  #count(): void {
    const createdAt = systemClock.now();
    const data = { viewerCount: ++this.#viewers, totalUserCount: 0 };
    for (const [roomId, sockets] of this.#sockets) {
      if (sockets.size === 0) continue;
      const event = { ...sampleOf("ViewerCountEvent", roomId), createdAt, data } as CapturedEvent;
      const frame = frameOf([event], nameOf(roomId));
      for (const socket of sockets) {
        if (socket.readyState === WebSocket.OPEN) socket.send(Uint8Array.from(frame));
      }
    }
  }

  #answer(request: Request): Response {
    const { pathname, searchParams } = new URL(request.url);
    const name = /^\/@([^/]+)\/live$/.exec(pathname)?.[1];
    if (name !== undefined) return livePageOf(this.#room(name), cookie);
    if (pathname === "/api-live/user/room/") {
      const data = this.#room(searchParams.get("uniqueId") ?? "");
      return Response.json({ statusCode: 0, message: "", data });
    }
    if (pathname === "/webcast/room/info/") {
      return Response.json({ status_code: 0, data: { status: this.#areLive ? 2 : 4, title: "" } });
    }
    const signed = /^\/webcast\/rooms\/(\d+)\/connect$/.exec(pathname)?.[1];
    if (signed !== undefined) {
      const pushServer = `ws://${this.#origin}/push/${signed}`;
      const username = nameOf(signed);
      return signatureOf({ history: [], username, roomId: signed, time: null, cookie, pushServer });
    }
    const pushed = /^\/push\/(\d+)/.exec(pathname)?.[1];
    return pushed === undefined ? new Response("", { status: 404 }) : this.#open(request, pushed);
  }

  #open(request: Request, roomId: string): Response {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const sockets = this.#sockets.get(roomId) ?? new Set();
    this.#sockets.set(roomId, sockets);
    socket.addEventListener("open", () => {
      sockets.add(socket);
      this.#mostAtOnce = Math.max(this.#mostAtOnce, sockets.size);
    });
    socket.addEventListener("close", () => sockets.delete(socket));
    socket.addEventListener("error", (event) => event.preventDefault());
    return response;
  }

  #room(username: string) {
    const status = this.#areLive ? 2 : 4;
    return {
      user: { uniqueId: username, roomId: roomOf(username), status },
      liveRoom: { status, title: "" },
    };
  }
}

const firstRoom = 7_400_000_000_000_000_000n;

export function streamerNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `streamer${index + 1}`);
}

function roomOf(username: string): string {
  return String(firstRoom + BigInt(username.replace(/\D/g, "") || "0"));
}

function nameOf(roomId: string): string {
  return `streamer${BigInt(roomId) - firstRoom}`;
}
