/** The rooms that this machine captures, for whoever looks at them. */
import { type Clock, every } from "../clock.ts";
import type { Action, ActionResult, Control } from "../control.ts";
import { failureText, sentenceOf } from "../failure.ts";
import { t, translated } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { OpenedRoom, RoomLine, RoomsControl, RoomsSnapshot } from "../rooms_control.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import { type ServicePhase, servicePhaseWords } from "../service_state.ts";
import { UserError } from "../user_error.ts";
import type { RoomStatus } from "../watch_line.ts";
import type { App } from "./app.ts";
import { Monitor } from "./monitor.ts";
import { RecentUsers } from "./recent_users.ts";
import { roomStatus } from "./room_status.ts";
import { ScreenControl } from "./screen_control.ts";
import type { ServiceUnit } from "./service_unit.ts";

export interface OwnRoomsOptions {
  machine: string;
  clock: Clock;
  /** Of the config, for the screens of the rooms. */
  settings: ScreenSettings;
}

export interface OpenRoom {
  app: App;
  /** From `newMonitor`. */
  monitor: Monitor;
  /** Resolves when what has happened so far can be read, at the latest after the limit. */
  whenStored(limitMs: number): Promise<void>;
}

interface OwnRoom extends OpenRoom {
  control: Control;
  /** How many look at it. */
  looks: number;
  line: RoomLine;
  ended: PromiseWithResolvers<string>;
}

/** Of the log of each room. */
const keptLogLines = 50;
const rateSeconds = 5;
/** How long a room waits to be shown for a database that does not write. */
const storedWithinMs = 1_000;

export class OwnRooms implements RoomsControl, Lifecycle {
  readonly #options: OwnRoomsOptions;
  readonly #rooms = new Map<string, OwnRoom>();
  readonly #listeners = new Set<() => void>();
  #stopTicking: (() => void) | null = null;
  #hasStopped = false;

  constructor(options: OwnRoomsOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#stopTicking !== null || this.#hasStopped) return;
    this.#stopTicking = every(this.#options.clock, 1_000, () => this.#tick());
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopTicking?.();
  }

  /** For a room that is about to be opened: it counts the room's events, and takes its log. */
  newMonitor(): Monitor {
    return new Monitor(this.#options.clock, { keptLogLines, keepsEvents: false });
  }

  /** Shows an open room, until the returned function is called. */
  add(streamer: string, opened: OpenRoom): () => void {
    const { clock, settings } = this.#options;
    const { app, monitor } = opened;
    const control = new ScreenControl({
      app,
      monitor,
      clock,
      settings,
      recentUsers: new RecentUsers({ keptValue: () => null, keepValue() {} }),
      exitNow() {},
      openDesk: () => Promise.reject(new UserError(notHere())),
    });
    const room: OwnRoom = {
      ...opened,
      control: controlOfRoom(control),
      looks: 0,
      line: this.#lineOf(streamer, app, monitor),
      ended: Promise.withResolvers(),
    };
    this.#rooms.set(streamer, room);
    this.#tell();
    return () => {
      if (this.#rooms.get(streamer) === room) this.#rooms.delete(streamer);
      room.ended.resolve(t`@${streamer} is not captured here any more. The log says why.`);
      this.#tell();
    };
  }

  /** null if this machine does not have the streamer's room. */
  line(streamer: string): RoomLine | null {
    return this.#rooms.get(streamer)?.line ?? null;
  }

  snapshot(): RoomsSnapshot {
    const rooms = [...this.#rooms.values()].map(({ line }) => line);
    return { rooms: rooms.sort(byStreamer), hosts: [], trouble: null };
  }

  /** What everyone may know who may list the rooms. */
  statuses(): RoomStatus[] {
    return [...this.#rooms].map(([streamer, { app, monitor }]) => ({
      streamer,
      ...roomStatus(app, monitor),
    }));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async open(streamer: string): Promise<OpenedRoom> {
    const room = this.#rooms.get(streamer);
    if (room === undefined) throw new UserError(t`@${streamer} is not captured here.`);
    room.looks++;
    room.monitor.keepsEvents = true;
    let isClosed = false;
    const close = () => {
      if (isClosed) return;
      isClosed = true;
      if (--room.looks === 0) room.monitor.keepsEvents = false;
    };
    // Earlier events are read from the database.
    await room.whenStored(storedWithinMs);
    return { control: room.control, rights: "all", ended: room.ended.promise, close };
  }

  #tick(): void {
    for (const [streamer, room] of this.#rooms) {
      const { app, monitor, looks } = room;
      monitor.tick();
      app.services.tick();
      room.line = this.#lineOf(streamer, app, monitor);
      if (looks > 0) monitor.changed();
    }
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  #lineOf(streamer: string, app: App, monitor: Monitor): RoomLine {
    const [source] = app.sources();
    const { units } = app.services;
    const rates = monitor.rates().slice(-rateSeconds);
    return {
      streamer,
      machine: this.#options.machine,
      wantedMachine: null,
      phase: source?.connection.phase ?? "idle",
      viewers: source === undefined ? null : monitor.viewers(source.name, source.liveId),
      eventsPerSecond: rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length),
      pending: units.reduce((sum, { queue }) => sum + queue.pendingCount, 0),
      failed: units.reduce((sum, { counts }) => sum + counts.failed, 0),
      trouble: troubleOf(app),
    };
  }
}

export function byStreamer(one: RoomLine, other: RoomLine): number {
  return one.streamer < other.streamer ? -1 : one.streamer > other.streamer ? 1 : 0;
}

/** In these phases a service does nothing. */
const idlePhases: ReadonlySet<ServicePhase> = new Set(["backing off", "switched off", "stuck"] as const);

/** What keeps a room from its work: the worst of it. */
function troubleOf(app: App): string | null {
  const { strain, services } = app;
  if (strain.sentence !== null) return strain.sentence;
  const off = services.units.find(({ phase }) => idlePhases.has(phase));
  if (off !== undefined) return offSentence(off);
  for (const { connection } of app.sources()) if (connection.phase === "reconnecting") return connection.why;
  return services.units.map((unit) => unit.trouble && `${unit.slug}: ${unit.trouble}`)
    .find((text) => text !== null) ?? null;
}

function offSentence({ slug, phase, runner }: ServiceUnit): string {
  const state = runner?.state;
  const failure = state !== undefined && "failure" in state ? state.failure : null;
  const word = translated(servicePhaseWords[phase]);
  if (failure === null) return t`${slug} is ${word}.`;
  return t`${slug} is ${word}: ${sentenceOf(failureText(failure)).replace(/\.$/, "")}.`;
}

/** A room does not end because somebody looks at it no longer, and keeps its streamer. */
function controlOfRoom(control: ScreenControl): Control {
  return {
    snapshot: () => control.snapshot(),
    subscribe: (listener) => control.subscribe(listener),
    query: (query) => control.query(query),
    dispatch: (action) => dispatched(control, action),
  };
}

function dispatched(control: ScreenControl, action: Action): Promise<ActionResult> {
  switch (action.kind) {
    case "quit":
      return Promise.resolve({ text: "", isError: false });
    case "start_demo":
      return Promise.resolve({ text: notHere(), isError: true });
    default:
      return control.dispatch(action);
  }
}

function notHere(): string {
  return t`That does not work in one of many rooms.`;
}
