/** Gifts that were seen in lives. A gift keeps its id when TikTok changes its name or its price. */
import { simplified } from "./words.ts";

/** A gift as it was seen for some time: with one name and one price. */
export interface GiftVariant {
  /** TikTok's id; 0 if the source did not give one. */
  id: number;
  name: string;
  /** The price of one. */
  diamonds: number;
  /** TikTok's address of the picture, which expires; "" if there is none. */
  imageUrl: string;
  /** How many were given. A streak adds its total once. */
  count: number;
  /** Unix milliseconds. */
  firstAt: number;
  lastAt: number;
}

/** A gift with its present name, price and picture, and its count over all of its names and prices. */
export interface SeenGift extends GiftVariant {
  /** Other names and prices that it had, the latest first. */
  earlier: { name: string; diamonds: number; lastAt: number }[];
}

export const giftOrders = ["count", "diamonds", "name", "first", "last"] as const;
export type GiftOrder = typeof giftOrders[number];

/** The gifts of these variants, which are in the order of their last time, the latest first. Keeps this order. */
export function seenGifts(variants: readonly GiftVariant[]): SeenGift[] {
  const gifts = new Map<string, SeenGift>();
  for (const variant of variants) {
    const key = variant.id === 0 ? `name ${variant.name}` : String(variant.id);
    const gift = gifts.get(key);
    if (gift === undefined) gifts.set(key, { ...variant, earlier: [] });
    else addEarlier(gift, variant);
  }
  return [...gifts.values()];
}

function addEarlier(gift: SeenGift, { name, diamonds, imageUrl, count, firstAt, lastAt }: GiftVariant): void {
  gift.earlier.push({ name, diamonds, lastAt });
  gift.imageUrl ||= imageUrl;
  gift.count = Math.min(gift.count + count, Number.MAX_SAFE_INTEGER);
  gift.firstAt = Math.min(gift.firstAt, firstAt);
}

/** The gifts with this text in a name that they have or had, or with this id. Ignores case and accents. */
export function giftsWith(gifts: readonly SeenGift[], text: string): SeenGift[] {
  const wanted = simplified(text);
  if (wanted === "") return [...gifts];
  return gifts.filter(({ id, name, earlier }) =>
    String(id) === wanted ||
    [name, ...earlier.map(({ name }) => name)].some((each) => simplified(each).includes(wanted))
  );
}

const comparisons: Record<GiftOrder, (one: SeenGift, other: SeenGift) => number> = {
  count: (one, other) => other.count - one.count,
  diamonds: (one, other) => other.diamonds - one.diamonds,
  name: (one, other) => collator.compare(one.name, other.name),
  first: (one, other) => one.firstAt - other.firstAt,
  last: (one, other) => other.lastAt - one.lastAt,
};

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/** The highest first for counts, prices and last times; names and first times in their order. */
export function sortedGifts(gifts: readonly SeenGift[], order: GiftOrder): SeenGift[] {
  const compare = comparisons[order];
  return gifts.toSorted((one, other) =>
    compare(one, other) || comparisons.name(one, other) || one.id - other.id
  );
}
