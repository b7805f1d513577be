/**
 * The contract of all that starts and stops: both calls may come twice, in either order and while the other is under
 * way, and after `stop` nothing is left. What would be left is found by Deno's sanitizers, by the fake clock, and by
 * the folder, which could not be removed, or would be used again.
 */
import assert from "node:assert/strict";
import { RecentUsers } from "../src/app/recent_users.ts";
import { usualScreen } from "../src/screen_settings.ts";
import { join } from "node:path";
import { App } from "../src/app/app.ts";
import { CaptureLoop } from "../src/app/capture_loop.ts";
import { Monitor } from "../src/app/monitor.ts";
import { ScreenControl } from "../src/app/screen_control.ts";
import { StrainWatch } from "../src/app/strain_watch.ts";
import { Recorder } from "../src/capture/replay/recorder.ts";
import { WebhookServer } from "../src/capture/webhook/server.ts";
import { ScreenRun } from "../src/commands/screen_run.ts";
import { ConfigWatch } from "../src/config/watch.ts";
import { RuleDesk } from "../src/desk/rule_desk.ts";
import { Screen } from "../src/faces/tui/screen.ts";
import { ScreenModel } from "../src/faces/tui/screen_model.ts";
import { PageServer } from "../src/kit/pages/page_server.ts";
import type { Lifecycle } from "../src/lifecycle.ts";
import type { Capture } from "../src/lives/capture.ts";
import { ConsoleSink } from "../src/log/console_sink.ts";
import { FileSink } from "../src/log/file_sink.ts";
import { openStore } from "../src/store/open.ts";
import { ReaderThread } from "../src/store/reader_thread.ts";
import { Live, makeService } from "./support/app_on_a_live.ts";
import { FakeClock } from "./support/fake_clock.ts";
import { FakeControl } from "./support/fake_control.ts";
import { FakeTerminal, screenTest } from "./support/fake_terminal.ts";
import { RunnerUnderTest } from "./support/runner_under_test.ts";
import { makeService as makeRunnersService } from "./support/runner_under_test.ts";
import { silentLog } from "./support/silent_log.ts";
import { configIn, withFolder } from "./support/temporary_store.ts";

interface Place {
  folder: string;
  clock: FakeClock;
}

interface Part {
  /** Made anew for each order of the calls. */
  make(place: Place): Lifecycle | Promise<Lifecycle>;
  /** It needs a terminal: only what comes before its start can be looked at here. */
  needsTerminal?: boolean;
  test?: typeof screenTest;
}

const log = silentLog();

function openApp({ folder, clock }: Place): Promise<App> {
  const sources = [new Live().source];
  const config = configIn(folder, { services: [makeService("a", { dataFolder: join(folder, "a") })] });
  return App.open({ config, clock, log, sources, processes: "all", whenIdle: "end" });
}

async function screenParts(place: Place) {
  const { folder, clock } = place;
  const app = await openApp(place);
  return {
    app,
    monitor: new Monitor(clock),
    clock,
    configPath: () => Promise.resolve(folder),
    describeSave: () => "",
    endNow() {},
    exitNow() {},
    openDesk: () => Promise.resolve(""),
    config: { database: join(folder, "livecue.db"), screen: usualScreen },
    settings: usualScreen,
    livesDatabase: null,
    recentUsers: new RecentUsers(app.kept),
    log,
  };
}

/** The part, and then the app that it is over. */
function over(app: App, part: Lifecycle): Lifecycle {
  return {
    start: () => part.start(),
    async stop() {
      await part.stop();
      await app.stop();
    },
  };
}

const nothingCaptured = { endSession() {}, advance() {} } as unknown as Capture;
const screenOptions = (clock: FakeClock) => ({
  control: new FakeControl(),
  clock,
  isColored: false,
  editConfig: () => Promise.reject(new Error("Nobody edits here.")),
  streams: new FakeTerminal().streams,
});

const parts: Record<string, Part> = {
  "the app": { make: openApp },
  "the store": {
    make: ({ folder, clock }) =>
      openStore({ address: join(folder, "livecue.db"), durability: "normal", clock, log }),
  },
  "the store's reading thread": {
    make: ({ folder }) => new ReaderThread({ address: join(folder, "livecue.db") }),
  },
  "the services": {
    make: async (place) => {
      const app = await openApp(place);
      return over(app, app.services);
    },
  },
  "a runner": {
    make: () => new RunnerUnderTest(makeRunnersService("greeter")).runner,
  },
  "a source's loop": {
    make: ({ clock }) =>
      new CaptureLoop({
        source: new Live().source,
        capture: nothingCaptured,
        clock,
        log,
        whenCaughtUp: () => null,
        isBehind: () => false,
        isAlone: true,
        onEnded() {},
      }),
  },
  "the webhook's server": {
    make: ({ clock }) =>
      new WebhookServer({
        host: "127.0.0.1",
        port: 0,
        clock,
        hasProvider: () => false,
        answer: () => Promise.reject(new Error("There is no provider.")),
        onError() {},
        onLost() {},
      }),
  },
  "a service's pages": {
    make: ({ folder }) => {
      const state = { get: () => Promise.resolve(undefined), set: () => Promise.resolve() };
      const options = { host: "127.0.0.1", port: 0 };
      return new PageServer(
        { options, configFolder: folder, log, state, trouble() {} },
        { folder: new URL("./support/services/paged/pages/", import.meta.url), hello: () => ({}) },
      );
    },
  },
  "a rule desk": {
    make({ folder }) {
      const [configPath, database] = [join(folder, "config.jsonc"), join(folder, "livecue.db")];
      return new RuleDesk({ configPath, database, port: 0, log, send: null });
    },
  },
  "a recorder": { make: ({ folder }) => new Recorder(join(folder, "live.jsonl")) },
  "a log's file": {
    make: ({ folder, clock }) => new FileSink({ path: join(folder, "livecue.log"), level: "info", clock }),
  },
  "a log's console": {
    make: ({ clock }) =>
      new ConsoleSink({
        level: "info",
        clock,
        isColored: false,
        stdout: Deno.stdout,
        stderr: Deno.stderr,
        areOne: false,
      }),
  },
  "the watch on what strains a run": {
    make: ({ clock }) =>
      new StrainWatch({ clock, log, writer: { trouble: null, backlog: 0 }, sources: { shed: () => ({}) } }),
  },
  "the screen's memory": { make: ({ clock }) => new Monitor(clock) },
  "the watch on the config": {
    make: ({ folder, clock }) => new ConfigWatch(join(folder, "config.jsonc"), { clock, onChange() {} }),
  },
  "the screen's control": {
    make: async (place) => {
      const options = await screenParts(place);
      return over(options.app, new ScreenControl(options));
    },
  },
  "the screen's model": { make: ({ clock }) => new ScreenModel(screenOptions(clock)) },
  "the screen": { make: ({ clock }) => new Screen(screenOptions(clock)), test: screenTest },
  "a run's screen": {
    make: async (place) => {
      const options = await screenParts(place);
      return over(options.app, new ScreenRun(options));
    },
    needsTerminal: true,
  },
};

/** In each, `stop` has to return, and to leave nothing behind. */
const orders: Record<string, (part: Lifecycle) => Promise<void>> = {
  "stopped before it starts": async (part) => {
    await part.stop();
  },
  "started and stopped twice": async (part) => {
    await part.start();
    await part.start();
    await part.stop();
    await part.stop();
  },
  "started once more after its stop": async (part) => {
    await part.stop();
    await part.start();
    await part.stop();
  },
  "stopped while it starts": async (part) => {
    const starting = part.start();
    const stopping = part.stop();
    await Promise.all([starting, stopping]);
    await part.stop();
  },
};

for (const [name, { make, needsTerminal, test = Deno.test }] of Object.entries(parts)) {
  for (const [order, run] of Object.entries(orders)) {
    if (needsTerminal && order !== "stopped before it starts") continue;
    test(`Nothing is left of ${name} that is ${order}`, () =>
      withFolder(async (folder) => {
        const clock = new FakeClock();
        await run(await make({ folder, clock }));
        assert.equal(clock.timerCount, 0);
      }));
  }
}
