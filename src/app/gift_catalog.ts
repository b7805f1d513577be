/** The gifts that Livecue knows before the first live. `gift_catalog.json` says where they are from. */
import type { KnownGift } from "../gift.ts";
import catalog from "./gift_catalog.json" with { type: "json" };

/** These gifts, which were seen, and then those of the catalog with other ids. */
export function withCatalog(seen: readonly KnownGift[]): KnownGift[] {
  const ids = new Set(seen.map(({ id }) => id));
  const others = (catalog.gifts as [id: number, name: string, diamonds: number][]).filter(([id]) =>
    !ids.has(id)
  );
  return [
    ...seen,
    ...others.map(([id, name, diamonds]): KnownGift => ({
      id,
      name,
      diamonds,
      imageUrl: "",
      count: 0,
      firstAt: null,
      lastAt: null,
      earlier: [],
    })),
  ];
}
