/** Gifts, as they were seen in lives. A gift keeps its id when TikTok changes its name or its price. */
import { simplified } from "./words.ts";

export interface KnownGift {
  /** TikTok's id; 0 if the source did not give one. */
  id: number;
  name: string;
  /** The price of one. */
  diamonds: number;
  /** TikTok's address of the picture, which expires; "" if there is none. */
  imageUrl: string;
  /** How many were given. A streak adds its total once. 0: the gift was not seen yet. */
  count: number;
  /** Unix milliseconds; null if it was not seen yet. */
  firstAt: number | null;
  lastAt: number | null;
  /** Other names and prices that it had, the latest first. */
  earlier: { name: string; diamonds: number; lastAt: number }[];
}

/** A gift as it was seen for some time: with one name and one price. */
export interface GiftVariant extends Omit<KnownGift, "earlier"> {
  firstAt: number;
  lastAt: number;
}

export const giftOrders = ["count", "diamonds", "name", "first", "last"] as const;
export type GiftOrder = typeof giftOrders[number];

/** The gifts of these variants, which are in the order of their last time, the latest first. Keeps this order. */
export function giftsOf(variants: readonly GiftVariant[]): KnownGift[] {
  const gifts = new Map<string, KnownGift>();
  for (const variant of variants) {
    const key = variant.id === 0 ? `name ${variant.name}` : String(variant.id);
    const gift = gifts.get(key);
    if (gift === undefined) gifts.set(key, { ...variant, earlier: [] });
    else addEarlier(gift, variant);
  }
  return [...gifts.values()];
}

function addEarlier(
  gift: KnownGift,
  { name, diamonds, imageUrl, count, firstAt, lastAt }: GiftVariant,
): void {
  gift.earlier.push({ name, diamonds, lastAt });
  gift.imageUrl ||= imageUrl;
  gift.count = Math.min(gift.count + count, Number.MAX_SAFE_INTEGER);
  gift.firstAt = Math.min(gift.firstAt ?? firstAt, firstAt);
}

/**
 * The gift with this present name, or else with this id. Ignores case and accents. Of several, the one that was given
 * most often, or else the first. null if there is none.
 */
export function findGift(gifts: readonly KnownGift[], nameOrId: string): KnownGift | null {
  const wanted = simplified(nameOrId);
  const named = gifts.filter(({ name }) => simplified(name) === wanted);
  const found = named.length > 0 ? named : gifts.filter(({ id }) => id !== 0 && String(id) === wanted);
  return found.reduce<KnownGift | null>(
    (best, gift) => best === null || gift.count > best.count ? gift : best,
    null,
  );
}

/** The gifts with this text in a name that they have or had, or with this id. Ignores case and accents. */
export function giftsWith(gifts: readonly KnownGift[], text: string): KnownGift[] {
  const wanted = simplified(text);
  if (wanted === "") return [...gifts];
  return gifts.filter(({ id, name, earlier }) =>
    String(id) === wanted ||
    [name, ...earlier.map(({ name }) => name)].some((each) => simplified(each).includes(wanted))
  );
}

/**
 * The gifts that a person who types this text may mean: those whose present name begins with it before others, and
 * those that were given most often first.
 */
export function giftMatches(gifts: readonly KnownGift[], text: string): KnownGift[] {
  const wanted = simplified(text);
  const begins = (gift: KnownGift) => simplified(gift.name).startsWith(wanted) ? 0 : 1;
  return sortedGifts(giftsWith(gifts, text), "count")
    .filter(({ name }) => name !== "")
    .map((gift) => ({ gift, rank: begins(gift) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ gift }) => gift);
}

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

const comparisons: Record<GiftOrder, (one: KnownGift, other: KnownGift) => number> = {
  count: (one, other) => other.count - one.count,
  diamonds: (one, other) => other.diamonds - one.diamonds,
  name: (one, other) => collator.compare(one.name, other.name),
  first: (one, other) => (one.firstAt ?? Infinity) - (other.firstAt ?? Infinity),
  last: (one, other) => (other.lastAt ?? -1) - (one.lastAt ?? -1),
};

/** The highest first for counts, prices and last times; names and first times in their order. */
export function sortedGifts(gifts: readonly KnownGift[], order: GiftOrder): KnownGift[] {
  const compare = comparisons[order];
  return gifts.toSorted((one, other) =>
    compare(one, other) || comparisons.name(one, other) || one.id - other.id
  );
}
