import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import type { Config } from "../config/config.ts";
import { itemStatusWords } from "../item.ts";
import { counted, formatNumber, noun, t, translated } from "../language.ts";
import { databaseShown, isPostgresAddress } from "../database_address.ts";
import { openStore } from "../store/open.ts";
import { machineUsing } from "../store/usage.ts";
import type { Store } from "../store/store.ts";
import { openLog } from "./command_log.ts";
import type { EndedItem } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { checkStoredService } from "./queue.ts";
import { mayExist } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface RetryOptions extends GlobalOptions {
  service?: string;
  failed?: boolean;
  discarded?: boolean;
  fromStart?: boolean;
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
    .option("--from-start", t`also repeat the steps that they have completed`)
    .action(async (numbers: number[] | undefined) => {
      const options = command.optsWithGlobals<RetryOptions>();
      checkUsage(numbers ?? [], options);
      const { config } = await readSettings(options);
      if (!(await mayExist(config.database))) {
        throw new UserError(t`There is no database at ${config.database}.`);
      }
      await refuseWhileHeld(config.database);
      const { log, stop } = openLog({ isVerbose: false });
      const store = await openStore({
        address: config.database,
        durability: config.durability,
        clock: systemClock,
        log,
      });
      try {
        const rooms = new Rooms(config, store);
        const asked = numbers?.length ? byNumber([...new Set(numbers)], store) : allOf(options, store);
        await putBack(asked, { store, rooms, ...options });
        print(rooms.sentence);
      } catch (error) {
        throw store.explained(error);
      } finally {
        await store.stop();
        await stop();
      }
    });
}

/** The queue is in the memory of the machine that captures. Throws a `UserError` if there is one. */
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

/** How many items each queue still takes: an item that comes back enters only within the queue's bound. */
class Rooms {
  readonly #config: Config;
  readonly #store: Store;
  readonly #left = new Map<number, number>();
  readonly #full = new Map<string, number>();
  #count = 0;
  #keptOut = 0;

  constructor(config: Config, store: Store) {
    this.#config = config;
    this.#store = store;
  }

  /** Whether the service's queue takes one more item. */
  async take(serviceId: number): Promise<boolean> {
    const left = this.#left.get(serviceId) ?? await this.#roomOf(serviceId);
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

  async #roomOf(serviceId: number): Promise<number> {
    const stored = this.#store.reader.services().find(({ id }) => id === serviceId);
    const service = this.#config.services.find(({ slug }) => slug === stored?.slug);
    if (service === undefined) return Infinity;
    this.#full.set(service.slug, service.maxQueueSize);
    const counts = await this.#store.pendingOf(serviceId).counts();
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
  { store, rooms, fromStart: isFromStart = false }: RetryOptions & { store: Store; rooms: Rooms },
): Promise<void> {
  for (const items of pages) {
    for (const { id, serviceId } of items) {
      if (!await rooms.take(serviceId)) continue;
      store.writer.add({ kind: "retry_item", id });
      store.writer.add({ kind: "renew_steps", itemId: id, isFromStart });
    }
    await store.writer.flush();
  }
}

/** Throws a `UserError` if one of them cannot be put back. */
function byNumber(numbers: number[], store: Store): EndedItem[][] {
  const items = numbers.map((id) => {
    const item = store.reader.item(id);
    if (item === null) throw new UserError(t`There is no item ${id}. Nothing was put back.`);
    const { status } = item;
    if (status !== "failed" && status !== "discarded") {
      const word = translated(itemStatusWords[status]);
      throw new UserError(t`Item ${id} is ${word}, so it cannot be put back. Nothing was put back.`);
    }
    return { ...item, status };
  });
  return [items];
}

/** The latest first, page by page, because there may be many items. */
function* allOf({ service, failed, discarded }: RetryOptions, store: Store): Generator<EndedItem[]> {
  const serviceSlug = service as string;
  checkStoredService(serviceSlug, store.reader);
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
