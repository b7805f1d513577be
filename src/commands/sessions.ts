import type { Command } from "commander";
import { msg, t, translated } from "../language.ts";
import type { StoredSession } from "../store/reader.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, printList } from "./table.ts";

const statusWords: Readonly<Record<StoredSession["status"], string>> = {
  active: msg("active"),
  completed: msg("completed"),
  aborted: msg("aborted"),
};

/** `sessions`: lists the sessions in the database, the latest first. */
export function addSessions(program: Command): void {
  const command = program.command("sessions")
    .description(t`list the sessions, the latest first`)
    .option("--limit <n>", t`the most to list`, wholeNumber(1), 50)
    .option("--json", t`as JSON`)
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions & { limit: number; json?: boolean }>();
      const { config } = await readSettings(options);
      await withReader(config.database, (reader) => {
        printList(reader.sessions({ limit: options.limit }), {
          json: options.json ?? false,
          headings: [t`ID`, t`USER`, t`NAME`, t`SOURCE`, t`STATUS`, t`STARTED`, t`ENDED`, t`WHY`],
          columns: (session) => [
            String(session.id),
            session.username && `@${session.username}`,
            session.name ?? "",
            session.source,
            translated(statusWords[session.status]),
            dateTime(session.startedAt),
            dateTime(session.endedAt),
            session.endReason ?? "",
          ],
        });
      });
    });
}
