/** `viewer forget`: removes what is stored about a viewer, at the viewer's request. */
import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { formatNumber, msg, t, translated } from "../language.ts";
import { runServiceCommand } from "../runner/service_commands.ts";
import type { ServiceConfig } from "../service.ts";
import { forgetViewer } from "../store/forget.ts";
import { UserError } from "../user_error.ts";
import type { Viewer } from "../viewer.ts";
import { openLog } from "./command_log.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { agrees } from "./question.ts";
import { print } from "./table.ts";
import { idOf, namesOf, viewerNamed, withViewers } from "./viewers.ts";

/** The command with which a service forgets a viewer, by the viewer's id. */
const forget = "forget";

const notForgotten = msg(
  "Recordings, exports, reports, backups, demos and the log file are not changed. What others wrote about the viewer stays too. Delete these by hand if they name the viewer.",
);

export function addForget(viewer: Command): void {
  const command = viewer.command("forget")
    .description(t`remove what a viewer wrote and was called, for ever; Livecue must not be running`)
    .argument("<name>", t`a name, a handle, or an id as in the list of the viewers`)
    .option("--yes", t`do not ask`)
    .action(async (name: string) => {
      const options = command.optsWithGlobals<GlobalOptions & { yes?: boolean }>();
      const { config } = await readSettings(options);
      const found: Viewer[] = [];
      await withViewers(config, (reader) => void found.push(viewerNamed(reader, name)));
      const [viewer] = found as [Viewer];
      if (!options.yes && !asks(viewer)) return print(t`Nothing was changed.`);
      // Throws before anything is changed if Livecue is running.
      const { events } = await forgetViewer(config.database, viewer);
      print(
        t`The viewer is forgotten: ${
          formatNumber(events)
        } events have no name, text and id any more, and their counts stay.`,
      );
      await forgetInServices(config, viewer);
      print(translated(notForgotten));
    });
}

function asks(viewer: Viewer): boolean {
  if (!Deno.stdin.isTerminal()) {
    throw new UserError(
      t`viewer forget asks before it changes anything, but there is no terminal. Add --yes.`,
    );
  }
  const [names, id] = [namesOf(viewer), idOf(viewer)];
  return agrees(
    t`Forget ${names}, ${id}, with all comments, names, notes and points? This cannot be undone. Type yes to forget:`,
  );
}

/** Services keep data of their own. Those that can forget do it now, and the others are named. */
async function forgetInServices({ services }: Config, { userId }: Viewer): Promise<void> {
  const { log, stop } = openLog({ isVerbose: false });
  const others: string[] = [];
  try {
    for (const service of services) {
      const call = (command: string | null, args: string[]) =>
        runServiceCommand({
          ...callOf(service),
          command,
          args,
          log: log.named(service.slug),
          print: (text) => print(`${service.slug}: ${text}`),
        });
      const listed = await call(null, []);
      const canForget = listed.kind === "listed" && listed.commands.some(({ name }) => name === forget);
      const end = canForget ? await call(forget, [userId]) : null;
      if (end?.kind !== "completed") others.push(service.slug);
    }
  } finally {
    await stop();
  }
  if (others.length > 0) {
    print(
      t`These services cannot forget a viewer, so files of their own in data/ stay: ${others.join(", ")}.`,
    );
  }
}

function callOf(service: ServiceConfig) {
  const { signal } = new AbortController();
  return {
    service,
    readings: { readings: () => Promise.reject(new Error("no readings are asked for")) },
    isLivecueRunning: false,
    signal,
    givenUp: signal,
    describeOptionMistakes: (mistakes: readonly { message: string }[]) =>
      mistakes.map(({ message }) => message),
    placeOfOption: () => "",
  };
}
