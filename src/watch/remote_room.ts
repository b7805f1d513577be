/** A room on another machine, as a watcher has it: the last snapshot, and what is asked over there. */
import { type Clock, every } from "../clock.ts";
import type { Action, ActionResult, Answer, Control, Query, Snapshot } from "../control.ts";
import { t } from "../language.ts";
import type { OpenedRoom, RoomRights } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { WatcherLine } from "../watch_line.ts";
import { type Call, protocolVersion, type Reply } from "./messages.ts";
import { refusal } from "./rights.ts";

export interface RemoteRoomOptions {
  line: WatcherLine;
  clock: Clock;
  watcher: string;
  streamer: string;
  /** For people. */
  name: string;
  machine: string;
  run: number;
  isReadOnly: boolean;
  onClosed(room: RemoteRoom): void;
}

const hereEveryMs = 3_000;
/** How long a machine may be silent while the database is there. */
const silenceMs = 15_000;
const openingMs = 5_000;
const answerMs = 15_000;
/** A restart ends when the service has started. */
const actionMs = 90_000;

export class RemoteRoom implements OpenedRoom, Control {
  readonly #options: RemoteRoomOptions;
  readonly #listeners = new Set<() => void>();
  readonly #ended = Promise.withResolvers<string>();
  readonly #opened = Promise.withResolvers<void>();
  readonly #waiting = new Map<number, (reply: Reply | null) => void>();
  #snapshot: Snapshot | null = null;
  #rights: RoomRights = "look";
  #heardAt: number;
  #number = 0;
  #stopHere: () => void = () => {};
  #isClosed = false;

  constructor(options: RemoteRoomOptions) {
    this.#options = options;
    this.#heardAt = options.clock.monotonic();
    this.#opened.promise.catch(() => {});
  }

  get control(): Control {
    return this;
  }

  get rights(): RoomRights {
    return this.#rights;
  }

  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get streamer(): string {
    return this.#options.streamer;
  }

  get run(): number {
    return this.#options.run;
  }

  get watcher(): string {
    return this.#options.watcher;
  }

  get machine(): string {
    return this.#options.machine;
  }

  /** Rejects with a `UserError` if the machine refuses it, or does not answer. */
  async open(): Promise<void> {
    const { clock, machine } = this.#options;
    const cancel = clock.after(openingMs, () => {
      this.#opened.reject(new UserError(t`${machine} does not answer. Try again in a moment.`));
    });
    try {
      await this.#send(this.#opening);
      await this.#opened.promise;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      cancel();
    }
    this.#stopHere = every(clock, hereEveryMs, () => this.#stayHere());
  }

  snapshot(): Snapshot {
    if (this.#snapshot === null) throw new Error("The room is not open yet.");
    return this.#snapshot;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async dispatch(action: Action): Promise<ActionResult> {
    if (action.kind === "quit") {
      this.end(t`You no longer look at ${this.#options.name}.`);
      return { text: "", isError: false };
    }
    const refused = refusal(action, this.#rights);
    if (refused !== null) return { text: refused, isError: true };
    try {
      const reply = await this.#ask((number) => ({ kind: "act", number, action }), actionMs);
      if (reply.kind === "result") return reply.result;
      return { text: t`The machine sent something that this Livecue does not know.`, isError: true };
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return { text: error.message, isError: true };
    }
  }

  /** Rejects with a `UserError` if there is no answer. */
  async query<Asked extends Query>(query: Asked): Promise<Answer<Asked>> {
    const reply = await this.#ask((number) => ({ kind: "ask", number, query }), answerMs);
    if (reply.kind === "answer") return reply.answer as Answer<Asked>;
    throw new UserError(
      reply.kind === "no_answer"
        ? reply.text
        : t`The machine sent something that this Livecue does not know.`,
    );
  }

  /** What the machine says. */
  take(reply: Reply): void {
    this.#heardAt = this.#options.clock.monotonic();
    switch (reply.kind) {
      case "opened":
        this.#rights = reply.rights;
        return;
      case "snapshot":
        this.#snapshot = reply.snapshot;
        this.#opened.resolve();
        for (const listener of this.#listeners) listener();
        return;
      case "answer":
      case "no_answer":
      case "result":
        return this.#waiting.get(reply.number)?.(reply);
      case "unknown":
        // It did not hear this watcher for a while, or has connected again.
        void this.#send(this.#opening).catch(() => {});
        return;
      case "refused":
        this.#opened.reject(new UserError(reply.text));
        return this.end(reply.text);
      case "ended":
        return this.end(reply.text);
      case "here":
        return;
    }
  }

  end(text: string): void {
    if (this.#isClosed) return;
    this.close();
    this.#opened.reject(new UserError(text));
    this.#ended.resolve(text);
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopHere();
    for (const answer of this.#waiting.values()) answer(null);
    void this.#send({ kind: "close" }).catch(() => {});
    this.#options.onClosed(this);
  }

  get #opening(): Call {
    const { streamer, isReadOnly } = this.#options;
    return { kind: "open", protocol: protocolVersion, streamer, isReadOnly };
  }

  /** While the database is away, nobody can be heard. */
  #stayHere(): void {
    const { clock, line, machine } = this.#options;
    if (line.away !== null) this.#heardAt = clock.monotonic();
    else if (clock.monotonic() - this.#heardAt > silenceMs) {
      return this.end(t`${machine} does not answer any more.`);
    }
    void this.#send({ kind: "here" }).catch(() => {});
  }

  async #ask(callOf: (number: number) => Call, limitMs: number): Promise<Reply> {
    const { clock, machine } = this.#options;
    if (this.#isClosed) throw new UserError(t`The room is no longer open.`);
    const number = ++this.#number;
    const { promise, resolve } = Promise.withResolvers<Reply | null>();
    this.#waiting.set(number, resolve);
    const cancel = clock.after(limitMs, () => resolve(null));
    try {
      await this.#send(callOf(number));
      const reply = await promise;
      if (reply === null) throw new UserError(t`${machine} did not answer.`);
      return reply;
    } finally {
      cancel();
      this.#waiting.delete(number);
    }
  }

  async #send(call: Call): Promise<void> {
    const { line, run, watcher } = this.#options;
    await line.call({ run, watcher, body: JSON.stringify(call), isAction: call.kind === "act" });
  }
}
