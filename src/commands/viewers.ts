import type { Command } from "commander";
import type { Config } from "../config/config.ts";
import { counted, noun, t } from "../language.ts";
import type { Reader } from "../store/reader.ts";
import type { UsedName } from "../store/viewers.ts";
import { shownTextOf } from "../event.ts";
import { UserError } from "../user_error.ts";
import type { Viewer, ViewerKey } from "../viewer.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, print, printList } from "./table.ts";
import { countUncounted, tellBacklog } from "./uncounted_viewers.ts";

interface ViewersOptions extends GlobalOptions {
  top: number;
  search?: string;
  json?: boolean;
}

/** How many lives and comments of one viewer are listed. */
const listedLives = 10;
const listedComments = 10;

/** `viewers`: lists the viewers of all lives, those who gave the most first. */
export function addViewers(program: Command): void {
  const command = program.command("viewers")
    .description(t`list the viewers of all lives, those who gave the most first`)
    .option("--top <n>", t`the most to list`, wholeNumber(1), 20)
    .option("--search <text>", t`only with this in a name that they have or had`)
    .option("--json", t`as JSON`)
    .action(async () => {
      const { top: limit, search: text, json = false, ...options } = command.optsWithGlobals<
        ViewersOptions
      >();
      const { config } = await readSettings(options);
      await withViewers(config, (reader) => {
        const viewers = reader.viewers.list({ limit, text });
        if (viewers.length === 0 && !json) {
          print(
            text === undefined ? t`No viewer was seen yet.` : t`No viewer has or had "${text}" in a name.`,
          );
          return;
        }
        printViewers(viewers, json);
      });
    });
}

/** `viewer NAME`, or `viewer show NAME`: shows one viewer. */
export function addViewerShow(viewer: Command): void {
  const command = viewer.command("show", { isDefault: true })
    .description(t`show a viewer: sums, lives, last comments, names`)
    .argument("<name>", t`a name, a handle, or an id as in the list of the viewers`)
    .option("--json", t`as JSON`)
    .action(async (name: string) => {
      const { json = false, ...options } = command.optsWithGlobals<GlobalOptions & { json?: boolean }>();
      const { config } = await readSettings(options);
      await withViewers(config, (reader) => printViewer(reader, viewerNamed(reader, name), json));
    });
}

/** The only viewer whom the name means. Throws a `UserError` that lists the others who may be meant. */
export function viewerNamed(reader: Reader, name: string): Viewer {
  const found = reader.viewers.find(name);
  const [viewer] = found;
  if (viewer === undefined) {
    throw new UserError(
      t`No viewer has or had the name "${name}". deno task livecue viewers --search TEXT finds a part of a name.`,
    );
  }
  if (found.length === 1) return viewer;
  throw new UserError(
    t`${found.length} viewers have or had the name "${name}". Give the id of the one you mean: ${
      found.map((each) => `${idOf(each)} (${namesOf(each)}, ${counted(each.diamonds, noun("diamond"))})`)
        .join("; ")
    }.`,
  );
}

/** As "tiktok:6800000000000000001": what `viewer` accepts. */
export function idOf({ platform, userId }: ViewerKey): string {
  return `${platform}:${userId}`;
}

/** "Ana (@ana.live)". */
export function namesOf({ uniqueId, nickname }: Omit<UsedName, "firstSeen">): string {
  if (uniqueId === "") return nickname || t`without a name`;
  return nickname === "" ? `@${uniqueId}` : `${nickname} (@${uniqueId})`;
}

/** Runs `use` with a reader that knows all viewers: events that no running Livecue counts are counted before. */
export async function withViewers(
  config: Config,
  use: (reader: Reader) => Promise<void> | void,
): Promise<void> {
  await countUncounted(config);
  await withReader(config.database, async (reader, opened) => {
    tellBacklog(opened);
    await use(reader);
  });
}

function printViewers(viewers: Viewer[], json: boolean): void {
  printList(viewers, {
    json,
    headings: [
      t`NAME`,
      t`LIVES`,
      t`GIFTS`,
      t`DIAMONDS`,
      t`COMMENTS`,
      t`FIRST SEEN`,
      t`LAST SEEN`,
      t`ID`,
      t`NOTE`,
    ],
    columns: (viewer) => [
      namesOf(viewer),
      String(viewer.lives),
      String(viewer.gifts),
      String(viewer.diamonds),
      String(viewer.comments),
      dateTime(viewer.firstSeen),
      dateTime(viewer.lastSeen),
      idOf(viewer),
      [viewer.isBlocked ? t`blocked` : "", viewer.note ?? ""].filter((part) => part !== "").join(": "),
    ],
  });
}

function printViewer(reader: Reader, viewer: Viewer, json: boolean): void {
  const lives = reader.viewers.livesOf(viewer, json ? 1_000 : listedLives);
  const names = reader.viewers.namesOf(viewer);
  const comments = reader.viewers.commentsOf(viewer, listedComments);
  if (json) {
    const said = comments.map(({ id, createdAt, data }) => ({ id, createdAt, ...data }));
    return print(JSON.stringify({ ...viewer, livesSeen: lives, names, lastComments: said }, null, 2));
  }
  print(`${namesOf(viewer)}, ${idOf(viewer)}${viewer.isBlocked ? `, ${t`blocked`}` : ""}`);
  if (viewer.note !== null) print(t`Note: ${viewer.note}`);
  print(t`First seen ${dateTime(viewer.firstSeen)}, last seen ${dateTime(viewer.lastSeen)}`);
  print(
    t`Lives ${viewer.lives}, gifts ${viewer.gifts}, diamonds ${viewer.diamonds}, comments ${viewer.comments}`,
  );
  const others = names.filter((name) => namesOf(name) !== namesOf(viewer));
  if (others.length > 0) print(t`Also known as ${others.map(namesOf).join(", ")}`);
  if (lives.length === 0) {
    return print(t`The sessions with this viewer were deleted as old; the sums stay.`);
  }
  print(`\n${lives.length < viewer.lives ? t`The last ${lives.length} lives:` : t`Lives:`}`);
  printList(lives, {
    json: false,
    headings: [t`LIVE`, t`OF`, t`FROM`, t`TO`, t`GIFTS`, t`DIAMONDS`, t`COMMENTS`],
    columns: (live) => [
      String(live.liveId),
      live.username && `@${live.username}`,
      dateTime(live.firstSeen),
      dateTime(live.lastSeen),
      String(live.gifts),
      String(live.diamonds),
      String(live.comments),
    ],
  });
  if (comments.length === 0) return;
  print(`\n${t`The last comments, the latest first:`}`);
  for (const event of comments) {
    print(`${dateTime(event.createdAt)}  ${shownTextOf(event)}`);
  }
}
