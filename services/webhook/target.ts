/** One target. Makes each delivery, with retries, until it is accepted or given up. */
import { setTimeout as wait } from "node:timers/promises";
import { backoffMs } from "livecue/backoff";
import { t } from "livecue/language";
import type { LiveEvent, QueueItem, ServiceLog } from "livecue/service";
import { signatureOf } from "livecue/standard_webhooks";
import { type Body, type BodyTemplate, eventBody, fillBody, fitForAny, quoteFor } from "./body.ts";
import { fitForDiscord, isDiscord, isPlainInDiscord } from "./discord.ts";
import { Undelivered } from "./undelivered.ts";
import { Gate } from "./gate.ts";
import type { TargetOptions } from "./options.ts";
import { type Answer, post } from "./post.ts";
import { redactor, secretsOf } from "./redactor.ts";
import type { Access } from "./secrets.ts";

/** The same version as in deno.json. */
const userAgent = "Livecue/0.1.0";

const maxBodyBytes = 256 * 1024;
/** The longest pause that a server can ask for. */
const longestRestMs = 3_600_000;
const longestShownMs = 24 * 3_600_000;

export interface Delivery {
  /** The same at each try, even after a crash, so that the receiver can recognize duplicates. */
  id: string;
  event: LiveEvent;
  item: QueueItem;
  /** Replaces the target's body. */
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
  /** The number of deliveries given up since the last answer. */
  #givenUpInARow = 0;
  /** The statuses that have been logged. Repeated ones appear only in the errors of the queue items. */
  readonly #loggedStatuses = new Set<number>();
  #isInTrouble = false;

  constructor({ name, options, access, log }: TargetParts) {
    this.#name = name;
    this.#options = options;
    this.#access = access;
    this.#log = log;
    this.#gate = new Gate(options.max_concurrency);
    this.#redact = redactor([...access.secrets, ...secretsOf(access.url)]);
  }

  /** Resolves when the delivery was accepted. Throws `Undelivered` if it failed or the item's time ran out. */
  async deliver(delivery: Delivery): Promise<void> {
    const body = this.#bodyOf(delivery);
    const { signal } = delivery.item;
    const cameAt = Date.now();
    const { isProbe } = await this.#inTime(
      this.#gate.enter(signal),
      t`it was still waiting for its turn, because ${this.#host} accepts events more slowly than they arrive`,
    );
    try {
      await this.#tryUntilAccepted(delivery, body, { isProbe, waitedMs: Date.now() - cameAt });
    } finally {
      this.#gate.leave();
    }
  }

  async #tryUntilAccepted(
    delivery: Delivery,
    body: Body,
    { isProbe, waitedMs }: { isProbe: boolean; waitedMs: number },
  ): Promise<void> {
    const { signal } = delivery.item;
    const turn = waitedMs < 1000 ? "" : ` (after waiting ${Math.round(waitedMs / 1000)} s for its turn)`;
    for (let attempt = 1;; attempt++) {
      await this.#inTime(this.#gate.pauseIsOver(signal), t`${this.#host} had asked for a pause`);
      if (!isProbe) this.#gate.throwIfDown();
      const answer = await this.#inTime(
        this.#post(delivery, body),
        `${this.#host} had not answered yet${turn}`,
      );
      switch (answer.kind) {
        case "accepted":
          this.#gate.pause(Math.min(answer.restMs, this.#options.max_wait_ms));
          return this.#recover();
        case "refused":
          this.#markAnswered();
          this.#logRefusal(answer);
          throw new Undelivered(`${this.#name}: ${answer.why}`);
        case "unavailable":
          // Another delivery was the first to find it down.
          if (!isProbe) this.#gate.throwIfDown();
          await this.#waitOrGiveUp(answer, { attempt, signal });
      }
    }
  }

  async #waitOrGiveUp(
    { why, retryAfterMs }: Extract<Answer, { kind: "unavailable" }>,
    { attempt, signal }: { attempt: number; signal: AbortSignal },
  ): Promise<void> {
    const { max_attempts, max_wait_ms } = this.#options;
    const isTooLong = retryAfterMs > max_wait_ms;
    if (isTooLong || attempt >= max_attempts || this.#givenUpInARow > 0) {
      const pause = isTooLong ? ` and asked for a pause of ${spanOf(retryAfterMs)}` : "";
      const tries = attempt === 1 ? "" : ` (tried ${attempt} times)`;
      throw this.#giveUp(`${this.#name}: ${why}${pause}${tries}`, { askedMs: retryAfterMs, isTooLong });
    }
    this.#gate.pause(retryAfterMs);
    await this.#inTime(wait(Math.max(retryAfterMs, this.#backoffMs(attempt)), undefined, { signal }), why);
  }

  /** Turns the abort of the item's signal into an error that says how far the delivery had come. */
  async #inTime<Value>(step: Promise<Value>, howFar: string): Promise<Value> {
    try {
      return await step;
    } catch (error) {
      if (!isAbort(error)) throw error;
      throw new Undelivered(`${this.#name}: ${howFar}`);
    }
  }

  get #isDiscord(): boolean {
    return isDiscord(this.#access.url);
  }

  get #host(): string {
    return this.#access.url.host;
  }

  /** Half of the pause is random, so that deliveries that failed together are not retried together. */
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
    const body = template === undefined ? eventBody(id, event, item) : this.#filled(template, event, item);
    if (new TextEncoder().encode(body.text).length > maxBodyBytes) {
      throw new Undelivered(t`${this.#name}: the body is longer than ${maxBodyBytes / 1024} KB`);
    }
    return body;
  }

  #filled(template: BodyTemplate, event: LiveEvent, item: QueueItem): Body {
    const { escape_markdown: escapesMarkdown } = this.#options;
    const isDiscord = this.#isDiscord;
    try {
      return fillBody(template, {
        fill(text, place) {
          const isMarkdown = escapesMarkdown && !(isDiscord && isPlainInDiscord(place));
          return text.fill(event, item, quoteFor(text, isMarkdown));
        },
        fit: isDiscord ? fitForDiscord : fitForAny,
      });
    } catch (error) {
      if (!(error instanceof Undelivered)) throw error;
      throw new Undelivered(`${this.#name}: ${error.message}`);
    }
  }

  /** Logs the trouble only for the first failed delivery. */
  #giveUp(why: string, { askedMs, isTooLong }: { askedMs: number; isTooLong: boolean }): Undelivered {
    if (this.#givenUpInARow === 0) {
      const advice = "Until it answers, its deliveries fail. Retry them later with `retry` or the key R";
      this.#log.warn(`${why}. ${advice}`);
      this.#isInTrouble = true;
    }
    // The first failure may be due to its event, so the next delivery gets a try.
    if (this.#givenUpInARow > 0 || isTooLong) {
      const restMs = this.#backoffMs(this.#options.max_attempts + this.#givenUpInARow);
      this.#gate.close(why, Math.min(Math.max(askedMs, restMs), longestRestMs));
    }
    this.#givenUpInARow++;
    return new Undelivered(why);
  }

  #logRefusal({ status, why }: { status: number; why: string }): void {
    if (this.#loggedStatuses.has(status)) return;
    this.#loggedStatuses.add(status);
    this.#log.warn(`${this.#name}: ${why}`);
    this.#isInTrouble = true;
  }

  /** Called when the target has answered, no matter how. */
  #markAnswered(): void {
    this.#givenUpInARow = 0;
    this.#gate.open();
  }

  #recover(): void {
    this.#markAnswered();
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    this.#log.info(t`${this.#name}: ${this.#host} accepts events again`);
  }
}

function spanOf(milliseconds: number): string {
  return milliseconds > longestShownMs ? "more than a day" : `${Math.ceil(milliseconds / 1000)} s`;
}

/** Whether the item timed out or the service stops. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error.name === "TimeoutError" || error.name === "AbortError");
}
