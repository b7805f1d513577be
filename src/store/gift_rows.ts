/** The table of the gifts that were seen: a row for each name and price that a gift had. */
import { cleanLine, cleanName } from "../clean_text.ts";
import { giftsOf, type GiftVariant, type KnownGift } from "../gift.ts";
import { boundedText, momentIn, numberIn, textIn } from "./columns.ts";
import type { Query } from "./query.ts";

interface GiftRow {
  gift_id: number;
  name: string;
  diamonds: number;
  image_url: string;
  count: number;
  first_seen_at: number;
  last_seen_at: number;
}

/** TikTok has some thousand gifts. A source that makes up names may bring any number. */
const maxRows = 20_000;

/** The gifts that were seen, the latest first; of very many, only the latest. */
export function readGifts(query: Query): KnownGift[] {
  const rows = query.all<GiftRow>(
    `SELECT gift_id, ${boundedText("name")} AS name, diamonds, ${
      boundedText("image_url")
    } AS image_url, count,
      first_seen_at, last_seen_at FROM gift ORDER BY last_seen_at DESC, gift_id, name, diamonds LIMIT ${maxRows}`,
  );
  return giftsOf(rows.map(variantFromRow));
}

function variantFromRow(row: GiftRow): GiftVariant {
  return {
    id: Math.max(0, numberIn(row.gift_id)),
    name: cleanName(textIn(row.name)),
    diamonds: Math.max(0, numberIn(row.diamonds)),
    imageUrl: cleanLine(textIn(row.image_url)),
    count: Math.max(0, numberIn(row.count)),
    firstAt: momentIn(row.first_seen_at),
    lastAt: momentIn(row.last_seen_at),
  };
}
