/** `report`: how a session went, for the terminal, a browser, a spreadsheet or a program. */
import { type Command, Option } from "commander";
import { t } from "../language.ts";
import { reportCsv } from "../report/csv.ts";
import { reportLines, reportTables } from "../report/text.ts";
import { type SessionReport, withoutNames } from "../session_report.ts";
import { makeNewFile } from "../store/new_file.ts";
import { lastSessionId, readReport } from "../store/report.ts";
import { UserError } from "../user_error.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { formatTable, print, write } from "./table.ts";

type Form = "text" | "html" | "json" | "csv";

interface ReportOptions extends GlobalOptions {
  html?: boolean;
  json?: boolean;
  csv?: boolean;
  names: "on" | "off";
  output?: string;
}

export function addReport(program: Command): void {
  const command = program.command("report")
    .description(t`show how a session went: viewers, diamonds, givers, followers, services`)
    .argument("[session]", t`the session's number (default: the last session)`, wholeNumber(1))
    .addOption(new Option("--html", t`as a page with charts, for a browser`).conflicts(["json", "csv"]))
    .addOption(new Option("--json", t`as JSON`).conflicts(["html", "csv"]))
    .addOption(new Option("--csv", t`for a spreadsheet`).conflicts(["html", "json"]))
    .addOption(
      new Option("--names <choice>", t`off: without the names of people`).choices(["on", "off"]).default(
        "on",
      ),
    )
    .option("--output <file>", t`write to this new file`)
    .action(async (sessionId: number | undefined) => {
      const options = command.optsWithGlobals<ReportOptions>();
      const { config } = await readSettings(options);
      const report = await reportOf(config.database, sessionId);
      const form = formOf(options);
      const text = await written(options.names === "off" ? withoutNames(report) : report, form);
      const file = options.output ?? defaultFile(form, report.session.id);
      if (file === null) return void write(text);
      makeNewFile(file, (temporary) => Deno.writeTextFileSync(temporary, text));
      const next = form === "html" ? ` ${t`Open it in a browser.`}` : "";
      print(t`The report of session ${report.session.id} is in ${file}.` + next);
    });
}

/** Throws a `UserError` if there is no such session. */
async function reportOf(address: string, wanted: number | undefined): Promise<SessionReport> {
  let report: SessionReport | null = null;
  await withReader(address, (_, { query, snapshot }) => {
    const sessionId = wanted ?? lastSessionId(query);
    if (sessionId === null) throw new UserError(t`There is no session yet. deno task start captures one.`);
    report = snapshot(() => readReport(query, sessionId));
    if (report !== null) return;
    throw new UserError(t`There is no session ${sessionId}. deno task livecue sessions lists the sessions.`);
  });
  return report as unknown as SessionReport;
}

function formOf({ html, json, csv }: ReportOptions): Form {
  return html ? "html" : json ? "json" : csv ? "csv" : "text";
}

async function written(report: SessionReport, form: Form): Promise<string> {
  switch (form) {
    case "text": {
      const tables = reportTables(report).flatMap((
        { headings, rows },
      ) => ["", ...formatTable(headings, rows)]);
      return `${[...reportLines(report), ...tables].join("\n")}\n`;
    }
    case "html":
      // Contains uPlot, which no other command needs.
      return (await import("../report/page.ts")).reportPage(report);
    case "json":
      return `${JSON.stringify(report, null, 2)}\n`;
    case "csv":
      return reportCsv(report);
  }
}

/** A page is of no use in a terminal; null: print it. */
function defaultFile(form: Form, sessionId: number): string | null {
  return form === "html" && Deno.stdout.isTerminal() ? `report-${sessionId}.html` : null;
}
