/**
 * A machine's side of watching: says how its rooms are, and answers those who look at one. It decides what each may do
 * and see, by the rights that the database knows. Without a watcher it writes only what has changed of its rooms.
 */
import { type Clock, sleep } from "../clock.ts";
import { t } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import type { OpenedRoom } from "../rooms_control.ts";
import { UserError } from "../user_error.ts";
import type { MachineLine, OpenMachineLine, RoomStatus, WatchAnswer, WatchCall } from "../watch_line.ts";
import { callIn } from "./call_shape.ts";
import { protocolVersion, type Reply } from "./messages.ts";
import { rightsOf } from "./rights.ts";
import { Look, type LookOptions } from "./look.ts";

/** The rooms of this machine. */
export interface OwnRooms {
  /** How each is now. */
  statuses(): Iterable<RoomStatus>;
  /** As in `RoomsControl`. */
  open(streamer: string): Promise<OpenedRoom>;
}

export interface WatchedRoomsOptions {
  openLine: OpenMachineLine;
  rooms: OwnRooms;
  machine: string;
  clock: Clock;
  log: Log;
}

const roundMs = 2_000;
/** A watcher says every few seconds that it is there. */
const goneAfterMs = 10_000;
const openAgainMs = 10_000;
const maxLooks = 50;
const maxLooksOfOne = 10;

export class WatchedRooms implements Lifecycle {
  readonly #options: WatchedRoomsOptions;
  readonly #looks = new Map<string, Look>();
  readonly #stopping = new AbortController();
  /** What was last written of each room, as JSON. */
  readonly #written = new Map<string, string>();
  #line: MachineLine | null = null;
  #outbox: WatchAnswer[] = [];
  #isSending = false;
  #nextRound = Promise.withResolvers<void>();
  #running: Promise<void> | null = null;
  #taking: Promise<void> = Promise.resolve();

  constructor(options: WatchedRoomsOptions) {
    this.#options = options;
  }

  /** How many look at a room now. */
  get lookCount(): number {
    return this.#looks.size;
  }

  /** Resolves when all rooms were looked at once more. */
  get nextRound(): Promise<void> {
    return this.#nextRound.promise;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Tells those who look that it is over. */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const { machine } = this.#options;
    for (const look of [...this.#looks.values()]) this.#end(look, t`Livecue has stopped on ${machine}.`);
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, openLine } = this.#options;
    const { signal } = this.#stopping;
    while (this.#line === null && !signal.aborted) {
      try {
        this.#line = await openLine({
          onCalls: (calls) => this.#take(calls),
          onBack: () => this.#written.clear(),
        });
      } catch (error) {
        this.#options.log.warn(t`This machine's rooms cannot be watched now: ${(error as Error).message}`);
        await sleep(clock, openAgainMs, signal);
      }
    }
    while (!signal.aborted) {
      await this.#round().catch(() => {});
      this.#nextRound.resolve();
      this.#nextRound = Promise.withResolvers();
      await sleep(clock, roundMs, signal);
    }
    await this.#close();
  }

  async #close(): Promise<void> {
    const line = this.#line;
    if (line === null) return;
    await this.#flush();
    await line.writeStatus([], [...this.#written.keys()]).catch(() => {});
    await line.close();
  }

  /** While the database is away nothing is written, and all that changed is written afterwards. */
  async #round(): Promise<void> {
    this.#forgetThoseGone();
    const statuses = [...this.#options.rooms.statuses()];
    const changed = statuses.filter((status) =>
      this.#written.get(status.streamer) !== JSON.stringify(status)
    );
    const names = new Set(statuses.map(({ streamer }) => streamer));
    const gone = [...this.#written.keys()].filter((streamer) => !names.has(streamer));
    const written = new Set(await this.#line?.writeStatus(changed, gone));
    for (const status of changed) {
      if (written.has(status.streamer)) this.#written.set(status.streamer, JSON.stringify(status));
    }
    for (const streamer of gone) this.#written.delete(streamer);
  }

  #forgetThoseGone(): void {
    const { clock } = this.#options;
    for (const look of [...this.#looks.values()]) {
      if (clock.monotonic() - look.heardAt > goneAfterMs) this.#drop(look);
    }
  }

  /** One after the other, because those that follow an opening need it. */
  #take(calls: readonly WatchCall[]): void {
    for (const call of calls) this.#taking = this.#taking.then(() => this.#takeOne(call));
  }

  async #takeOne(call: WatchCall): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    const asked = callIn(call.body);
    if (asked === null) return;
    const look = this.#looks.get(keyOf(call)) ?? null;
    if (asked.kind === "other_version") {
      return this.#reply(call, { kind: "refused", text: this.#otherVersion() });
    }
    if (asked.kind === "open") return await this.#open(call, asked);
    if (look === null) return asked.kind === "close" ? undefined : this.#reply(call, { kind: "unknown" });
    look.heardAt = this.#options.clock.monotonic();
    if (asked.kind === "close") return this.#drop(look);
    // The right to act may have been taken away meanwhile, and only those who have it can write actions.
    const isAllowed = asked.kind !== "act" || call.isAction;
    const rights = isAllowed ? rightsOf(call.rights, look) : "look";
    look.take(asked, { rights, seesAll: call.rights === "all" });
  }

  async #open(call: WatchCall, { protocol, streamer, isReadOnly }: Opening): Promise<void> {
    const refuse = (text: string) => this.#reply(call, { kind: "refused", text });
    if (protocol !== protocolVersion) return refuse(this.#otherVersion());
    const before = this.#looks.get(keyOf(call));
    const why = before === undefined ? this.#whyFull(call) : null;
    if (why !== null) return refuse(why);
    try {
      const opened = await this.#options.rooms.open(streamer);
      if (before !== undefined) this.#drop(before);
      else this.#options.log.info(t`${call.askedBy} looks at ${shownRoom(streamer)}.`);
      this.#begin(call, { opened, streamer, isReadOnly });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refuse(error.message);
    }
  }

  #begin(call: WatchCall, room: Pick<LookOptions, "opened" | "streamer" | "isReadOnly">): void {
    const { clock, log } = this.#options;
    const look = new Look({
      call,
      ...room,
      clock,
      log,
      reply: (reply) => this.#reply(call, reply),
      replyText: (body) => this.#post({ ...addressOf(call), body, isSnapshot: true }),
    });
    this.#looks.set(keyOf(call), look);
    room.opened.ended.then((text) => this.#looks.get(keyOf(call)) === look && this.#end(look, text));
    this.#reply(call, { kind: "opened", rights: rightsOf(call.rights, look) });
    look.start({ seesAll: call.rights === "all" });
  }

  /** null: one more may look. */
  #whyFull({ askedBy }: WatchCall): string | null {
    const ofOne = [...this.#looks.values()].filter((look) => look.askedBy === askedBy).length;
    if (this.#looks.size < maxLooks && ofOne < maxLooksOfOne) return null;
    return t`Too many look at the rooms of ${this.#options.machine} already. Close another look first.`;
  }

  #otherVersion(): string {
    const { machine } = this.#options;
    return t`Livecue on ${machine} has another version than this one. Update the older of the two.`;
  }

  #end(look: Look, text: string): void {
    this.#reply(look, { kind: "ended", text });
    this.#drop(look);
  }

  #drop(look: Look): void {
    look.stop();
    this.#looks.delete(keyOf(look));
  }

  #reply(to: Pick<WatchCall, "askedBy" | "watcher">, reply: Reply): void {
    this.#post({ ...addressOf(to), body: JSON.stringify(reply), isSnapshot: false });
  }

  /** An older snapshot that waits here is not sent any more. */
  #post(answer: WatchAnswer): void {
    if (answer.isSnapshot) {
      this.#outbox = this.#outbox.filter((other) => !other.isSnapshot || keyOf(other) !== keyOf(answer));
    }
    this.#outbox.push(answer);
    if (!this.#isSending) void this.#flush();
  }

  /** What cannot be sent because the database is away is forgotten: the watcher opens the room again. */
  async #flush(): Promise<void> {
    this.#isSending = true;
    try {
      // What is said in one turn goes in one statement.
      await Promise.resolve();
      while (this.#outbox.length > 0) await this.#line?.answer(this.#outbox.splice(0)).catch(() => {});
    } finally {
      this.#isSending = false;
    }
  }
}

type Opening = Extract<NonNullable<ReturnType<typeof callIn>>, { kind: "open" }>;

/** Nobody can speak for a watcher of another user. */
function keyOf({ askedBy, watcher }: Pick<WatchCall, "askedBy" | "watcher">): string {
  return JSON.stringify([askedBy, watcher]);
}

function addressOf({ askedBy, watcher }: Pick<WatchCall, "askedBy" | "watcher">) {
  return { askedBy, watcher };
}

function shownRoom(streamer: string): string {
  return streamer === "" ? t`this room` : `@${streamer}`;
}
