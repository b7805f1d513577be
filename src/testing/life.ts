/** A service from one start to its stop or crash, in the thread of the test: the worker's side is the real one. */
import { sleep, systemClock } from "../clock.ts";
import { failureText } from "../failure.ts";
import type { LogLevel } from "../log/log.ts";
import type { MessageFromWorker, MessageToWorker, ServiceRequest, ServiceStart } from "../runner/protocol.ts";
import { Outbox } from "../runner/outbox.ts";
import { ServiceHost } from "../runner/service_host.ts";
import { FakeClock } from "./fake_clock.ts";

export interface LifeOptions {
  start: ServiceStart & { folderPrefix: string };
  /** Unix milliseconds. */
  startAt: number;
  onMessage(message: MessageFromWorker, life: Life): void;
  writeLine(level: LogLevel, text: string): void;
}

export type ServiceRequestMessage = { requestId: number; request: ServiceRequest };

/** What a crash leaves to the operating system, such as a server's port, gets this long to end. */
const stopMs = 2_000;

export class Life {
  readonly clock: FakeClock;
  readonly #host: ServiceHost;
  readonly #options: LifeOptions;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(options: LifeOptions) {
    this.#options = options;
    this.clock = new FakeClock(options.startAt);
    // As from a worker, messages arrive later.
    const outbox = new Outbox((text) => queueMicrotask(() => this.#receive(JSON.parse(text))));
    outbox.waiveCredits();
    this.#host = new ServiceHost({
      outbox,
      send: (message) => outbox.send(message),
      writeLine: options.writeLine,
      clock: this.clock,
    });
  }

  /** Rejects with the sentence that Livecue would log if the service cannot start. */
  async start(): Promise<void> {
    this.send({ kind: "start", ...this.#options.start });
    await this.#ready.promise;
  }

  send(message: Parameters<ServiceHost["receive"]>[0]): void {
    this.#host.receive(message);
  }

  reply(requestId: number, answer: { value: unknown } | { error: string }): void {
    const message: MessageToWorker = "error" in answer
      ? { kind: "refusal", requestId, error: answer.error }
      : { kind: "reply", requestId, value: answer.value };
    this.send(JSON.parse(JSON.stringify(message)));
  }

  async stop(): Promise<void> {
    this.send({ kind: "stopping" });
    this.send({ kind: "stop" });
    const waiting = new AbortController();
    await Promise.race([this.#stopped.promise, sleep(systemClock, stopMs, waiting.signal)]);
    waiting.abort();
  }

  #receive(message: MessageFromWorker): void {
    if (message.kind === "ready") this.#ready.resolve();
    else if (message.kind === "stopped") this.#stopped.resolve();
    else if (message.kind === "start_failed") {
      const mistakes = message.inOptions.map(({ path, message }) => `\n${path.join(".")}: ${message}`);
      this.#ready.reject(
        new Error(`the service cannot start: ${failureText(message.failure)}${mistakes.join("")}`),
      );
    } else this.#options.onMessage(message, this);
  }
}
