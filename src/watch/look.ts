/** One watcher's look at a room: sends snapshots when something changed, asks and acts for the watcher. */
import type { Clock } from "../clock.ts";
import type { Action, Control, Query } from "../control.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";
import type { OpenedRoom, RoomRights } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { WatchCall } from "../watch_line.ts";
import type { Call, Reply } from "./messages.ts";
import { moderatorAnswer, moderatorSnapshot } from "./moderator_view.ts";
import { refusal } from "./rights.ts";

export interface LookOptions {
  call: Pick<WatchCall, "askedBy" | "watcher">;
  streamer: string;
  isReadOnly: boolean;
  opened: OpenedRoom;
  clock: Clock;
  log: Log;
  reply(reply: Reply): void;
  /** Sends a snapshot that is already text. */
  replyText(body: string): void;
}

/** `seesAll`: without it, secrets are left out. */
export interface Standing {
  rights: RoomRights;
  seesAll: boolean;
}

const betweenSnapshotsMs = 250;
/** Calls that wait for their turn. */
const maxWaiting = 32;

export class Look {
  heardAt: number;
  readonly #options: LookOptions;
  #seesAll = false;
  #sent = "";
  #cancelSnapshot: (() => void) | null = null;
  #unsubscribe: (() => void) | null = null;
  #nextAt = -Infinity;
  #isStopped = false;
  readonly #turns = { ask: new Turns(), act: new Turns() };

  constructor(options: LookOptions) {
    this.#options = options;
    this.heardAt = options.clock.monotonic();
  }

  get askedBy(): string {
    return this.#options.call.askedBy;
  }

  get watcher(): string {
    return this.#options.call.watcher;
  }

  get streamer(): string {
    return this.#options.streamer;
  }

  get isReadOnly(): boolean {
    return this.#options.isReadOnly;
  }

  get control(): Control {
    return this.#options.opened.control;
  }

  start({ seesAll }: Pick<Standing, "seesAll">): void {
    this.#seesAll = seesAll;
    this.#unsubscribe = this.control.subscribe(() => this.#snapshotSoon());
    this.#sendSnapshot();
  }

  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    this.#unsubscribe?.();
    this.#cancelSnapshot?.();
    this.#options.opened.close();
  }

  take(call: Exclude<Call, { kind: "open" | "close" }>, { rights, seesAll }: Standing): void {
    this.#seesAll = seesAll;
    if (call.kind === "here") return this.#options.reply({ kind: "here" });
    const turns = this.#turns[call.kind];
    if (turns.waiting >= maxWaiting) {
      const text = t`Too many questions at a time. Wait a moment.`;
      const { number } = call;
      return this.#options.reply(
        call.kind === "ask"
          ? { kind: "no_answer", number, text }
          : { kind: "result", number, result: { text, isError: true } },
      );
    }
    turns.run(() => call.kind === "ask" ? this.#ask(call) : this.#act(call, rights));
  }

  async #ask({ number, query }: { number: number; query: Query }): Promise<void> {
    const seesAll = this.#seesAll;
    try {
      const answer = await this.control.query(query);
      this.#reply({ kind: "answer", number, answer: seesAll ? answer : moderatorAnswer(query, answer) });
    } catch (error) {
      this.#reply({ kind: "no_answer", number, text: this.#sentenceOf(error) });
    }
  }

  async #act({ number, action }: { number: number; action: Action }, rights: RoomRights): Promise<void> {
    const refused = refusal(action, rights);
    if (refused !== null) {
      return this.#reply({ kind: "result", number, result: { text: refused, isError: true } });
    }
    try {
      const result = await this.control.dispatch(action);
      if (!result.isError) this.#options.log.info(t`${this.askedBy}, who looks at this room: ${result.text}`);
      this.#reply({ kind: "result", number, result });
    } catch (error) {
      this.#reply({ kind: "result", number, result: { text: this.#sentenceOf(error), isError: true } });
    }
  }

  /** A bug is for the log of the machine. */
  #sentenceOf(error: unknown): string {
    if (error instanceof UserError) return error.message;
    this.#options.log.error(t`A watcher's question failed: ${(error as Error).stack ?? String(error)}`);
    return t`The machine could not answer that. Its log says why.`;
  }

  #reply(reply: Reply): void {
    if (!this.#isStopped) this.#options.reply(reply);
  }

  #snapshotSoon(): void {
    if (this.#cancelSnapshot !== null || this.#isStopped) return;
    const { clock } = this.#options;
    const restMs = Math.max(0, this.#nextAt - clock.monotonic());
    this.#cancelSnapshot = clock.after(restMs, () => this.#sendSnapshot());
  }

  #sendSnapshot(): void {
    this.#cancelSnapshot = null;
    this.#nextAt = this.#options.clock.monotonic() + betweenSnapshotsMs;
    const snapshot = this.control.snapshot();
    const { takenMs, ...rest } = this.#seesAll ? snapshot : moderatorSnapshot(snapshot);
    const text = JSON.stringify(rest);
    if (text === this.#sent) return;
    this.#sent = text;
    this.#options.replyText(`{"kind":"snapshot","snapshot":{"takenMs":${takenMs},${text.slice(1)}}`);
  }
}

/** Runs works one after the other. */
class Turns {
  waiting = 0;
  #last: Promise<void> = Promise.resolve();

  run(work: () => Promise<void>): void {
    this.waiting++;
    this.#last = this.#last.then(work).finally(() => this.waiting--);
  }
}
