/**
 * Hours of a busy live in minutes: the app with the genuine connector on a TikTok of our own, real workers, a real
 * database and a real log file, and a clock that is moved on by a second as soon as all of that second is done.
 */
import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App } from "../../src/app/app.ts";
import { createTikTokSource } from "../../src/capture/tiktok/connection.ts";
import { cleanLine } from "../../src/clean_text.ts";
import type { Config } from "../../src/config/config.ts";
import { FailureLog } from "../../src/faces/plain/failure_log.ts";
import { LiveLog } from "../../src/faces/plain/live_log.ts";
import { FileSink } from "../../src/log/file_sink.ts";
import { createLog, type Log } from "../../src/log/log.ts";
import type { ServiceConfig } from "../../src/service.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeTikTok } from "./fake_tiktok.ts";
import { LastingScene, spin } from "./lasting_scene.ts";
import { configIn, serviceConfig } from "./temporary_store.ts";

const busy = fileURLToPath(new URL("./services/busy.ts", import.meta.url));
const types = ["CommentEvent", "JoinEvent", "LikeEvent", "GiftEvent", "FollowEvent"];
/** A service that crashes now and then. The test does not wait for its heartbeat. */
const frail = "frail";

/** The values that a long run may not accumulate, at one moment. */
export interface Held {
  /** After a garbage collection. */
  heapMegabytes: number;
  rssMegabytes: number;
  openFiles: number;
  walMegabytes: number;
  logMegabytes: number;
}

export interface LastingOptions {
  folder: string;
  seed: number;
  eventsPerSecond: number;
  /** New viewers in a thousand events. The memory of known viewers grows to its bound. */
  newcomers: number;
}

export class LastingLive {
  readonly #options: LastingOptions;
  readonly #tiktok = new FakeTikTok();
  readonly #clock = new FakeClock();
  readonly #scene: LastingScene;
  readonly #sink: FileSink;
  readonly #log: Log;
  readonly #liveLog: LiveLog;
  #app: App | null = null;
  #running: Promise<unknown> = Promise.resolve();
  #config: Config;
  /** The time of the next attempt to connect. */
  #nextTryAt: number | null = null;
  #wake: () => void = () => {};
  /** Items of the steady service, which gets one for each event. */
  #ended = 0;
  #sent = 0;
  #sentAt = 0;
  #latencies: number[] = [];
  readonly counts = { failed: 0, reconnects: 0, reloads: 0 };

  constructor(options: LastingOptions) {
    const { folder, seed, newcomers } = options;
    this.#options = options;
    this.#scene = new LastingScene(seed, newcomers);
    this.#config = configIn(folder, { services: servicesOf(5) });
    this.#sink = new FileSink({ path: join(folder, "livecue.log"), level: "debug", clock: this.#clock });
    this.#log = createLog({ clock: this.#clock, sinks: [this.#sink], clean: cleanLine });
    this.#liveLog = new LiveLog({ log: this.#log, clock: this.#clock, namesSources: false });
  }

  /** Resolves when the app is in the live. */
  async start(): Promise<void> {
    this.#sink.start();
    const failures = new FailureLog(this.#log, this.#clock);
    this.#app = await App.open({
      config: this.#config,
      clock: this.#clock,
      log: this.#log,
      sources: [this.#source()],
      processes: "all",
      whenIdle: "stay",
      onState: (source, state) => {
        if (state.phase === "reconnecting") this.#nextTryAt = state.nextAt;
        this.#liveLog.takeState(source, state);
        this.#wake();
      },
      onEvent: (event) => this.#liveLog.takeEvent(event),
      onItemEnded: (slug, item, end) => {
        if (end.status === "failed") failures.log(slug, item, end);
        else this.#log.named(slug).debug(`item ${item.id} completed`);
        if (end.status === "failed") this.counts.failed++;
        if (slug === "steady") this.#itemEnded();
      },
    });
    this.#running = this.#app.run();
    await this.#tiktok.nextConnection();
  }

  /** One second of the live, with all that it asks of the services. */
  async second(): Promise<void> {
    const { eventsPerSecond } = this.#options;
    this.#sent += eventsPerSecond;
    this.#sentAt = performance.now();
    this.#tiktok.send(this.#scene.events(eventsPerSecond, this.#clock.now()));
    await this.#until(() => this.#ended >= this.#sent);
    this.#clock.advance(1_000);
    await this.#heardOfAll();
  }

  /** The connection drops, and Livecue connects again after its usual waits. */
  async reconnect(): Promise<void> {
    this.counts.reconnects++;
    let isBack = false;
    void this.#tiktok.nextConnection().then(() => {
      isBack = true;
      this.#wake();
    });
    for (const connection of this.#tiktok.connections) connection.drop();
    while (!isBack) {
      await this.#until(() => isBack || this.#nextTryAt !== null);
      const until = this.#nextTryAt ?? 0;
      this.#nextTryAt = null;
      while (this.#clock.now() < until) {
        this.#clock.advance(1_000);
        await this.#heardOfAll();
      }
    }
  }

  /** Priorities change, and one worker restarts with other options. */
  async reload(): Promise<void> {
    this.#config = { ...this.#config, services: servicesOf(1 + (++this.counts.reloads % 10)) };
    await this.#app!.applyConfig(this.#config);
  }

  /** Milliseconds from sending each event to the end of its item, since the last call; the shortest first. */
  takeLatencies(): number[] {
    return this.#latencies.splice(0).sort((one, other) => one - other);
  }

  held(): Held {
    (globalThis as { gc?: () => void }).gc?.();
    const { folder } = this.#options;
    const { heapUsed, rss } = Deno.memoryUsage();
    const logs = [...Deno.readDirSync(folder)].filter(({ name }) => name.startsWith("livecue.log"));
    const bytesOf = (name: string) => Deno.statSync(join(folder, name)).size;
    return {
      heapMegabytes: heapUsed / 2 ** 20,
      rssMegabytes: rss / 2 ** 20,
      openFiles: Deno.build.os === "linux" ? [...Deno.readDirSync("/proc/self/fd")].length : 0,
      walMegabytes: bytesOf("livecue.db-wal") / 2 ** 20,
      logMegabytes: logs.reduce((sum, { name }) => sum + bytesOf(name), 0) / 2 ** 20,
    };
  }

  async stop(): Promise<void> {
    const stopped = this.#app?.stop("It has lasted.");
    let isStopped = false;
    void stopped?.then(() => isStopped = true);
    while (!isStopped) {
      await nextTurn();
      this.#clock.advance(100);
    }
    await this.#running;
    this.#sink.stop();
    await this.#tiktok.close();
  }

  #source() {
    const { endpoints, username } = this.#tiktok;
    return createTikTokSource({
      ...{ name: "main", username, signApiKey: null, endpoints, silenceMs: 60_000, once: false },
      clock: this.#clock,
      random: () => 0,
      log: this.#log.named("main"),
    });
  }

  #itemEnded(): void {
    this.#ended++;
    this.#latencies.push(performance.now() - this.#sentAt);
    if (this.#ended >= this.#sent) this.#wake();
  }

  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  /** Seconds pass faster here than workers can send heartbeats, so this gives each worker its time. */
  async #heardOfAll(): Promise<void> {
    const isLate = () =>
      this.#app!.services.views().some(({ slug, phase, heartbeatMs }) =>
        slug !== frail && phase === "running" && heartbeatMs !== null && heartbeatMs > 1_000
      );
    for (let turns = 0; isLate(); turns++) {
      assert.ok(turns < 10_000_000, "a worker is silent for good");
      await nextTurn();
    }
  }
}

function servicesOf(priority: number): ServiceConfig[] {
  const make = (slug: string, names: readonly string[], given: Partial<ServiceConfig>) =>
    serviceConfig(slug, {
      serviceClass: busy,
      // Nobody waits for the others: what they cannot do in time is let go.
      maxQueueSize: slug === "steady" ? 10_000 : 200,
      options: { dies: false, answers: null },
      subscriptions: Object.fromEntries(names.map((type) => [type, {
        ...{ isEnabled: true, priority, isAsync: slug === "screen", isDiscardable: true },
        streaks: "each" as const,
      }])),
      ...given,
    });
  return [
    make("steady", types, { prefetch: 64, emits: [spin], options: { dies: false, answers: spin } }),
    make("screen", [spin, "FollowEvent", "GiftEvent"], { options: { dies: false, answers: null, priority } }),
    make("failing", ["CommentEvent"], { maxAttempts: 3 }),
    make(frail, ["CommentEvent"], { maxCrashes: 1, options: { dies: true, answers: null } }),
  ];
}
