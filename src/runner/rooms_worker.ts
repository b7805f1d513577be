/**
 * The main thread's side of a worker that several rooms share. It opens a port for each room, pings the worker for all
 * of them, and tells each room how it lost the worker.
 *
 * A room that ends leaves the others running. The worker ends with its last room, or when it no longer answers.
 */
import type { Clock } from "../clock.ts";
import { t } from "../language.ts";
import type { ServiceConfig } from "../service.ts";
import { WorkerChildren } from "./child_groups.ts";
import { Heartbeat, type Pulse } from "./heartbeat.ts";
import { Ledger } from "./ledger.ts";
import { permissionsOf, workerPermissions } from "./permissions.ts";
import { encodeMessage } from "./protocol.ts";
import { RunningRoom } from "./running_room.ts";
import type { MessageFromRooms, MessageToRooms } from "./shared_protocol.ts";
import { type HowLost, maxErrorCharacters, type Transport, type TransportOptions } from "./transport.ts";

export interface RoomsWorkerOptions {
  service: ServiceConfig;
  clock: Clock;
  /** No room can be opened in it any more. */
  onOver(): void;
}

interface Room {
  port: MessagePort;
  ledger: Ledger;
  children: WorkerChildren;
  onLost: TransportOptions["onLost"];
}

/** Enough for the items that a service usually has at once. With more, a crash may count for an item that had ended. */
const ledgerSlots = 256;

/** How long a room may take to end, including its `onStop`. */
const closeLimitMs = 3_000;

export class RoomsWorker {
  readonly #clock: Clock;
  readonly #mayRun: boolean;
  readonly #onOver: () => void;
  readonly #worker: Worker;
  readonly #running = new RunningRoom();
  readonly #heartbeat: Heartbeat;
  readonly #rooms = new Map<number, Room>();
  /** The rooms that are ending. */
  readonly #closing = new Map<number, () => void>();
  #lastRoom = 0;
  #isOver = false;

  /** Throws if the main thread lacks a permission that the config grants the service. Follow with `open`. */
  constructor({ service, clock, onOver }: RoomsWorkerOptions) {
    this.#clock = clock;
    this.#onOver = onOver;
    this.#mayRun = service.permissions.run !== false;
    const entry = this.#mayRun ? "./shared_thread_entry.ts" : "./shared_fenced_entry.ts";
    const worker = new Worker(new URL(entry, import.meta.url), {
      type: "module",
      name: service.slug,
      deno: { permissions: workerPermissions(permissionsOf(service)) },
    });
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<MessageFromRooms>) => this.#receive(data);
    worker.onmessageerror = () => this.#lose(t`lost its worker: it sent a message that cannot be read`);
    worker.onerror = (event) => {
      // Otherwise it would end the whole process.
      event.preventDefault();
      this.#lose(t`lost its worker: ${event.message.slice(0, maxErrorCharacters)}`);
    };
    this.#post({ kind: "running", buffer: this.#running.buffer });
    this.#heartbeat = new Heartbeat({
      clock,
      ping: () => this.#post({ kind: "ping" }),
      onLost: (seconds) => this.#loseStuck(seconds),
    });
  }

  /** Opens one more room. */
  open({ onMessage, onLost, reportsEach = false }: TransportOptions): Transport {
    const id = ++this.#lastRoom;
    const { port1: port, port2 } = new MessageChannel();
    const ledger = Ledger.ofSize(ledgerSlots);
    const children = new WorkerChildren({ mayRun: this.#mayRun });
    this.#rooms.set(id, { port, ledger, children, onLost });
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      this.#heartbeat.receiveSign();
      onMessage(data);
    };
    port.onmessageerror = () => onLost(t`lost its worker: it sent a message that cannot be read`);
    this.#post({ kind: "open", room: id, ledger: ledger.buffer, reportsEach }, [port2]);
    return {
      canKill: false,
      ledger: reportsEach ? null : ledger,
      children,
      pulse: this.#pulse(),
      post: (message) => port.postMessage(encodeMessage(message)),
      terminate: () => this.#close(id),
    };
  }

  #pulse(): Pulse {
    const heartbeat = this.#heartbeat;
    const rooms = this.#rooms;
    return {
      get lastPongAt() {
        return heartbeat.lastPongAt;
      },
      get isLate() {
        return heartbeat.isLate;
      },
      // The heap of one room cannot be told from that of another, so each has an equal part of the whole.
      get heapBytes() {
        return heartbeat.heapBytes === null ? null : heartbeat.heapBytes / Math.max(1, rooms.size);
      },
    };
  }

  #post(message: MessageToRooms, ports: MessagePort[] = []): void {
    this.#worker.postMessage(message, ports);
  }

  /** The service's code may have replaced what the worker's side uses, so any data may come. */
  #receive(message: Partial<MessageFromRooms> | null): void {
    switch (message?.kind) {
      case "pong":
        this.#heartbeat.receivePong(Number(message.heapBytes) || 0);
        break;
      case "closed":
        this.#closing.get(Number(message.room))?.();
        break;
      case "crashed":
        this.#lose(t`lost its worker: ${String(message.error).slice(0, maxErrorCharacters)}`);
        break;
    }
  }

  /** Resolves when the room's `onStop` has ended, or when the room was the last one and the worker is gone. */
  async #close(id: number): Promise<void> {
    const room = this.#rooms.get(id);
    if (room === undefined) return;
    this.#rooms.delete(id);
    room.port.onmessage = null;
    if (this.#rooms.size === 0) this.#end();
    else await this.#closed(id);
    this.#drop(room);
  }

  async #closed(id: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cancel = this.#clock.after(closeLimitMs, resolve);
    this.#closing.set(id, resolve);
    this.#post({ kind: "close", room: id });
    await promise;
    cancel();
    this.#closing.delete(id);
  }

  #drop({ port, ledger, children }: Room): void {
    ledger.close();
    port.close();
    children.kill();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
    this.#heartbeat.stop();
    this.#worker.terminate();
    for (const resolve of this.#closing.values()) resolve();
  }

  #loseStuck(seconds: number): void {
    const culprit = this.#running.room;
    const own = this.#rooms.size === 1
      ? t`has not answered for ${seconds} s: its worker is dead or stuck in a loop`
      : t`has not answered for ${seconds} s: its worker, which it shares with other rooms, is dead or stuck in a loop`;
    const others =
      t`lost its worker: the service's code for another room, which shares the worker, has not answered for ${seconds} s`;
    this.#loseEach((id) => {
      const isBystander = culprit !== null && culprit !== id;
      return [isBystander ? others : own, { isStuck: !isBystander, isBystander }];
    });
  }

  #lose(why: string): void {
    this.#loseEach(() => [why, {}]);
  }

  #loseEach(describe: (id: number) => [why: string, how: HowLost]): void {
    if (this.#isOver) return;
    const rooms = [...this.#rooms];
    this.#rooms.clear();
    this.#end();
    for (const [id, room] of rooms) {
      this.#drop(room);
      room.onLost(...describe(id));
    }
  }
}
