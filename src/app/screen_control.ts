/** The screen's access to the app: snapshots, actions, and queries to the database. */
import { type Clock, every } from "../clock.ts";
import { bareHandle, notAHandle } from "../handle.ts";
import type {
  Action,
  ActionResult,
  Answer,
  Control,
  Query,
  ServiceView,
  Snapshot,
  SourceView,
  TestEvent,
} from "../control.ts";
import type { Deadline } from "../deadline.ts";
import { counted, noun, t, translated } from "../language.ts";
import type { Lifecycle } from "../lifecycle.ts";
import { keyFor } from "../screen_keys.ts";
import type { ScreenSettings } from "../screen_settings.ts";
import { servicePhaseWords } from "../service_state.ts";
import { UserError } from "../user_error.ts";
import type { ViewerMark } from "../viewer.ts";
import type { App } from "./app.ts";
import type { Monitor } from "./monitor.ts";
import { Questions } from "./questions.ts";
import { lastUserKey, type RecentUsers } from "./recent_users.ts";
import { makeTestEvent, usualGift } from "./test_event.ts";

export interface ScreenControlOptions {
  app: App;
  monitor: Monitor;
  clock: Clock;
  /** The config's settings of the screen at the start. */
  settings: ScreenSettings;
  recentUsers: RecentUsers;
  /** Exits at once, for a second quit. */
  exitNow(): void;
  /** Opens the rule desk. Resolves to a sentence for the user. */
  openDesk(): Promise<string>;
}

/** It measures from `start` to `stop`, and can be queried at any time. */
export class ScreenControl implements Control, Lifecycle {
  /** The mistake in the config because of which the old settings remain in effect. */
  configError: string | null = null;
  settings: ScreenSettings;
  readonly #options: ScreenControlOptions;
  readonly #questions: Questions;
  #stopTicking: (() => void) | null = null;
  #hasStopped = false;
  #isStopping = false;

  constructor(options: ScreenControlOptions) {
    this.#options = options;
    this.settings = options.settings;
    this.#questions = new Questions(options);
  }

  start(): void {
    if (this.#stopTicking !== null || this.#hasStopped) return;
    const { app, monitor, clock } = this.#options;
    this.#stopTicking = every(clock, 1000, () => {
      monitor.tick();
      app.services.tick();
      monitor.changed();
    });
  }

  stop(): void {
    this.#hasStopped = true;
    this.#stopTicking?.();
  }

  snapshot(): Snapshot {
    const { app, monitor, clock } = this.#options;
    const services = app.services.views();
    return {
      takenMs: clock.monotonic(),
      sources: this.#sources(),
      switchable: app.switchable,
      eventCount: app.captured.stored,
      rates: monitor.rates(),
      events: monitor.events(),
      services,
      newestItemId: app.services.newestItemId,
      log: monitor.log(),
      hasChannels: app.readings.hasChannels,
      stopping: this.#isStopping || app.deadline !== null ? describeStop(services, app.deadline) : null,
      strain: app.strain.sentence,
      settings: this.settings,
      recentUsers: this.#options.recentUsers.names,
      configError: this.configError,
    };
  }

  subscribe(listener: () => void): () => void {
    return this.#options.monitor.subscribe(listener);
  }

  async dispatch(action: Action): Promise<ActionResult> {
    try {
      return { text: await this.#perform(action), isError: false };
    } catch (error) {
      if (error instanceof UserError) return { text: error.message, isError: true };
      throw error;
    }
  }

  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>> {
    return this.#questions.answer(query) as Promise<Answer<Asked>>;
  }

  #sources(): SourceView[] {
    const { app, monitor } = this.#options;
    return app.sources().map((source) => ({
      ...source,
      viewers: monitor.viewers(source.name, source.liveId),
    }));
  }

  async #perform(action: Action): Promise<string> {
    const { app } = this.#options;
    switch (action.kind) {
      case "pause":
        app.services.pause(action.slug);
        return pausedText(action.slug);
      case "resume":
        app.services.resume(action.slug);
        return action.slug === null ? t`All services resumed.` : t`${action.slug} resumed.`;
      case "restart":
        return await this.#restart(action.slug);
      case "press":
        return this.#press(action);
      case "empty": {
        const count = await app.services.empty(action.slug, action.asked.upToId);
        const items = counted(count, itemNoun);
        return told(t`${items} of ${action.slug} discarded`, sinceAsked(count, action.asked.count)) +
          this.#delay();
      }
      case "retry": {
        const { slug, status, asked } = action;
        const count = await app.services.retryAsked(slug, status, asked);
        const room = app.services.find(slug)?.room;
        const done = t`${counted(count, itemNoun)} of ${slug} put back`;
        return told(done, sinceAsked(count, asked.count, room)) + this.#delay();
      }
      case "retry_items":
        return await this.#retryItems(action.itemIds);
      case "send_test_event":
        return await this.#sendTestEvent(action.event);
      case "switch_user":
        return await this.#switchUser(action);
      case "mark_viewer":
        return this.#markViewer(action.mark);
      case "forget_user":
        this.#options.recentUsers.forget(action.username);
        return t`@${action.username} is forgotten.`;
      case "play":
        return app.play(action.source, action.deed);
      case "start_demo":
        app.startDemo();
        return t`Starting a demo.`;
      case "open_desk":
        return await this.#options.openDesk();
      case "quit":
        return this.#quit();
    }
  }

  async #retryItems(itemIds: Extract<Action, { kind: "retry_items" }>["itemIds"]): Promise<string> {
    const { services } = this.#options.app;
    const items = await this.#questions.endedItems(itemIds);
    const count = await services.retry(items);
    const room = Math.min(...items.map(({ serviceId }) => services.roomOf(serviceId) ?? Infinity));
    const left = room === Infinity ? null : room;
    const done = t`${counted(count, itemNoun)} put back`;
    return told(done, sinceAsked(count, itemIds.length, left)) + this.#delay();
  }

  #markViewer(mark: ViewerMark): string {
    this.#options.app.viewers.mark(mark);
    if (mark.note !== undefined) {
      return mark.note === null ? t`The note was removed.` : t`The note is stored.`;
    }
    return mark.isBlocked
      ? t`The viewer is blocked: events are stored and shown, and no service gets them.`
      : t`The viewer is no longer blocked.`;
  }

  /** Resolves when the service is ready or its first try has failed. Returns a sentence that says which. */
  async #restart(slug: string): Promise<string> {
    const unit = this.#questions.service(slug);
    if (unit.runner === null) {
      throw new UserError(t`${slug} is not processed in this run, so nothing restarts.`);
    }
    await unit.restart();
    switch (unit.phase) {
      case "running":
        return t`${slug} was restarted.`;
      case "paused":
        return t`${slug} was restarted. It is paused; press ${
          keyFor(this.settings.keys, "pause")
        } to resume it.`;
      case "backing off":
        throw new UserError(t`${slug} could not start; Livecue tries again. The log says why.`);
      case "switched off":
        throw new UserError(t`${slug} could not start, and is switched off. The log says why.`);
      default:
        return t`${slug} is ${translated(servicePhaseWords[unit.phase])}.`;
    }
  }

  #press({ slug, pane, key: { key, does } }: Action & { kind: "press" }): string {
    if (this.#questions.service(slug).runner?.press({ pane, key })) return t`${slug} was told: ${does}.`;
    throw new UserError(t`${slug} is not running, so the key for "${does}" has no effect.`);
  }

  /** Added to results that are already true of the queue, but not yet of the database. */
  #delay(): string {
    return this.#options.app.strain.isTroubled
      ? ` ${t`The database will be updated when it can be written again.`}`
      : "";
  }

  #quit(): string {
    if (this.#isStopping) this.#options.exitNow();
    this.#isStopping = true;
    void this.#options.app.stop(t`Stopped by the user.`);
    return t`Stopping. Quit again to stop at once.`;
  }

  async #sendTestEvent(given: TestEvent): Promise<string> {
    const { app, clock } = this.#options;
    const named = { ...given.gift, name: given.gift.name || usualGift };
    const known = given.type === "GiftEvent" ? await this.#questions.gift(named) : null;
    const event = makeTestEvent(given, clock.now(), known);
    const sources = app.sources();
    if (given.source !== null) this.#source(given.source);
    app.inject(event, given.source);
    const sent = sources.length > 1
      ? t`${articled(event.type)} was sent into ${given.source ?? sources[0]?.name}, to test your services.`
      : t`${articled(event.type)} was sent, to test your services.`;
    return `${sent} ${t`It does not count in any total.`}`;
  }

  async #switchUser({ source, username: typed }: Action & { kind: "switch_user" }): Promise<string> {
    const { app, recentUsers } = this.#options;
    const username = bareHandle(typed);
    if (!username) {
      throw new UserError(notAHandle(typed));
    }
    const [first] = app.switchable;
    const name = source ?? first;
    if (name === undefined || !app.switchable.includes(name)) {
      const those = app.switchable.length > 0
        ? t`Sources that can: ${app.switchable.join(", ")}.`
        : t`No source can.`;
      const fact = name === undefined
        ? t`The source cannot switch to a user's live.`
        : t`The source ${name} cannot switch to a user's live.`;
      throw new UserError(`${fact} ${those}`);
    }
    await recentUsers.settled();
    await app.switchUser(name, username);
    recentUsers.add(username);
    if (name === first) app.kept.keepValue(lastUserKey, username);
    return app.switchable.length > 1 ? t`${name}: switching to @${username}.` : t`Switching to @${username}.`;
  }

  #source(name: string): SourceView {
    const sources = this.#options.app.sources();
    const source = sources.find((source) => source.name === name);
    if (source) return source;
    const names = sources.map(({ name }) => name).join(", ");
    throw new UserError(t`There is no source ${JSON.stringify(name)}. The sources are: ${names}.`);
  }
}

const itemNoun = noun("item");

/** The parts that the stop waits for, and the time left. */
function describeStop(services: ServiceView[], deadline: Deadline | null): string[] {
  const busy = services.filter(({ inFlight }) => inFlight > 0);
  const finishing = busy.map(({ slug, inFlight }) => t`${slug} finishes ${counted(inFlight, itemNoun)}`);
  const others = (deadline?.waitsFor ?? []).filter((who) => !busy.some(({ slug }) => slug === who));
  const waits = [...finishing, ...(others.length > 0 ? [t`waiting for ${others.join(", ")}`] : [])];
  if (waits.length === 0) waits.push(t`storing the remaining data`);
  return deadline === null ? waits : [...waits, t`${Math.ceil(deadline.leftMs / 1000)} s left`];
}

/** Says why the number differs from the number that the user confirmed; "" if it does not. */
function sinceAsked(count: number, asked: number, room: number | null = null): string {
  if (count === asked) return "";
  if (count > asked) return t`${count - asked} more had arrived in the meantime`;
  const missing = asked - count;
  return room === 0
    ? t`the queue has no room for the other ${missing}`
    : t`${missing} had changed in the meantime`;
}

function pausedText(slug: string | null): string {
  return slug === null
    ? t`All services paused. New items wait until the queue is full.`
    : t`${slug} paused. New items wait until the queue is full.`;
}

/** "3 items put back: 2 had changed in the meantime." */
function told(done: string, note: string): string {
  return note === "" ? `${done}.` : `${done}: ${note}.`;
}

/** "A GiftEvent", "An OrderEvent". */
function articled(type: string): string {
  return /^[AEIOU]/.test(type) ? t`An ${type}` : t`A ${type}`;
}
