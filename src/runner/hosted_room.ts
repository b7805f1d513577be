/** The worker's side of one room in a worker that several rooms share: an instance of the service, and its port. */
import { sleep, systemClock } from "../clock.ts";
import type { LineSubject } from "../kit/service.ts";
import { speak } from "../language.ts";
import type { LogLevel } from "../log/log.ts";
import { Ledger } from "./ledger.ts";
import { Outbox } from "./outbox.ts";
import { PacedLines } from "./paced_lines.ts";
import type { MessageFromWorker, MessageToWorker } from "./protocol.ts";
import type { RunningRoom } from "./running_room.ts";
import { ServiceHost } from "./service_host.ts";

export interface HostedRoomOptions {
  id: number;
  port: MessagePort;
  ledger: SharedArrayBuffer;
  /** As in `TransportOptions`. The ledger then only says whether the room is closed. */
  reportsEach: boolean;
  running: RunningRoom;
  /** Writes what its code has printed without a line break. */
  flushOutput(room: HostedRoom): void;
}

/** How long `onStop` may take in a room that ends without an orderly stop. */
const onStopLimitMs = 2_000;

/** Kept before the service's code can replace it. */
const { parse } = JSON;

export class HostedRoom {
  readonly id: number;
  readonly #port: MessagePort;
  readonly #outbox: Outbox;
  readonly #lines: PacedLines;
  readonly #host: ServiceHost;
  readonly #flushOutput: HostedRoomOptions["flushOutput"];
  readonly #stopped = Promise.withResolvers<void>();
  #isStopping = false;

  constructor({ id, port, ledger, reportsEach, running, flushOutput }: HostedRoomOptions) {
    this.id = id;
    this.#port = port;
    this.#flushOutput = flushOutput;
    this.#outbox = new Outbox((text) => port.postMessage(text));
    this.#lines = new PacedLines({
      clock: systemClock,
      write: (level, text, about) =>
        this.send({ kind: "log", level, text, ...about && { option: about.option } }),
      hasRoom: () => this.#outbox.hasRoom,
    });
    this.#host = new ServiceHost({
      outbox: this.#outbox,
      send: (message) => this.#sendAfterOutput(message),
      writeLine: this.writeLine,
      onMade: (service) => running.note(id, service),
    });
    const memory = new Ledger(ledger);
    this.#outbox.useLedger(memory);
    if (!reportsEach) this.#host.useLedger(memory);
  }

  /** Always the same function, so it also identifies the room. */
  readonly writeLine = (level: LogLevel, text: string, about?: LineSubject): void => {
    this.assertOpen();
    this.#lines.write(level, text, about);
  };

  /** As `Outbox.assertOpen`. */
  assertOpen(): void {
    this.#outbox.assertOpen();
  }

  /** Logs an uncaught error. */
  report(text: string): void {
    this.#lines.write("error", text);
  }

  /** Sends a message after the ends of items that wait to be sent together. */
  send(message: MessageFromWorker): void {
    this.#host.flushEnds();
    this.#outbox.send(message);
  }

  /** Sends what the service posted without the kit. */
  sendText(text: string): void {
    this.#port.postMessage(text);
  }

  receive(text: string): void {
    const message: MessageToWorker = parse(text);
    switch (message.kind) {
      case "credits":
        return this.#outbox.take(message);
      case "start":
        if (message.language) speak(message.language);
        return this.#host.receive(message);
      case "stop":
        this.#isStopping = true;
        return this.#host.receive(message);
      // The worker is pinged as a whole, and commands have workers of their own.
      case "ping":
      case "command":
      case "abort_command":
        return;
      default:
        return this.#host.receive(message);
    }
  }

  /** The last message: the worker is about to exit. */
  announceExit(error: string, isBystander: boolean): void {
    this.#lines.reportDropped();
    this.send({ kind: "crashed", error, ...isBystander && { isBystander } });
  }

  /** Ends the room. Calls `onStop` if nobody has, so that the next instance finds free what this one held. */
  async close(): Promise<void> {
    if (!this.#isStopping) {
      this.#host.receive({ kind: "stop" });
      await Promise.race([this.#stopped.promise, sleep(systemClock, onStopLimitMs)]);
    }
    this.#port.close();
  }

  #sendAfterOutput(message: MessageFromWorker): void {
    this.#flushOutput(this);
    if (message.kind === "stopped") {
      this.#lines.reportDropped();
      this.#stopped.resolve();
    }
    this.#outbox.send(message);
  }
}
