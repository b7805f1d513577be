/** `prune`: deletes old sessions, after a confirmation. */
import { type Command, InvalidArgumentError } from "commander";
import { setImmediate as nextTurn } from "node:timers/promises";
import { pruneServices } from "../app/service_pruning.ts";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { ViewerCount } from "../app/viewer_count.ts";
import { isPostgresAddress } from "../database_address.ts";
import { counted, noun, t } from "../language.ts";
import type { Log } from "../log/log.ts";
import { eachRoom, type HeldRoom } from "../store/each_room.ts";
import { isInUse } from "../store/usage.ts";
import type { PruneCounts, PruneOptions } from "../store/pruner.ts";
import type { Store } from "../store/store.ts";
import { countPrunable } from "../store/prunable.ts";
import { UserError } from "../user_error.ts";
import { openLog } from "./command_log.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { agrees } from "./question.ts";
import { withReader } from "./reading.ts";
import { dateTime, print } from "./table.ts";

interface PruneCommandOptions extends GlobalOptions {
  keep?: number;
  dryRun?: boolean;
  yes?: boolean;
}

const dayMs = 24 * 60 * 60_000;
const daysOf: Record<string, number> = { d: 1, w: 7, y: 365 };
const maxDays = 36_500;
/** Nothing waits for the database. */
const pace = { stepMs: 100, mostEvents: 5_000 };

export function addPrune(program: Command): void {
  const command = program.command("prune")
    .description(t`delete sessions that ended long ago, with their events`)
    .option(
      "--keep <time>",
      t`how long sessions are kept, such as 90d, 12w or 1y (default: the config's)`,
      days,
    )
    .option("--dry-run", t`only say what would be deleted`)
    .option("--yes", t`do not ask`)
    .action(async () => {
      const options = command.optsWithGlobals<PruneCommandOptions>();
      const { config } = await readSettings(options);
      const keepDays = options.keep ?? config.retention.keepDays;
      if (keepDays === null) {
        throw new UserError(
          t`Say how long sessions are kept, as --keep 90d, or set "retention" in the config.`,
        );
      }
      const pruned = { before: systemClock.now() - keepDays * dayMs, keepsLast: false };
      const counts = await count(config.database, pruned);
      if (options.dryRun) return await tellDryRun(config, { counts, ...pruned });
      print(planOf(counts, pruned) + keptOf(counts));
      if (!options.yes && !isConfirmed()) return print(t`Nothing was deleted.`);
      await prune(config, pruned, options);
    });
}

/** Parses "90d", "12w" or "1y" into days. */
function days(text: string): number {
  const [, number = "", unit = ""] = /^(\d{1,6})([dwy])$/.exec(text.trim()) ?? [];
  const value = Number(number) * (daysOf[unit] ?? 0);
  if (value >= 1 && value <= maxDays) return value;
  throw new InvalidArgumentError(t`Use a number of days, weeks or years, such as 90d, 12w or 1y.`);
}

async function count(database: string, pruned: PruneOptions): Promise<PruneCounts> {
  let counts: PruneCounts | null = null;
  await withReader(
    database,
    (_, { query }) => void (counts = countPrunable(query, { ...pruned, streamer: null })),
  );
  return counts!;
}

function whatGoes({ sessions, events, items }: Pick<PruneCounts, "sessions" | "events" | "items">): string[] {
  return [
    counted(sessions, noun("session")),
    counted(events, noun("event")),
    counted(items, noun("item")),
  ];
}

function planOf(
  counts: PruneCounts,
  { before, isDryRun = false }: PruneOptions & { isDryRun?: boolean },
): string {
  const [gone, and, also] = whatGoes(counts);
  const since = dateTime(before);
  return isDryRun
    ? t`${gone} that ended before ${since}, ${and} and ${also} would be deleted.`
    : t`${gone} that ended before ${since}, ${and} and ${also} will be deleted.`;
}

function keptOf({ keptSessions }: PruneCounts): string {
  if (keptSessions === 0) return "";
  const kept = counted(keptSessions, noun("older session"));
  return keptSessions === 1
    ? ` ${t`${kept} stays, because it has items that are not done.`}`
    : ` ${t`${kept} stay, because they have items that are not done.`}`;
}

async function tellDryRun(
  config: Config,
  { counts, ...pruned }: PruneOptions & { counts: PruneCounts },
): Promise<void> {
  print(planOf(counts, { ...pruned, isDryRun: true }) + keptOf(counts));
  await withLog({}, (log) => tellServices(config, { log, ...pruned, isDryRun: true }));
}

function isConfirmed(): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError(t`prune asks before it deletes, but there is no terminal. Add --yes.`);
  }
  return agrees(t`Type yes to delete:`);
}

async function prune(config: Config, pruned: PruneOptions, options: GlobalOptions): Promise<void> {
  await withLog(options, async (log) => {
    const { database: address, durability } = config;
    const before = sizeOf(address);
    const all = { sessions: 0, events: 0, items: 0 };
    const store = { address, durability, clock: systemClock, log: log.named("store") };
    const held = await eachRoom(store, async (store, { isOnly }) => {
      // The sums of the viewers come from events, so they are counted before these are deleted.
      const lastEventId = () => store.ids.next("event") - 1;
      const counting = ViewerCount.of(store, { clock: systemClock, log, lastEventId });
      if (isOnly || store.streamer !== "") await counting.countAll();
      const counts = await deleteAll(store, pruned);
      for (const key of ["sessions", "events", "items"] as const) all[key] += counts[key];
    });
    const [gone, and, also] = whatGoes(all);
    print(t`${gone}, ${and} and ${also} were deleted.` + sizeSentence(address, before));
    if (held.length > 0) print(heldSentence(held));
    await tellServices(config, { log, ...pruned, isDryRun: false });
  });
}

function heldSentence(held: readonly HeldRoom[]): string {
  const names = held.map(({ name, heldBy }) => `@${name} (${heldBy || t`another machine`})`).join(", ");
  return t`These were left out, because machines capture them: ${names}. To prune them, set "retention" in the config.`;
}

/** Lets the event loop run after each step, for signals and for the thread that checkpoints. */
async function deleteAll(store: Store, pruned: PruneOptions): Promise<PruneCounts> {
  const steps = store.pruner.prune(pruned, pace);
  let step = await steps.next();
  while (!step.done) {
    await nextTurn();
    step = await steps.next();
  }
  if (!store.pruner.shrinksInSteps) {
    await store.pruner.rewrite();
    return step.value;
  }
  for await (const _ of store.pruner.shrink()) await nextTurn();
  return step.value;
}

/** Bytes; null if the database is no file. */
function sizeOf(database: string): number | null {
  return isPostgresAddress(database) ? null : Deno.statSync(database).size;
}

function sizeSentence(path: string, before: number | null): string {
  const now = sizeOf(path);
  if (before === null || now === null) return "";
  const megabytes = (bytes: number) => (bytes / 1_000_000).toFixed(1);
  return ` ${t`${path} has ${megabytes(now)} MB; before, it had ${megabytes(before)} MB.`}`;
}

async function tellServices(
  config: Config,
  { log, before, isDryRun }: { log: Log; before: number; isDryRun: boolean },
): Promise<void> {
  await pruneServices({
    config,
    before,
    isDryRun,
    isLivecueRunning: await isInUse(config.database),
    signal: new AbortController().signal,
    log,
    print: (slug, text) => print(`${slug}: ${text}`),
  });
}

async function withLog(
  { verbose = false }: GlobalOptions,
  use: (log: Log) => Promise<void>,
): Promise<void> {
  const { log, stop } = openLog({ isVerbose: verbose });
  try {
    await use(log);
  } finally {
    await stop();
  }
}
