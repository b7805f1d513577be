/**
 * "livecue/testing": runs a service in a test, without Livecue. The service's code runs on the real side of a worker,
 * in the thread of the test and with its permissions. Livecue's side is in memory: waits of steps pass at once, and the
 * test says where Livecue crashes.
 */
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { LiveEvent } from "../event.ts";
import type { Emission } from "../item.ts";
import type { LiveTotals, TopUser } from "../live.ts";
import type { LogLevel } from "../log/log.ts";
import type { Pane } from "../pane.ts";
import type { MessageFromWorker, ServiceRequest } from "../runner/protocol.ts";
import { type Crash, PlannedCrashes } from "./crash.ts";
import { Life } from "./life.ts";
import { type HandledItem, type ItemRules, TestedItem } from "./tested_item.ts";

export type { Crash } from "./crash.ts";
export { makeEvent } from "./events.ts";
export type { HandledItem, HandledStep } from "./tested_item.ts";

/** What the config says in a run of Livecue. */
export interface TestSettings {
  /** Checked by the service's `optionsSchema`. Default: none. */
  options?: Record<string, unknown>;
  /** The types that it may emit. Default: none. */
  emits?: readonly string[];
  /** The base of relative paths in the options. Default: a temporary folder. */
  configFolder?: string;
  /** Default 1: a failure of the item is final. */
  maxAttempts?: number;
  /** Default 3. */
  maxCrashes?: number;
  /** The wait before the item's second hand-out after a failure. It passes at once. Default 1000. */
  backoffMs?: number;
  /** The real time that a step without a limit of its own may take. Default 30,000. */
  timeoutMs?: number;
  /** What `this.live.totals()` returns. Default: 0 of everything. */
  totals?: Partial<LiveTotals>;
  /** What `this.live.top(count)` returns the first of. Default: nobody. */
  top?: readonly TopUser[];
}

export interface HandleOptions {
  /** Each comes once, when its moment is there for the first time. After it, the service starts again. */
  crashes?: readonly Crash[];
}

export interface TestLogLine {
  level: LogLevel;
  text: string;
}

type Scope = "service" | "live" | "session";

const noTotals: LiveTotals = {
  diamonds: 0,
  gifts: 0,
  likes: 0,
  comments: 0,
  follows: 0,
  shares: 0,
  subscribes: 0,
  joins: 0,
};

export class TestedService implements AsyncDisposable {
  /** Everything that it has logged. */
  readonly log: TestLogLine[] = [];
  /** Events that it has emitted outside of items. */
  readonly emitted: Emission[] = [];
  /** The latest pane of each title. */
  readonly panes = new Map<string, Pane>();
  /** Its own folder, which is removed in the end. */
  readonly folder: string;
  readonly #serviceUrl: string;
  readonly #settings: TestSettings;
  readonly #kept = new Map<string, unknown>();
  #life: Life | null = null;
  #item: TestedItem | null = null;
  #items = 0;

  /** Use `startService`. */
  constructor(service: URL, settings: TestSettings) {
    this.#serviceUrl = service.href;
    this.#settings = settings;
    this.folder = Deno.makeTempDirSync({ prefix: "livecue-test-" });
  }

  /** Lets it handle an event until its item has ended, retries and crashes included. One event at a time. */
  async handle(event: LiveEvent, { crashes = [] }: HandleOptions = {}): Promise<HandledItem> {
    if (this.#life === null) throw new Error("the service is not running");
    if (this.#item !== null) throw new Error("the service is handling an event: await each call of handle");
    const id = ++this.#items;
    const planned = new PlannedCrashes(crashes);
    const rules = this.#rules;
    const restart = () => this.#begin();
    this.#item = new TestedItem({ id, event, rules, crashes: planned, life: this.#life, restart });
    try {
      const handled = await this.#item.run();
      if (planned.left.length > 0) throw new Error(notReached(planned.left, handled));
      return handled;
    } finally {
      this.#item = null;
      await Deno.remove(`${this.#folderPrefix}${id}`, { recursive: true }).catch(() => {});
    }
  }

  /**
   * As after a crash or an update: the module is loaded again, and a new object of its class starts. The old one's
   * `onStop` is called, so that it frees its port or its file; after a real crash the computer does that.
   */
  async restart(): Promise<void> {
    await this.#begin();
  }

  async #begin(): Promise<Life> {
    const startAt = this.#life?.clock.now() ?? 1_700_000_000_000;
    await this.#stop();
    const life = new Life({
      start: {
        serviceUrl: addressOf(this.#serviceUrl),
        options: this.#settings.options ?? {},
        configFolder: this.#settings.configFolder ?? this.folder,
        dataFolder: this.folder,
        emits: [...this.#settings.emits ?? []],
        folderPrefix: this.#folderPrefix,
      },
      startAt,
      onMessage: (message, from) => this.#receive(message, from),
      writeLine: (level, text) => void this.log.push({ level, text }),
    });
    this.#life = life;
    await life.start();
    return life;
  }

  /** Lets this time pass at once, so that each schedule of `this.every` that is due runs once. */
  async advance(ms: number): Promise<void> {
    this.#life?.clock.advance(ms);
    await nextTurn();
  }

  /** Presses a key of a pane. */
  async press(pane: string, key: string): Promise<void> {
    this.#life?.send({ kind: "press", pane, key });
    await nextTurn();
  }

  /** A value that it has kept with `this.state.set`; undefined if there is none. */
  kept(key: string, scope: Scope = "service"): unknown {
    return this.#kept.get(`${scope} ${key}`);
  }

  /** Keeps a value for its `this.state.get`. */
  keep(key: string, value: unknown, scope: Scope = "service"): void {
    this.#kept.set(`${scope} ${key}`, value);
  }

  /** The service stops, and its folder is removed. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await Deno.remove(this.folder, { recursive: true });
  }

  async #stop(): Promise<void> {
    const life = this.#life;
    this.#life = null;
    await life?.stop();
  }

  get #folderPrefix(): string {
    return join(this.folder, "items", "test-");
  }

  get #rules(): ItemRules {
    const { maxAttempts = 1, maxCrashes = 3, backoffMs = 1000, timeoutMs = 30_000 } = this.#settings;
    return { maxAttempts, maxCrashes, backoffMs, timeoutMs };
  }

  #receive(message: MessageFromWorker, life: Life): void {
    switch (message.kind) {
      case "ended":
        for (const end of message.ends) this.#item?.end(end, life);
        break;
      case "show":
        if (message.pane.lines.length === 0) this.panes.delete(message.pane.title);
        else this.panes.set(message.pane.title, message.pane);
        break;
      case "request":
        this.#answer(message, life);
        break;
      default:
    }
  }

  #answer({ requestId, request }: MessageFromWorker & { kind: "request" }, life: Life): void {
    if (isStepRequest(request)) {
      try {
        const value = this.#item?.answer(request, life) ?? null;
        if (value !== null) life.reply(requestId, { value });
      } catch (thrown) {
        life.reply(requestId, { error: thrown instanceof Error ? thrown.message : String(thrown) });
      }
    } else if (request.kind === "readings") {
      // Otherwise the service would get an answer that is none.
      life.reply(requestId, {
        error: "livecue/testing has no readings: test the class itself with your own",
      });
    } else if (life === this.#life) {
      life.reply(requestId, { value: this.#valueFor(request) });
    } else {
      life.reply(requestId, { error: "the service has crashed or stopped" });
    }
  }

  #valueFor(request: Exclude<ServiceRequest, StepRequestOf>): unknown {
    switch (request.kind) {
      case "get_state":
        return this.kept(request.key, request.scope);
      case "set_state":
        if (request.value === undefined) this.#kept.delete(`${request.scope} ${request.key}`);
        else this.keep(request.key, request.value, request.scope);
        return undefined;
      case "totals":
        return { ...noTotals, ...this.#settings.totals };
      case "top":
        return (this.#settings.top ?? []).slice(0, request.count);
      case "emit":
        this.emitted.push(request.emission);
        return undefined;
      case "use_folder":
        return undefined;
      case "will_fail":
        return this.#item?.willFail ?? false;
    }
  }
}

type StepRequestOf = Extract<ServiceRequest, { name: string }>;

/** How often each module was loaded in this process. */
const loads = new Map<string, number>();

/** A module is loaded anew only from another address. */
function addressOf(url: string): string {
  const count = loads.get(url) ?? 0;
  loads.set(url, count + 1);
  return count === 0 ? url : `${url}?start=${count + 1}`;
}

function isStepRequest(request: ServiceRequest): request is StepRequestOf {
  return "name" in request;
}

function notReached(left: readonly Crash[], { steps }: HandledItem): string {
  const names = steps.map(({ name }) => name).join(", ");
  return `the item ended before the crash ${JSON.stringify(left[0])}; its steps were: ${names || "none"}`;
}

/**
 * Starts the service of a module, as `new URL("../services/clips.ts", import.meta.url)`. Rejects with the sentence that
 * Livecue would log if it cannot start. Write `await using`, which stops it in the end.
 */
export async function startService(service: URL, settings: TestSettings = {}): Promise<TestedService> {
  const tested = new TestedService(service, settings);
  try {
    await tested.restart();
  } catch (error) {
    await tested[Symbol.asyncDispose]();
    throw error;
  }
  return tested;
}

export interface CrashTest {
  /** The event, made anew for each run. */
  event(): LiveEvent;
  /** Runs before each run: empties what the service writes to. */
  prepare?(): void | Promise<void>;
  /** Checks a run. `crash` is null in the first one, which has none. */
  check(handled: HandledItem, crash: Crash | null, tested: TestedService): void | Promise<void>;
}

/**
 * Handles the event once without a crash, and then once for each moment at which a crash could matter: before, inside
 * and after each step, and at the end. Each run has a service of its own. Resolves to the number of runs; rejects with
 * the crash at which a check failed.
 */
export async function crashEverywhere(
  service: URL,
  settings: TestSettings,
  test: CrashTest,
): Promise<number> {
  const first = await runOnce(service, settings, test, null);
  const crashes: Crash[] = first.steps.flatMap(({ name }) => [
    { before: name },
    { inside: name },
    { after: name },
  ]);
  if (first.status === "completed") crashes.push({ at: "end" });
  for (const crash of crashes) {
    try {
      await runOnce(service, settings, test, crash);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`with a crash ${JSON.stringify(crash)}: ${why}`, { cause });
    }
  }
  return crashes.length + 1;
}

async function runOnce(
  service: URL,
  settings: TestSettings,
  { event, prepare, check }: CrashTest,
  crash: Crash | null,
): Promise<HandledItem> {
  await prepare?.();
  await using tested = await startService(service, settings);
  const handled = await tested.handle(event(), { crashes: crash === null ? [] : [crash] });
  await check(handled, crash, tested);
  return handled;
}
