import type { Command } from "commander";
import { systemClock } from "../clock.ts";
import { openStore, type Store } from "../store/owner.ts";
import type { StoredItem } from "../item.ts";
import { openLog } from "./command_log.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { describeCount } from "../faces/plain/plain_log.ts";
import { checkStoredService } from "./queue.ts";
import { exists, type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";

interface RetryOptions extends GlobalOptions {
  service?: string;
  failed?: boolean;
  discarded?: boolean;
}

/** `retry`: puts failed or discarded items back into their queues. */
export function addRetry(program: Command): void {
  const command = program.command("retry")
    .description("put failed or discarded items back into their queues")
    .argument("[items...]", "the items' numbers, as in the list of the queue", collectNumbers)
    .option("--service <slug>", "with --failed or --discarded: of this service")
    .option("--failed", "all failed items of the service")
    .option("--discarded", "all discarded items of the service")
    .action(async (numbers: number[] | undefined) => {
      const options = command.optsWithGlobals<RetryOptions>();
      checkUsage(numbers ?? [], options);
      const { config } = await readSettings(options);
      if (!(await exists(config.database))) {
        throw new UserError(`There is no database at ${config.database}.`);
      }
      const store = openStore({
        path: config.database,
        durability: config.durability,
        clock: systemClock,
        log: openLog({ isVerbose: false }).log,
      });
      try {
        const items = numbers?.length ? byNumber([...new Set(numbers)], store) : byStatus(options, store);
        for (const { id } of items) store.writer.add({ kind: "retry_item", id });
        await store.writer.flush();
        print(`${describeCount(items.length, "item")} put back. start or work processes them.`);
      } finally {
        await store.close();
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
  if (byStatus && service === undefined) throw new UserError("Add --service SLUG: of which service?");
}

function byNumber(numbers: number[], store: Store): StoredItem[] {
  const items = numbers.map((id) => {
    const item = store.reader.item(id);
    if (item === null) throw new UserError(`There is no item ${id}. Nothing was put back.`);
    if (item.status !== "failed" && item.status !== "discarded") {
      throw new UserError(`Item ${id} is ${item.status}, so there is nothing to put back. Nothing was.`);
    }
    return item;
  });
  return items;
}

function byStatus({ service, failed, discarded }: RetryOptions, store: Store): StoredItem[] {
  checkStoredService(service as string, store.reader);
  const statuses: ("failed" | "discarded")[] = [];
  if (failed) statuses.push("failed");
  if (discarded) statuses.push("discarded");
  return statuses.flatMap((status) =>
    store.reader.queue({ serviceSlug: service, status, limit: Number.MAX_SAFE_INTEGER })
  );
}
