/** Stands between an owner and a host, and loses, doubles or delays their frames, or cuts the connection. */
import { systemClock } from "../../src/clock.ts";

export interface Faults {
  /** Each n-th frame of a direction is lost; 0: none. */
  dropEach: number;
  /** Each n-th frame of a direction comes twice; 0: none. */
  doubleEach: number;
  /** How much later each frame comes. */
  lateMs: number;
  /** Nothing gets through, and nobody is told. */
  isSilent: boolean;
  /** New connections are refused. */
  isDown: boolean;
}

export const noFaults: Faults = { dropEach: 0, doubleEach: 0, lateMs: 0, isSilent: false, isDown: false };

interface Pair {
  sockets: WebSocket[];
}

export class FrameFaults implements AsyncDisposable {
  faults: Faults = noFaults;
  frameCount = 0;
  readonly #target: string;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #pairs = new Set<Pair>();
  /** Cancels of frames under way. */
  readonly #late = new Set<() => void>();
  readonly #closing = new AbortController();

  /** `target`: the host's address. */
  constructor(target: string) {
    this.#target = target;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, signal: this.#closing.signal, onListen: () => {} },
      (request) => this.#connect(request),
    );
  }

  get address(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}`;
  }

  get connectionCount(): number {
    return this.#pairs.size;
  }

  /** Ends all connections. */
  cut(): void {
    for (const { sockets } of this.#pairs) for (const socket of sockets) socket.close();
    this.#pairs.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cut();
    for (const cancel of this.#late) cancel();
    this.#closing.abort();
    await this.#server.finished;
  }

  #connect(request: Request): Response {
    if (this.faults.isDown) return new Response(null, { status: 503 });
    const authorization = request.headers.get("authorization") ?? "";
    const { socket: owner, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    const shown = { headers: { authorization } } as unknown as string[];
    const host = new WebSocket(this.#target, shown);
    const pair = { sockets: [owner, host] };
    this.#pairs.add(pair);
    const early: string[] = [];
    const pass = this.#way(pair, owner);
    const passToHost = this.#way(pair, host);
    owner.onmessage = ({ data }) => {
      if (host.readyState === WebSocket.OPEN) passToHost(data);
      else early.push(data);
    };
    host.onopen = () => early.forEach(passToHost);
    host.onmessage = ({ data }) => pass(data);
    for (const socket of pair.sockets) {
      socket.onerror = (event) => event.preventDefault();
      socket.onclose = () => {
        this.#pairs.delete(pair);
        for (const each of pair.sockets) if (each.readyState !== WebSocket.CLOSED) each.close();
      };
    }
    return response;
  }

  #sendLater(lateMs: number, send: () => void): void {
    const cancel = systemClock.after(lateMs, () => {
      this.#late.delete(cancel);
      send();
    });
    this.#late.add(cancel);
  }

  #way(pair: Pair, to: WebSocket): (frame: string) => void {
    let count = 0;
    const send = (frame: string) => {
      if (this.#pairs.has(pair) && to.readyState === WebSocket.OPEN) to.send(frame);
    };
    return (frame) => {
      count++;
      this.frameCount++;
      const { dropEach, doubleEach, lateMs, isSilent } = this.faults;
      if (isSilent || (dropEach > 0 && count % dropEach === 0)) return;
      const copies = doubleEach > 0 && count % doubleEach === 0 ? 2 : 1;
      for (let i = 0; i < copies; i++) {
        if (lateMs === 0) send(frame);
        else this.#sendLater(lateMs, () => send(frame));
      }
    };
  }
}
