import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { itemStatusWords, type StoredItem } from "../item.ts";
import { counted, formatNumber, noun, t, translated } from "../language.ts";
import { databaseShown, isPostgresAddress } from "../database_address.ts";
import { bareHandle, notAHandle } from "../handle.ts";
import type { Log } from "../log/log.ts";
import { eachRoom, type HeldRoom } from "../store/each_room.ts";
import { checkFileIsFree, machineUsing } from "../store/usage.ts";
import type { Store } from "../store/store.ts";
import { openLog } from "./command_log.ts";
import type { EndedItem, Reader } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { checkStoredService } from "./queue.ts";
import { mayExist, withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface RetryOptions extends GlobalOptions {
  service?: string;
  failed?: boolean;
  discarded?: boolean;
  fromStart?: boolean;
  streamer?: string;
}

const pageSize = 500;
const itemNoun = noun("item");

/** `retry`: puts failed or discarded items back into their queues, as many as these take. */
export function addRetry(program: Command): void {
  const command = program.command("retry")
    .description(t`put failed or discarded items back into their queues`)
    .argument("[items...]", t`the items' numbers, as in the list of the queue`, collectNumbers)
    .option("--service <slug>", t`with --failed or --discarded: the service`)
    .option("--failed", t`all failed items of the service`)
    .option("--discarded", t`all discarded items of the service`)
    .option("--streamer <name>", t`of a database of many rooms: only this streamer's`)
    .option("--from-start", t`also repeat the steps that they have completed`)
    .action(async (numbers: number[] | undefined) => {
      const options = command.optsWithGlobals<RetryOptions>();
      checkUsage(numbers ?? [], options);
      const { config } = await readSettings(options);
      if (!(await mayExist(config.database))) {
        throw new UserError(t`There is no database at ${config.database}.`);
      }
      const { log, stop } = openLog({ isVerbose: false });
      try {
        await retry({ ...options, numbers: [...new Set(numbers ?? [])] }, { config, log });
      } finally {
        await stop();
      }
    });
}

/** Each room's queue is in the memory of the machine that captures it, so only rooms that nobody has get items back. */
async function retry(
  options: RetryOptions & { numbers: readonly number[] },
  { config, log }: { config: Config; log: Log },
): Promise<void> {
  if (!isPostgresAddress(config.database)) checkFileIsFree(config.database);
  const owners = await checkAsked(options, config);
  const isOnly = owners.every(({ streamer }) => streamer === "");
  if (isOnly) await refuseWhileHeld(config.database);
  const space = new QueueSpace(config, new Map(owners.map(({ id, slug }) => [id, slug])));
  const { database: address, durability } = config;
  const only = options.streamer === undefined ? undefined : handleOf(options.streamer);
  const rooms = { address, durability, clock: systemClock, log, only };
  const held = await eachRoom(rooms, async (store) => {
    const own = new Set(owners.filter(({ streamer }) => streamer === store.streamer).map(({ id }) => id));
    try {
      const asked = options.numbers.length > 0 ? byNumber(options.numbers, store) : allOf(options, store);
      await putBack(asked, { ...options, store, space, own });
    } catch (error) {
      throw store.explained(error);
    }
  });
  const concerned = held.filter(({ name }) =>
    owners.some(({ streamer, isAsked }) => isAsked && streamer === name)
  );
  if (concerned.length > 0 && space.isEmpty) throw new UserError(heldSentence(concerned));
  print(space.sentence);
  if (concerned.length > 0) print(heldSentence(concerned));
}

/** A service of a room. */
interface Owner {
  id: number;
  slug: string;
  streamer: string;
  /** Whether items of it are asked for. */
  isAsked: boolean;
}

/** Throws a `UserError` if an item cannot be put back, or if there is no such service or streamer. */
async function checkAsked(
  { numbers, service, streamer }: RetryOptions & { numbers: readonly number[] },
  { database }: Config,
): Promise<Owner[]> {
  let owners: Owner[] = [];
  await withReader(database, (reader, { query }) => {
    const named = numbers.map((id) => endedItem(id, reader));
    if (numbers.length === 0) checkStoredService(service as string, reader);
    owners = query.all<Omit<Owner, "isAsked">>("SELECT id, slug, streamer FROM service").map((owner) => ({
      ...owner,
      isAsked: numbers.length === 0
        ? owner.slug === service
        : named.some(({ serviceId }) => serviceId === owner.id),
    }));
  });
  if (streamer === undefined) return owners;
  const handle = handleOf(streamer);
  if (owners.some((owner) => owner.streamer === handle)) return owners;
  throw new UserError(t`There is no streamer @${handle}. "streamers list" shows them all.`);
}

function handleOf(streamer: string): string {
  const handle = bareHandle(streamer);
  if (!handle) throw new UserError(notAHandle(streamer));
  return handle;
}

/** Of a database for one show: the queue is in the memory of the machine that captures. Throws a `UserError`. */
async function refuseWhileHeld(database: string): Promise<void> {
  if (!isPostgresAddress(database)) return;
  const machine = await machineUsing(database);
  if (machine === null) return;
  throw new UserError(
    t`The Livecue on ${machine || t`another machine`} is capturing into ${
      databaseShown(database)
    }, and only it can put items back. Press R there for failed items, or D for discarded ones, or stop it first.`,
  );
}

function heldSentence(held: readonly HeldRoom[]): string {
  const names = held.map(({ name, heldBy }) => `@${name} (${heldBy || t`another machine`})`).join(", ");
  return t`Nothing was put back for these, because machines capture them: ${names}. Press R there for failed items, or D for discarded ones.`;
}

/** How many items each queue still takes: an item that comes back enters only within the queue's bound. */
class QueueSpace {
  readonly #config: Config;
  /** By the id of the service. */
  readonly #slugs: ReadonlyMap<number, string>;
  readonly #left = new Map<number, number>();
  readonly #full = new Map<string, number>();
  #count = 0;
  #keptOut = 0;

  constructor(config: Config, slugs: ReadonlyMap<number, string>) {
    this.#config = config;
    this.#slugs = slugs;
  }

  /** Whether no item was found. */
  get isEmpty(): boolean {
    return this.#count + this.#keptOut === 0;
  }

  /** Whether the service's queue takes one more item. */
  async take(serviceId: number, store: Store): Promise<boolean> {
    const left = this.#left.get(serviceId) ?? await this.#spaceOf(serviceId, store);
    this.#left.set(serviceId, left - 1);
    if (left > 0) this.#count += 1;
    else this.#keptOut += 1;
    return left > 0;
  }

  /** What was done. */
  get sentence(): string {
    const done = t`${counted(this.#count, itemNoun)} put back.`;
    if (this.#keptOut === 0) return `${done} ${t`Run start or work to process them.`}`;
    const queues = [...this.#full].map(([slug, bound]) => t`${slug} takes ${formatNumber(bound)}`).join(", ");
    const others = t`${counted(this.#keptOut, itemNoun)} stayed, because the queue is full: ${queues}.`;
    return `${done} ${others} ${t`Run start or work, and then retry again.`}`;
  }

  async #spaceOf(serviceId: number, store: Store): Promise<number> {
    const stored = this.#slugs.get(serviceId);
    const service = this.#config.services.find(({ slug }) => slug === stored);
    if (service === undefined) return Infinity;
    this.#full.set(service.slug, service.maxQueueSize);
    const counts = await store.pendingOf(serviceId).counts();
    return service.maxQueueSize - counts.reduce((sum, { count }) => sum + count, 0);
  }
}

function collectNumbers(text: string, earlier: number[] | undefined): number[] {
  return [...(earlier ?? []), wholeNumber(1)(text)];
}

function checkUsage(numbers: number[], { service, failed, discarded }: RetryOptions): void {
  const byStatus = failed || discarded;
  if (numbers.length > 0 && (byStatus || service !== undefined)) {
    throw new UserError(t`Give either item numbers, or --service with --failed or --discarded.`);
  }
  if (numbers.length === 0 && !byStatus) {
    throw new UserError(t`Say which items: their numbers, or --service SLUG with --failed or --discarded.`);
  }
  if (byStatus && service === undefined) throw new UserError(t`Add --service SLUG to name the service.`);
}

async function putBack(
  pages: Iterable<readonly EndedItem[]>,
  { store, space, own, fromStart: isFromStart = false }: RetryOptions & {
    store: Store;
    space: QueueSpace;
    /** The ids of the room's services. */
    own: ReadonlySet<number>;
  },
): Promise<void> {
  for (const items of pages) {
    for (const { id, serviceId } of items) {
      if (!own.has(serviceId) || !await space.take(serviceId, store)) continue;
      store.writer.add({ kind: "retry_item", id });
      store.writer.add({ kind: "renew_steps", itemId: id, isFromStart });
    }
    await store.writer.flush();
  }
}

/** Those that can still be put back. */
function byNumber(numbers: readonly number[], { reader }: Store): EndedItem[][] {
  const items = numbers.flatMap((id) => {
    const item = reader.item(id);
    return item !== null && isEnded(item) ? [item] : [];
  });
  return [items];
}

function isEnded(item: StoredItem): item is StoredItem & EndedItem {
  return item.status === "failed" || item.status === "discarded";
}

/** Throws a `UserError` if the item cannot be put back. */
function endedItem(id: number, reader: Reader): StoredItem & EndedItem {
  const item = reader.item(id);
  if (item === null) throw new UserError(t`There is no item ${id}. Nothing was put back.`);
  if (isEnded(item)) return item;
  const word = translated(itemStatusWords[item.status]);
  throw new UserError(t`Item ${id} is ${word}, so it cannot be put back. Nothing was put back.`);
}

/** The latest first, page by page, because there may be many items. */
function* allOf({ service, failed, discarded }: RetryOptions, store: Store): Generator<EndedItem[]> {
  const serviceSlug = service as string;
  const statuses = [...failed ? ["failed" as const] : [], ...discarded ? ["discarded" as const] : []];
  for (const status of statuses) {
    for (let before = Number.MAX_SAFE_INTEGER;;) {
      const items = store.reader.endedItems({ serviceSlug, status, before, limit: pageSize });
      yield items;
      if (items.length < pageSize) break;
      before = items.at(-1)?.id as number;
    }
  }
}
