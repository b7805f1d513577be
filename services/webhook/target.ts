/** One receiver: its deliveries, one after the other or a few at a time, until each is taken or given up. */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import type { LiveEvent, QueueItem, ServiceLog } from "livecue/service";
import { signatureOf } from "livecue/standard_webhooks";
import { type Body, type BodyTemplate, eventBody, fillBody, quoteFor } from "./body.ts";
import { Undelivered } from "./undelivered.ts";
import { Gate } from "./gate.ts";
import type { TargetOptions } from "./options.ts";
import { type Answer, post } from "./post.ts";
import { redactor, secretsOf } from "./redactor.ts";
import type { Access } from "./secrets.ts";

/** As in deno.json. */
const userAgent = "Livecue/0.1.0";

const maxBodyBytes = 256 * 1024;
/** However long a server asks us to stay away. */
const longestRestMs = 3_600_000;
const longestToldMs = 24 * 3_600_000;

export interface Delivery {
  /** The same at each try, also after a crash: by it the receiver knows what it has had. */
  id: string;
  event: LiveEvent;
  item: QueueItem;
  /** In place of the target's own. */
  body?: BodyTemplate | undefined;
}

interface TargetParts {
  name: string;
  options: TargetOptions;
  access: Access;
  log: ServiceLog;
}

export class Target {
  readonly #name: string;
  readonly #options: TargetOptions;
  readonly #access: Access;
  readonly #log: ServiceLog;
  readonly #gate: Gate;
  readonly #redact: (text: string) => string;
  /** Deliveries, since it last answered. */
  #givenUpInARow = 0;
  /** Statuses that were told: one that comes back is in the queue items' errors. */
  readonly #toldStatuses = new Set<number>();
  #isInTrouble = false;

  constructor({ name, options, access, log }: TargetParts) {
    this.#name = name;
    this.#options = options;
    this.#access = access;
    this.#log = log;
    this.#gate = new Gate(options.max_concurrency);
    this.#redact = redactor([...access.secrets, ...secretsOf(access.url)]);
  }

  /** Resolves when it was taken. Throws `Undelivered`, also where the item's time is up. */
  async deliver(delivery: Delivery): Promise<void> {
    const body = this.#bodyOf(delivery);
    const { signal } = delivery.item;
    const cameAt = Date.now();
    const { isProbe } = await this.#inTime(
      this.#gate.enter(signal),
      `its turn had not come, since ${this.#host} takes events more slowly than they come`,
    );
    try {
      await this.#tryUntilTaken(delivery, body, { isProbe, waitedMs: Date.now() - cameAt });
    } finally {
      this.#gate.leave();
    }
  }

  async #tryUntilTaken(
    delivery: Delivery,
    body: Body,
    { isProbe, waitedMs }: { isProbe: boolean; waitedMs: number },
  ): Promise<void> {
    const { signal } = delivery.item;
    const turn = waitedMs < 1000 ? "" : ` (its turn had come after ${Math.round(waitedMs / 1000)} s)`;
    for (let attempt = 1;; attempt++) {
      await this.#inTime(this.#gate.quietIsOver(signal), `${this.#host} wanted no more for a while`);
      if (!isProbe) this.#gate.throwIfDown();
      const answer = await this.#inTime(
        this.#post(delivery, body),
        `${this.#host} had not answered yet${turn}`,
      );
      switch (answer.kind) {
        case "taken":
          this.#gate.keepQuiet(Math.min(answer.restMs, this.#options.max_wait_ms));
          return this.#recover();
        case "refused":
          this.#hear();
          this.#tellRefusal(answer);
          throw new Undelivered(`${this.#name}: ${answer.why}`);
        case "unwell":
          // Another delivery was the first to find it down.
          if (!isProbe) this.#gate.throwIfDown();
          await this.#waitOrGiveUp(answer, { attempt, signal });
      }
    }
  }

  async #waitOrGiveUp(
    { why, retryAfterMs }: Extract<Answer, { kind: "unwell" }>,
    { attempt, signal }: { attempt: number; signal: AbortSignal },
  ): Promise<void> {
    const { max_attempts, max_wait_ms } = this.#options;
    const isTooLong = retryAfterMs > max_wait_ms;
    if (isTooLong || attempt >= max_attempts || this.#givenUpInARow > 0) {
      const wish = isTooLong ? `, and wants no more for ${spanOf(retryAfterMs)}` : "";
      const tries = attempt === 1 ? "" : ` (tried ${attempt} times)`;
      throw this.#giveUp(`${this.#name}: ${why}${wish}${tries}`, { askedMs: retryAfterMs, isTooLong });
    }
    this.#gate.keepQuiet(retryAfterMs);
    await this.#inTime(wait(Math.max(retryAfterMs, this.#backoffMs(attempt)), undefined, { signal }), why);
  }

  /** What the item's signal may cut off: says then how far the delivery had come. */
  async #inTime<Value>(step: Promise<Value>, howFar: string): Promise<Value> {
    try {
      return await step;
    } catch (error) {
      if (!isAbort(error)) throw error;
      throw new Undelivered(`${this.#name}: ${howFar}`);
    }
  }

  get #host(): string {
    return this.#access.url.host;
  }

  /** Half of it by chance, so that deliveries that failed together do not come back together. */
  #backoffMs(failures: number): number {
    const { backoff_ms, max_wait_ms } = this.#options;
    return backoffMs(failures, { firstMs: backoff_ms / 2, longestMs: max_wait_ms / 2, jitter: 1 });
  }

  #post(delivery: Delivery, body: Body): Promise<Answer> {
    const { url, key } = this.#access;
    const timestamp = Math.floor(Date.now() / 1000);
    const headers = new Headers({
      "content-type": body.contentType,
      "user-agent": userAgent,
      "webhook-id": delivery.id,
      "webhook-timestamp": String(timestamp),
    });
    if (key !== null) {
      headers.set("webhook-signature", signatureOf(key, { id: delivery.id, timestamp, body: body.text }));
    }
    for (const [name, value] of this.#access.headers) headers.set(name, value);
    const { timeout_ms: timeoutMs } = this.#options;
    const { signal } = delivery.item;
    return post({ url, headers, body: body.text, timeoutMs, signal }, this.#redact);
  }

  #bodyOf({ id, event, item, body: own }: Delivery): Body {
    const template = own ?? this.#options.body;
    const { escape_markdown: isMarkdown } = this.#options;
    const body = template === undefined
      ? eventBody(id, event, item)
      : fillBody(template, (text) => text.fill(event, item, quoteFor(text, isMarkdown)));
    if (new TextEncoder().encode(body.text).length > maxBodyBytes) {
      throw new Undelivered(`${this.#name}: the body is longer than ${maxBodyBytes / 1024} KB`);
    }
    return body;
  }

  /** Trouble is told when it begins, not by each delivery that finds it so. */
  #giveUp(why: string, { askedMs, isTooLong }: { askedMs: number; isTooLong: boolean }): Undelivered {
    if (this.#givenUpInARow === 0) {
      const advice = "until it answers, what is for it fails; put it back later, with `retry` or the key R";
      this.#log.warn(`${why}; ${advice}`);
      this.#isInTrouble = true;
    }
    // The first may have been the fault of its event: the next one has a try.
    if (this.#givenUpInARow > 0 || isTooLong) {
      const restMs = this.#backoffMs(this.#options.max_attempts + this.#givenUpInARow);
      this.#gate.close(why, Math.min(Math.max(askedMs, restMs), longestRestMs));
    }
    this.#givenUpInARow++;
    return new Undelivered(why);
  }

  #tellRefusal({ status, why }: { status: number; why: string }): void {
    if (this.#toldStatuses.has(status)) return;
    this.#toldStatuses.add(status);
    this.#log.warn(`${this.#name}: ${why}`);
    this.#isInTrouble = true;
  }

  /** It has answered, whatever it said. */
  #hear(): void {
    this.#givenUpInARow = 0;
    this.#gate.open();
  }

  #recover(): void {
    this.#hear();
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    this.#log.info(`${this.#name}: ${this.#host} takes events again`);
  }
}

function spanOf(milliseconds: number): string {
  return milliseconds > longestToldMs ? "more than a day" : `${Math.ceil(milliseconds / 1000)} s`;
}

/** The end of an item's time, or of the service. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}
