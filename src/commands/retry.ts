import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import { openStore, type Store } from "../store/owner.ts";
import { openLog } from "./command_log.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { describeCount } from "../faces/plain/plain_log.ts";
import { checkStoredService } from "./queue.ts";
import { explainingRows } from "./reading.ts";
import { exists, type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface RetryOptions extends GlobalOptions {
  service?: string;
  failed?: boolean;
  discarded?: boolean;
  fromStart?: boolean;
}

const pageSize = 500;

/** `retry`: puts failed or discarded items back into their queues. */
export function addRetry(program: Command): void {
  const command = program.command("retry")
    .description("put failed or discarded items back into their queues")
    .argument("[items...]", "the items' numbers, as in the list of the queue", collectNumbers)
    .option("--service <slug>", "with --failed or --discarded: the service")
    .option("--failed", "all failed items of the service")
    .option("--discarded", "all discarded items of the service")
    .option("--from-start", "also repeat the steps that they have completed")
    .action(async (numbers: number[] | undefined) => {
      const options = command.optsWithGlobals<RetryOptions>();
      checkUsage(numbers ?? [], options);
      const { config } = await readSettings(options);
      if (!(await exists(config.database))) {
        throw new UserError(`There is no database at ${config.database}.`);
      }
      const { log, stop } = openLog({ isVerbose: false });
      const store = openStore({
        path: config.database,
        durability: config.durability,
        clock: systemClock,
        log,
      });
      try {
        const count = await explainingRows(
          config.database,
          () =>
            numbers?.length
              ? putBack(byNumber([...new Set(numbers)], store), store, options)
              : putBackAll(options, store),
        );
        print(`${describeCount(count, "item")} put back. Run start or work to process them.`);
      } finally {
        await store.stop();
        await stop();
      }
    });
}

function collectNumbers(text: string, earlier: number[] | undefined): number[] {
  return [...(earlier ?? []), wholeNumber(1)(text)];
}

function checkUsage(numbers: number[], { service, failed, discarded }: RetryOptions): void {
  const byStatus = failed || discarded;
  if (numbers.length > 0 && (byStatus || service !== undefined)) {
    throw new UserError("Give either item numbers, or --service with --failed or --discarded.");
  }
  if (numbers.length === 0 && !byStatus) {
    throw new UserError("Say which items: their numbers, or --service SLUG with --failed or --discarded.");
  }
  if (byStatus && service === undefined) throw new UserError("Add --service SLUG to name the service.");
}

async function putBack(
  ids: readonly number[],
  store: Store,
  { fromStart: isFromStart = false }: RetryOptions,
): Promise<number> {
  for (const id of ids) {
    store.writer.add({ kind: "retry_item", id });
    store.writer.add({ kind: "renew_steps", itemId: id, isFromStart });
  }
  await store.writer.flush();
  return ids.length;
}

function byNumber(numbers: number[], store: Store): number[] {
  return numbers.map((id) => {
    const item = store.reader.item(id);
    if (item === null) throw new UserError(`There is no item ${id}. Nothing was put back.`);
    if (item.status !== "failed" && item.status !== "discarded") {
      throw new UserError(`Item ${id} is ${item.status}, so it cannot be put back. Nothing was put back.`);
    }
    return id;
  });
}

/** Works page by page, because there may be many items. */
async function putBackAll(options: RetryOptions, store: Store): Promise<number> {
  const { service, failed, discarded } = options;
  const serviceSlug = service as string;
  checkStoredService(serviceSlug, store.reader);
  const statuses: ("failed" | "discarded")[] = [];
  if (failed) statuses.push("failed");
  if (discarded) statuses.push("discarded");
  let count = 0;
  for (const status of statuses) {
    let before = Number.MAX_SAFE_INTEGER;
    while (true) {
      const items = store.reader.endedItems({ serviceSlug, status, before, limit: pageSize });
      count += await putBack(items.map(({ id }) => id), store, options);
      if (items.length < pageSize) break;
      before = items.at(-1)?.id as number;
    }
  }
  return count;
}
