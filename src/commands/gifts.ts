import { type Command, Option } from "commander";
import { withCatalog } from "../app/gift_catalog.ts";
import { type GiftOrder, giftOrders, giftsWith, sortedGifts } from "../gift.ts";
import { t } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, print, printList } from "./table.ts";

interface GiftsCommandOptions extends GlobalOptions {
  all?: boolean;
  search?: string;
  sort: GiftOrder;
  limit?: number;
  json?: boolean;
}

/** `gifts`: lists the gifts that were seen in all lives. */
export function addGifts(program: Command): void {
  const sort = new Option("--sort <order>", t`in which order`).choices(giftOrders).default("count");
  const command = program.command("gifts")
    .description(t`list all gifts that were seen, over all lives`)
    .option("--all", t`also the gifts of the catalog that were not seen yet`)
    .option("--search <text>", t`only with this text in the name, or with this id`)
    .addOption(sort)
    .option("--limit <n>", t`the most to list`, wholeNumber(1))
    .option("--json", t`as JSON`)
    .action(async () => {
      const { all = false, search = "", sort, limit, json = false, ...options } = command.optsWithGlobals<
        GiftsCommandOptions
      >();
      const { config } = await readSettings(options);
      await withReader(config.database, (reader) => {
        const gifts = all ? withCatalog(reader.gifts()) : reader.gifts();
        const found = sortedGifts(giftsWith(gifts, search), sort).slice(0, limit);
        if (found.length === 0 && !json) return print(noGift(search, gifts.map(({ name }) => name)));
        printList(found, {
          json,
          headings: [t`ID`, t`NAME`, t`DIAMONDS`, t`SEEN`, t`FIRST`, t`LAST`, t`PICTURE`],
          columns: ({ id, name, diamonds, count, firstAt, lastAt, imageUrl }) => [
            String(id),
            name || "-",
            String(diamonds),
            String(count),
            dateTime(firstAt),
            dateTime(lastAt),
            imageUrl,
          ],
        });
      });
    });
}

function noGift(search: string, names: readonly string[]): string {
  if (names.length === 0) {
    return t`No gift has been seen yet. --all lists the gifts of the catalog, which Livecue knows before.`;
  }
  const near = nearestName(search, names);
  const advice = near === null ? "" : ` ${t`Did you mean ${near}?`}`;
  return t`No gift has ${JSON.stringify(search)} in its name.` + advice;
}
