import { type Command, Option } from "commander";
import { type GiftOrder, giftOrders, giftsWith, sortedGifts } from "../gift.ts";
import { nearestName } from "../nearest_names.ts";
import { wholeNumber } from "./options.ts";
import { withReader } from "./reading.ts";
import { type GlobalOptions, readSettings } from "./settings.ts";
import { dateTime, print, printList } from "./table.ts";

interface GiftsCommandOptions extends GlobalOptions {
  search?: string;
  sort: GiftOrder;
  limit?: number;
  json?: boolean;
}

/** `gifts`: lists the gifts that were seen in all lives. */
export function addGifts(program: Command): void {
  const sort = new Option("--sort <order>", "in which order").choices(giftOrders).default("count");
  const command = program.command("gifts")
    .description("list all gifts that were seen, over all lives")
    .option("--search <text>", "only with this text in the name, or with this id")
    .addOption(sort)
    .option("--limit <n>", "the most to list", wholeNumber(1))
    .option("--json", "as JSON")
    .action(async () => {
      const { search = "", sort, limit, json = false, ...options } = command.optsWithGlobals<
        GiftsCommandOptions
      >();
      const { config } = await readSettings(options);
      await withReader(config.database, (reader) => {
        const seen = reader.gifts();
        const found = sortedGifts(giftsWith(seen, search), sort).slice(0, limit);
        if (found.length === 0 && !json) return print(noGift(search, seen.map(({ name }) => name)));
        printList(found, {
          json,
          headings: ["ID", "NAME", "DIAMONDS", "SEEN", "FIRST", "LAST", "PICTURE"],
          columns: ({ id, name, diamonds, count, firstAt, lastAt, imageUrl }) => [
            String(id),
            name,
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
    return "No gift has been seen yet. Gifts appear here as viewers send them in your lives.";
  }
  const near = nearestName(search, names);
  return `No gift that was seen has ${JSON.stringify(search)} in its name.${
    near === null ? "" : ` Did you mean ${near}?`
  }`;
}
