import type { Command } from "commander";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, printList } from "./table.ts";

/** `sessions`: lists the sessions in the database, the latest first. */
export function addSessions(program: Command): void {
  const command = program.command("sessions")
    .description("list the sessions, the latest first")
    .option("--limit <n>", "the most to list", wholeNumber(1), 50)
    .option("--json", "as JSON")
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions & { limit: number; json?: boolean }>();
      const { config } = await readSettings(options);
      await withReader(config.database, (reader) => {
        printList(reader.sessions({ limit: options.limit }), {
          json: options.json ?? false,
          headings: ["ID", "USER", "NAME", "SOURCE", "STATUS", "STARTED", "ENDED", "WHY"],
          columns: (session) => [
            String(session.id),
            session.username && `@${session.username}`,
            session.name ?? "",
            session.source,
            session.status,
            dateTime(session.startedAt),
            dateTime(session.endedAt),
            session.endReason ?? "",
          ],
        });
      });
    });
}
