import type { Command } from "commander";
import { nearestName } from "../nearest_names.ts";
import { describeEvent } from "../describe.ts";
import { type EventType, eventTypes } from "../event.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { sessionOf, withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, printList } from "./table.ts";

interface EventsCommandOptions extends GlobalOptions {
  session?: number;
  type?: string;
  text?: string;
  before?: number;
  limit: number;
  json?: boolean;
}

/** `events`: lists the stored events, the latest last. */
export function addEvents(program: Command): void {
  const command = program.command("events")
    .description("list stored events, the latest last")
    .option("--session <n>", "only of this session", wholeNumber(1))
    .option("--type <type>", "only of this type, such as GiftEvent")
    .option("--text <s>", "only with this in the name or the text")
    .option("--before <id>", "only before this event, to page back", wholeNumber(1))
    .option("--limit <n>", "the most to list", wholeNumber(1), 50)
    .option("--json", "as JSON")
    .action(async () => {
      const options = command.optsWithGlobals<EventsCommandOptions>();
      const { config } = await readSettings(options);
      const type = options.type === undefined ? undefined : eventType(options.type);
      const { session: sessionId, text, before, limit } = options;
      await withReader(config.database, (reader) => {
        if (sessionId !== undefined) sessionOf(reader, sessionId);
        printList(reader.events({ sessionId, type, text, before, limit }).reverse(), {
          json: options.json ?? false,
          headings: ["ID", "SESSION", "TIME", "EVENT"],
          columns: (event) => [
            String(event.id),
            String(event.sessionId),
            dateTime(event.createdAt),
            describeEvent(event),
          ],
        });
      });
    });
}

/** Accepts both "gift" and "GiftEvent". */
function eventType(given: string): EventType {
  const found = eventTypes.find((type) =>
    [type, type.replace("Event", "")].some((name) => name.toLowerCase() === given.toLowerCase())
  );
  if (found) return found;
  const hint = nearestName(given, [...eventTypes]);
  throw new UserError(
    `There is no event type "${given}".${hint ? ` Did you mean ${hint}?` : ""} The types are: ${
      eventTypes.join(", ")
    }.`,
  );
}
