import { type Command, Option } from "commander";
import { nearestName } from "../nearest_names.ts";
import { describeEvent } from "../describe.ts";
import { sentenceOf } from "../failure.ts";
import type { ItemStatus } from "../item.ts";
import type { Reader } from "../store/reader.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, printList } from "./table.ts";

interface QueueCommandOptions extends GlobalOptions {
  service?: string;
  status?: ItemStatus;
  before?: number;
  limit: number;
  json?: boolean;
}

/** `queue`: lists the queue items, the latest last. */
export function addQueue(program: Command): void {
  const command = program.command("queue")
    .description("list queue items, the latest last")
    .option("--service <slug>", "only of this service")
    .addOption(
      new Option("--status <status>", "only in this state")
        .choices(["pending", "processing", "completed", "failed", "discarded"]),
    )
    .option("--before <id>", "only before this item, to page back", wholeNumber(1))
    .option("--limit <n>", "the most to list", wholeNumber(1), 50)
    .option("--json", "as JSON")
    .action(async () => {
      const options = command.optsWithGlobals<QueueCommandOptions>();
      const { config } = await readSettings(options);
      const { service: serviceSlug, status, before, limit } = options;
      await withReader(config.database, (reader) => {
        if (serviceSlug !== undefined) checkStoredService(serviceSlug, reader);
        printList(reader.queue({ serviceSlug, status, before, limit }).reverse(), {
          json: options.json ?? false,
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
      });
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
