import { type Command, Option } from "commander";
import { t, translated } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { describeEvent } from "../describe.ts";
import { sentenceOf } from "../failure.ts";
import { systemClock } from "../clock.ts";
import { cleanLine } from "../clean_text.ts";
import { discardReasonWords, type ItemStatus, itemStatusWords, type StoredItem } from "../item.ts";
import { type Step, stepDurationMs, stepStatusWords } from "../step.ts";
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
    .description(t`list queue items, the latest last, or one item with its steps`)
    .argument("[item]", t`only this item, by its id`, wholeNumber(1))
    .option("--service <slug>", t`only of this service`)
    .addOption(
      new Option("--status <status>", t`only in this state`)
        .choices(["pending", "processing", "completed", "failed", "discarded"]),
    )
    .option("--before <id>", t`only before this item, to page back`, wholeNumber(1))
    .option("--limit <n>", t`the most to list`, wholeNumber(1), 50)
    .option("--json", t`as JSON`)
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
  if (item === null) throw new UserError(t`The database has no item ${id}. "queue" lists the items.`);
  return item;
}

function printItems(items: StoredItem[], json: boolean): void {
  printList(items, {
    json,
    headings: [t`ID`, t`SERVICE`, t`STATUS`, t`PRIORITY`, t`TRIES`, t`QUEUED`, t`EVENT`, t`WHY`],
    columns: (item) => [
      String(item.id),
      item.serviceSlug,
      translated(itemStatusWords[item.status]),
      String(item.priority),
      String(item.attempts),
      dateTime(item.createdAt),
      describeEvent(item.event),
      whyOf(item),
    ],
  });
}

function whyOf({ discardReason, error }: StoredItem): string {
  return discardReason === null ? sentenceOf(error ?? "") : translated(discardReasonWords[discardReason]);
}

type ListedStep = Step & { durationMs: number | null };

function withDuration(step: Step, now: number): ListedStep {
  return { ...step, durationMs: stepDurationMs(step, now) };
}

function printSteps(steps: ListedStep[]): void {
  print("");
  printList(steps, {
    json: false,
    headings: [t`STEP`, t`STATUS`, t`TRIES`, t`SECONDS`, t`PROGRESS`, t`GOES ON`, t`WHY`],
    columns: ({ name, status, attempts, durationMs, progress, notBefore, error }) => [
      cleanLine(name),
      translated(stepStatusWords[status]),
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
    t`The database has no service "${slug}".` + (hint ? ` ${t`Did you mean "${hint}"?`}` : "") +
      ` ${t`Its services are: ${slugs.join(", ") || t`none`}.`}`,
  );
}
