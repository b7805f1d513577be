/** Runs the pipeline with the plain log or the screen. `start`, `capture`, `work` and `demo` share it. */
import { App } from "../app/app.ts";
import type { AppOptions, RunResult } from "../app/run_options.ts";
import type { Switchable } from "../app/sources.ts";
import { Monitor } from "../app/monitor.ts";
import type { Recorder } from "../capture/replay/recorder.ts";
import { t } from "../language.ts";
import type { Source } from "../source.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config_error.ts";
import { loadConfig } from "../config/load.ts";
import { ServiceFiles } from "../app/service_files.ts";
import { ConfigWatch } from "../config/watch.ts";
import { describeEvent } from "../describe.ts";
import { isPostgresAddress } from "../database_address.ts";
import type { Lifecycle } from "../lifecycle.ts";
import type { Log } from "../log/log.ts";
import { observeRun } from "../telemetry/telemetry.ts";
import { UserError } from "../user_error.ts";
import { type OpenedLog, openLog } from "./command_log.ts";
import { FailureLog } from "../faces/plain/failure_log.ts";
import { LiveLog } from "../faces/plain/live_log.ts";
import { describeHeldUp, describeRun } from "../faces/plain/plain_log.ts";
import type { CommandContext } from "./context.ts";
// Evaluated only if there is a screen. (An import() would evaluate even the module's own deferred imports, such as the
// tables of emoji.)
import defer * as screens from "./screen_run.ts";
import type { ScreenRun } from "./screen_run.ts";
import { checkServices } from "./chosen_services.ts";
import { checkFilesAreSeparate } from "./separate_files.ts";
import { exists, writeConfig } from "./settings.ts";
import { giftsIn, giftWarnings } from "./gift_warnings.ts";
import { ExitGuard } from "./exit_guard.ts";
import { heldSentence } from "./held_database.ts";
import { makeRecorder, warnOfMixedRecording } from "./recording.ts";
import { RunBrief, whyNothingWorked } from "./run_brief.ts";
import { RunEnd } from "./run_end.ts";
import { logTelemetry } from "./telemetry_log.ts";
import { stopLimitMs, stopSignals } from "./signals.ts";
import { watchedRun } from "./watched_run.ts";

/** How long to wait for the readers of the last message. */
const lastWordsMs = 500;

export interface LiveRunOptions {
  config: Config;
  /** Whether there is no config file yet. */
  isExample: boolean;
  isVerbose: boolean;
  /** The database of real lives, if this run is a rehearsal with its own; otherwise null. */
  livesDatabase: string | null;
  /** Adapts a changed config to this run, which keeps its database and folders. */
  applyToRun: (changed: Config) => Config;
  /** The settings of a changed config that apply only from the next start, as "sources, database"; "" if none. */
  laterOf: (changed: Config) => string;
  /** Logged first. */
  notes: string[];
  /** Called when the log is open, because sources log. */
  openSources: (log: Log) => Source[] | Promise<Source[]>;
  processes: AppOptions["processes"];
  whenIdle: AppOptions["whenIdle"];
  /** `--for`, in seconds. */
  forSeconds?: number | undefined;
  sessionName?: string | undefined;
  recordPath?: string | undefined;
  batchSize?: number | undefined;
  discardsPending?: boolean | undefined;
  /** As in `StoreOptions`. */
  machine?: string | undefined;
  /** Shows the full-screen app instead of the plain log, with these choices. */
  screen?: {
    /** The sources whose user can be chosen, with their current user. */
    switchable: Switchable[];
    /** Opens one of them for another user; null if that needs a new run, as in a demo. */
    openSource: ((name: string, username: string, log: Log) => Promise<Source>) | null;
  } | undefined;
}

/** A choice on the screen that needs a new run, with its own database. */
export type NextRun = { kind: "demo" } | { kind: "user"; source: string; username: string };

/**
 * Runs until the sources end, `--for` is over or a signal arrives, and prints a summary. Returns the run that the user
 * chose to follow, or null.
 */
export async function runLive(options: LiveRunOptions, context: CommandContext): Promise<NextRun | null> {
  const { config, isVerbose } = options;
  checkServices(options.processes, config);
  checkFilesAreSeparate(config, options.recordPath ?? null);
  const monitor = options.screen || isPostgresAddress(config.database) ? new Monitor(systemClock) : null;
  const shown = options.screen ? { screen: monitor } : { also: monitor };
  const opened = openLog({ isVerbose, file: config.logFile, ...shown });
  const { os } = Deno.build;
  const guard = new ExitGuard({ signals: stopSignals(os), limitMs: stopLimitMs(os) });
  const brief = new RunBrief();
  try {
    const result = await runApp({ ...options, monitor }, { opened, guard, context, brief });
    // Without a following run, the guard stays until the process exits.
    if (result.next !== null) guard.stop();
    // The summary is printed below, after the screen has closed.
    const end = options.screen ? openLog({ isVerbose }) : opened;
    if (result.next === null) logEnd(result, await brief.lines(config), { log: end.log, context });
    await end.stop();
    return result.next;
  } catch (error) {
    if (error instanceof UserError) opened.fileLog.error(error.message);
    throw error;
  } finally {
    await opened.stop();
  }
}

function logEnd(
  result: RunResult,
  brief: readonly string[],
  { log, context }: { log: Log; context: CommandContext },
): void {
  for (const line of [...describeRun(result), ...brief]) log.info(line);
  for (const held of result.heldUp) log.warn(describeHeldUp(held));
  if (result.givenUp.length > 0) {
    log.warn(t`The stop no longer waited for ${result.givenUp.join(", ")}.`);
    context.setExitCode(1);
  }
  const idle = whyNothingWorked(result.services);
  if (idle !== null) {
    log.error(idle);
    context.setExitCode(1);
  }
  if (result.failure === null) return;
  log.error(result.failure);
  context.setExitCode(2);
}

interface RunParts {
  opened: OpenedLog;
  guard: ExitGuard;
  context: CommandContext;
  brief: RunBrief;
}

async function runApp(
  options: LiveRunOptions & { monitor: Monitor | null },
  { opened, guard, context, brief }: RunParts,
): Promise<RunResult> {
  const { log } = opened;
  let screen: ScreenRun | null = null;
  const end = new RunEnd({
    log,
    clock: systemClock,
    guard,
    logLast: (sentence) => logLast(sentence, { opened, screen, isVerbose: options.isVerbose }),
    isTerminalLent: () => screen?.isLent ?? false,
    exitNow: context.exitNow,
  });
  await using ending = new AsyncDisposableStack();
  end.start();
  ending.defer(() => end.stop());
  logSettings(options, log);
  await end.goOn();
  const sources = await options.openSources(log);
  const liveLog = new LiveLog({ log, clock: systemClock, namesSources: sources.length > 1 });
  if (options.recordPath !== undefined) warnOfMixedRecording(sources, log);
  const recorder = options.recordPath === undefined ? null : makeRecorder(options.recordPath, log, context);
  ending.defer(() => recorder?.stop());
  await recorder?.start();
  await end.goOn();
  const app = await openApp(options, { log, sources, end, listeners: { liveLog, recorder, brief } });
  end.app = app;
  ending.defer(() => app.stop());
  // On the screen, the services pane shows the progress.
  ending.defer(liveLog.logProgress(() => app.services.views(), options.screen ? "debug" : "info"));
  if (options.forSeconds !== undefined) {
    ending.defer(systemClock.after(options.forSeconds * 1000, () => app.endCapture()));
  }
  const endNow = () => void end.endNow(130, t`Stopped at once.`);
  screen = makeScreen(options, { app, endNow, log });
  ending.defer(() => screen?.stop());
  await screen?.start();
  const watched = makeWatched(options, { app, screen, log });
  ending.defer(() => watched?.stop());
  await watched?.start();
  await warnOfGifts(app, options, { config: options.config, log });
  for (const watch of watchesOf(app, options, { log, screen })) {
    ending.defer(() => watch.stop());
    watch.start();
  }
  return await app.run();
}

async function openApp(
  options: LiveRunOptions & { monitor: Monitor | null },
  { log, sources, end, listeners }: {
    log: Log;
    sources: Source[];
    end: RunEnd;
    listeners: Omit<RunListeners, "log">;
  },
): Promise<App> {
  const observer = await observeRun();
  const app = await App.open({
    ...appOptions(options, log),
    ...listenersOf(options, { log, ...listeners }),
    observer: observer ?? undefined,
    sources,
    onClosing: (deadline) => end.enforce(deadline),
  });
  observer?.watch({ services: () => app.services.views(), sources: () => app.sources() });
  return app;
}

function logSettings({ notes, isExample, config }: LiveRunOptions, log: Log): void {
  for (const note of notes) log.info(note);
  if (isExample) {
    log.info(
      t`There is no ${config.path} yet, so Livecue uses the example's settings. To create one: deno task livecue init`,
    );
  }
  for (const warning of config.warnings) log.warn(warning);
  logTelemetry(log);
}

async function warnOfGifts(
  app: App,
  { livesDatabase }: Pick<LiveRunOptions, "livesDatabase">,
  { config, log }: { config: Config; log: Log },
): Promise<void> {
  const ofLives = livesDatabase === null ? [] : giftsIn(livesDatabase);
  const seen = async () => [...await app.questions.ask("gifts"), ...await ofLives];
  for (const warning of await giftWarnings(config, seen)) log.warn(warning);
}

/** Logs a sentence before the process exits: in the terminal, after the screen has restored it, and in the log file. */
async function logLast(
  sentence: string,
  { opened, screen, isVerbose }: { opened: OpenedLog; screen: ScreenRun | null; isVerbose: boolean },
): Promise<void> {
  opened.log.warn(sentence);
  await screen?.stop();
  const console = screen === null ? opened : openLog({ isVerbose });
  if (screen !== null) console.log.warn(sentence);
  await Promise.all([opened.stop(lastWordsMs), console.stop(lastWordsMs)]);
}

/** The options of the run, without its sources and its listeners. */
function appOptions(options: LiveRunOptions, log: Log): Omit<AppOptions, "sources"> {
  const { config, processes, whenIdle, sessionName, batchSize, discardsPending, machine, screen } = options;
  const openSource = screen?.openSource ?? null;
  return {
    config,
    clock: systemClock,
    log,
    choice: screen && {
      switchable: screen.switchable,
      openSource: openSource && ((name, username) => openSource(name, username, log)),
    },
    processes,
    whenIdle,
    sessionName,
    batchSize,
    discardsPending,
    stopLimitMs: stopLimitMs(Deno.build.os),
    machine,
    onHeld: (machine) => log.info(heldSentence(machine)),
  };
}

interface RunListeners {
  log: Log;
  liveLog: LiveLog;
  recorder: Recorder | null;
  brief: RunBrief;
}

/** The listeners of the run: the log, the screen's monitor and the recording. */
function listenersOf(
  { monitor }: { monitor: Monitor | null },
  { log, liveLog, recorder, brief }: RunListeners,
): Partial<AppOptions> {
  const failures = new FailureLog(log, systemClock);
  return {
    onState: (source, state) => {
      monitor?.changed();
      liveLog.takeState(source, state);
    },
    onServicesChanged: monitor?.changed,
    onEvent: (event) => {
      monitor?.takeEvent(event);
      liveLog.takeEvent(event);
    },
    onSessionEnded: (session, end) => {
      brief.takeSessionEnd(session);
      liveLog.takeSessionEnd(session, end);
    },
    onCaptured: recorder === null
      ? undefined
      : (event, raw, streamer) => recorder.record({ event, raw, streamer }),
    onReadings: recorder === null ? undefined : (batch, source) => recorder.recordReadings(batch, source),
    onItemEnded: (slug, item, end) => {
      if (end.status === "failed") failures.log(slug, item, end);
      else log.named(slug).debug(t`item ${item.id} (${describeEvent(item.event)}) completed`);
    },
  };
}

/** Creates the full-screen app; null if the run has none. */
function makeScreen(
  { screen, monitor, config, isExample, laterOf, livesDatabase }: LiveRunOptions & {
    monitor: Monitor | null;
  },
  { app, endNow, log }: { app: App; endNow: () => void; log: Log },
): ScreenRun | null {
  if (!screen || !monitor) return null;
  return new screens.ScreenRun({
    app,
    monitor,
    configPath: async () => {
      if (isExample && !(await exists(config.path))) await writeConfig(config.path);
      return config.path;
    },
    describeSave: (text) => {
      const later = laterOf(loadConfig(config.path, { text }));
      return t`The config was saved and is in effect.` +
        (later === "" ? "" : ` ${t`From the next start: ${later}.`}`);
    },
    endNow,
    config,
    livesDatabase,
    log,
  });
}

/** null if nobody elsewhere can look at the run. */
function makeWatched(
  { config, monitor, machine = Deno.hostname() }: LiveRunOptions & { monitor: Monitor | null },
  { app, screen, log }: { app: App; screen: ScreenRun | null; log: Log },
): Lifecycle | null {
  return monitor && watchedRun({ app, monitor, control: screen?.control ?? null, config, machine, log });
}

/** What looks at files that a person may save during the run. */
function watchesOf(
  app: App,
  options: LiveRunOptions,
  { log, screen }: { log: Log; screen: ScreenRun | null },
): (ConfigWatch | ServiceFiles)[] {
  const files = new ServiceFiles({ units: () => app.services.units, clock: systemClock, log });
  return [watchConfig(app, options, { log, screen }), files];
}

/** Applies the config whenever its file is saved. A config with a mistake changes nothing. */
function watchConfig(
  app: App,
  options: Pick<LiveRunOptions, "config" | "applyToRun" | "laterOf" | "livesDatabase">,
  { log, screen }: { log: Log; screen: ScreenRun | null },
): ConfigWatch {
  const refuse = (error: unknown) => {
    if (!(error instanceof UserError)) throw error;
    const isMistake = error instanceof ConfigError;
    const why = isMistake ? error.reason : error.message;
    screen?.setConfigError(why);
    const places = isMistake ? `\n${error.message}` : "";
    log.named("config").error(
      t`The changed config was not applied, so the old settings remain in effect: ${why}` + places,
    );
  };
  const take = async (config: Config) => {
    try {
      await app.applyConfig(options.applyToRun(config), options.laterOf(config));
      screen?.setSettings(config.screen);
      for (const warning of config.warnings) log.warn(warning);
      await warnOfGifts(app, options, { config, log });
      screen?.setConfigError(null);
    } catch (error) {
      refuse(error);
    }
  };
  return new ConfigWatch(options.config.path, {
    clock: systemClock,
    onChange: (change) => {
      if ("error" in change) return refuse(change.error);
      if ("config" in change) return void take(change.config);
      screen?.setConfigError(null);
      log.info(t`The config is as it was before, and stays in effect.`);
    },
  });
}
