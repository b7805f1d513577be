import { type Command, Option } from "commander";
import { nearestName } from "../nearest_names.ts";
import { describeEvent } from "../describe.ts";
import { sentenceOf } from "../failure.ts";
import { systemClock } from "../clock.ts";
import { cleanLine } from "../clean_text.ts";
import type { ItemStatus, StoredItem } from "../item.ts";
import { type Step, stepDurationMs } from "../step.ts";
import type { Reader } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, print, printList } from "./table.ts";

interface QueueCommandOptions extends GlobalOptions {
  service?: string;
  status?: ItemStatus;
  before?: number;
  limit: number;
  json?: boolean;
}

/** `queue`: lists the queue items, the latest last, or one item with its steps. */
export function addQueue(program: Command): void {
  const command = program.command("queue")
    .description("list queue items, the latest last, or one item with its steps")
    .argument("[item]", "only this item, by its id", wholeNumber(1))
    .option("--service <slug>", "only of this service")
    .addOption(
      new Option("--status <status>", "only in this state")
        .choices(["pending", "processing", "completed", "failed", "discarded"]),
    )
    .option("--before <id>", "only before this item, to page back", wholeNumber(1))
    .option("--limit <n>", "the most to list", wholeNumber(1), 50)
    .option("--json", "as JSON")
    .action(async (itemId: number | undefined) => {
      const options = command.optsWithGlobals<QueueCommandOptions>();
      const { config } = await readSettings(options);
      await withReader(config.database, (reader) => {
        const now = systemClock.now();
        const items = itemId === undefined ? listed(reader, options) : [theItem(reader, itemId)];
        const listing = items.map((item) => {
          return { ...item, steps: reader.steps(item.id).map((step) => withDuration(step, now)) };
        });
        printItems(listing, options.json ?? false);
        if (itemId === undefined || options.json) return;
        for (const { steps } of listing) if (steps.length > 0) printSteps(steps);
      });
    });
}

function listed(reader: Reader, { service, status, before, limit }: QueueCommandOptions): StoredItem[] {
  if (service !== undefined) checkStoredService(service, reader);
  return reader.queue({ serviceSlug: service, status, before, limit }).reverse();
}

/** Throws a `UserError` if the database has no such item. */
function theItem(reader: Reader, id: number): StoredItem {
  const item = reader.item(id);
  if (item === null) throw new UserError(`The database has no item ${id}. "queue" lists the items.`);
  return item;
}

function printItems(items: StoredItem[], json: boolean): void {
  printList(items, {
    json,
    headings: ["ID", "SERVICE", "STATUS", "PRIORITY", "TRIES", "QUEUED", "EVENT", "WHY"],
    columns: (item) => [
      String(item.id),
      item.serviceSlug,
      item.status,
      String(item.priority),
      String(item.attempts),
      dateTime(item.createdAt),
      describeEvent(item.event),
      item.discardReason ?? sentenceOf(item.error ?? ""),
    ],
  });
}

type ListedStep = Step & { durationMs: number | null };

function withDuration(step: Step, now: number): ListedStep {
  return { ...step, durationMs: stepDurationMs(step, now) };
}

function printSteps(steps: ListedStep[]): void {
  print("");
  printList(steps, {
    json: false,
    headings: ["STEP", "STATUS", "TRIES", "SECONDS", "PROGRESS", "GOES ON", "WHY"],
    columns: ({ name, status, attempts, durationMs, progress, notBefore, error }) => [
      cleanLine(name),
      status,
      String(attempts),
      durationMs === null ? "" : (durationMs / 1000).toFixed(1),
      progress === null ? "" : cleanLine(`${Math.floor(progress.fraction * 100)}% ${progress.text}`),
      dateTime(notBefore),
      sentenceOf(error ?? ""),
    ],
  });
}

/** Throws a `UserError` that lists the known services if the database has no such service. */
export function checkStoredService(slug: string, reader: Reader): void {
  const slugs = reader.services().map((service) => service.slug);
  if (slugs.includes(slug)) return;
  const hint = nearestName(slug, slugs);
  throw new UserError(
    `The database has no service "${slug}".${hint ? ` Did you mean "${hint}"?` : ""} ` +
      `Its services are: ${slugs.join(", ") || "none"}.`,
  );
}
