import type { Command } from "commander";
import { t } from "../language.ts";
import { describeEvent } from "../describe.ts";
import { parseTypes } from "../event_types.ts";
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
    .description(t`list stored events, the latest last`)
    .option("--session <n>", t`only of this session`, wholeNumber(1))
    .option("--type <type>", t`only of these types, as GiftEvent or like,gift; with a ! all but these`)
    .option("--text <s>", t`only with this in the name or the text`)
    .option("--before <id>", t`only before this event, to page back`, wholeNumber(1))
    .option("--limit <n>", t`the most to list`, wholeNumber(1), 50)
    .option("--json", t`as JSON`)
    .action(async () => {
      const options = command.optsWithGlobals<EventsCommandOptions>();
      const { config } = await readSettings(options);
      const types = parseTypes(options.type ?? "");
      const { session: sessionId, text, before, limit } = options;
      await withReader(config.database, (reader) => {
        if (sessionId !== undefined) sessionOf(reader, sessionId);
        printList(reader.events({ sessionId, types, text, before, limit }).reverse(), {
          json: options.json ?? false,
          headings: [t`ID`, t`SESSION`, t`TIME`, t`EVENT`],
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
