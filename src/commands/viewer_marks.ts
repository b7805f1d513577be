/** `viewer`: shows one viewer, and `viewer note`, `viewer block` and `viewer unblock`: what a person writes about a viewer, also while Livecue runs. */
import type { Command } from "commander";
import { sleep, systemClock } from "../clock.ts";
import { cleanText } from "../clean_text.ts";
import type { Config } from "../config/config.ts";
import { isPostgresAddress } from "../database_address.ts";
import { formatNumber, t } from "../language.ts";
import { ownerOfDatabase } from "../store/sqlite/lock.ts";
import { MarkBox } from "../store/mark_box.ts";
import { databaseFile } from "../store/sqlite/open.ts";
import { openStore } from "../store/open.ts";
import { UserError } from "../user_error.ts";
import { maxNoteLength, type Viewer, type ViewerMark } from "../viewer.ts";
import { openLog } from "./command_log.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { print } from "./table.ts";
import { addForget } from "./viewer_forget.ts";
import { addViewerShow, namesOf, viewerNamed, withViewers } from "./viewers.ts";

/** A running Livecue looks each second. */
const lookEveryMs = 100;
const longestWaitMs = 5_000;

export function addViewer(program: Command): void {
  const viewer = program.command("viewer")
    .description(t`show a viewer (NAME), or write a note about one, block, unblock or forget one`)
    .helpCommand(false);
  addViewerShow(viewer);
  addNote(viewer);
  for (const isBlocked of [true, false]) addBlock(viewer, isBlocked);
  addForget(viewer);
}

function addNote(viewer: Command): void {
  const note = viewer.command("note")
    .description(t`write a note about a viewer; without a text, remove it`)
    .argument("<name>", t`a name, a handle, or an id as in the list of the viewers`)
    .argument("[text...]", t`the note`)
    .action(async (name: string, words: string[]) => {
      const text = cleanText(words.join(" "), Infinity).trim();
      if (text.length > maxNoteLength) {
        throw new UserError(
          t`A note has at most ${formatNumber(maxNoteLength)} characters, and this one has ${
            formatNumber(text.length)
          }.`,
        );
      }
      const change = { note: text === "" ? null : text };
      await mark(
        note,
        name,
        change,
        (who) => text === "" ? t`${who} has no note now.` : t`${who} has the note: ${text}`,
      );
    });
}

function addBlock(viewer: Command, isBlocked: boolean): void {
  const command = viewer.command(isBlocked ? "block" : "unblock")
    .description(isBlocked ? t`let no service act on a viewer's events` : t`let services act on them again`)
    .argument("<name>", t`a name, a handle, or an id as in the list of the viewers`)
    .action(async (name: string) => {
      await mark(
        command,
        name,
        { isBlocked },
        (who) =>
          isBlocked
            ? t`${who} is blocked: events are stored and shown, and no service gets them.`
            : t`${who} is no longer blocked.`,
      );
    });
}

async function mark(
  command: Command,
  name: string,
  change: Pick<ViewerMark, "note" | "isBlocked">,
  said: (who: string) => string,
): Promise<void> {
  const { config } = await readSettings(command.optsWithGlobals<GlobalOptions>());
  let viewer: Viewer | null = null;
  await withViewers(config, (reader) => void (viewer = viewerNamed(reader, name)));
  const { platform, userId } = viewer! as Viewer;
  const isStored = await store(config, { platform, userId, ...change });
  print(said(namesOf(viewer!)));
  if (!isStored) {
    print(t`The running Livecue has not stored it yet. It does when it can write to its database.`);
  }
}

/** Returns whether it is stored. A running Livecue stores it itself, within a second, unless anyone may write it. */
async function store(config: Config, change: ViewerMark): Promise<boolean> {
  if (isPostgresAddress(config.database)) {
    const { markViewer } = await import("../store/postgres/mark_viewer.ts");
    await markViewer(config.database, change);
    return true;
  }
  const file = databaseFile(config.database);
  const box = new MarkBox(file);
  const isThere = box.leave(change, systemClock.now());
  for (let waitedMs = 0; isThere() && waitedMs < longestWaitMs; waitedMs += lookEveryMs) {
    if (ownerOfDatabase(file) === null) await takeAll(box, config);
    else await sleep(systemClock, lookEveryMs);
  }
  return !isThere();
}

/** Without a running Livecue, this command stores what waits, so that the order stays. */
async function takeAll(box: MarkBox, { database, durability }: Config): Promise<void> {
  const { log, stop } = openLog({ isVerbose: false });
  const owned = await openStore({ address: database, durability, clock: systemClock, log });
  try {
    while (box.take(owned.writer).length > 0) await owned.writer.flush();
  } finally {
    await owned.stop();
    await stop();
  }
}
