/** A service's requests to the main thread that wait for their answers. */
import { requestMistake } from "./checked_message.ts";
import type { Outbox } from "./outbox.ts";
import type { MessageToWorker, ServiceRequest } from "./protocol.ts";

export class Requests {
  readonly #outbox: Outbox;
  /** Called before a request is sent. */
  readonly #beforeSending: () => void;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #lastId = 0;

  constructor(options: { outbox: Outbox; beforeSending(): void }) {
    this.#outbox = options.outbox;
    this.#beforeSending = options.beforeSending;
  }

  /** Throws, rather than rejects, if too many requests wait. This ends a loop that makes them. */
  ask(request: ServiceRequest): Promise<unknown> {
    const mistake = requestMistake(request);
    if (mistake !== null) return Promise.reject(new TypeError(`the service ${mistake}`));
    const requestId = ++this.#lastId;
    this.#beforeSending();
    this.#outbox.ask(requestId, request);
    const pending = Promise.withResolvers<unknown>();
    this.#waiting.set(requestId, pending);
    return pending.promise;
  }

  take(answer: Extract<MessageToWorker, { kind: "reply" | "refusal" }>): void {
    const pending = this.#waiting.get(answer.requestId);
    this.#waiting.delete(answer.requestId);
    if (answer.kind === "reply") pending?.resolve(answer.value);
    else pending?.reject(new Error(answer.error));
  }
}
