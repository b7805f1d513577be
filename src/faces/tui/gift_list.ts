/** The lines of the gifts pane that were read, and what it shows. */
import type { GiftOrder, KnownGift } from "../../gift.ts";
import { emptyWindow, type WindowedList } from "./windowed_list.ts";

export interface GiftList extends WindowedList<KnownGift> {
  /** Only gifts with this text. */
  text: string;
  order: GiftOrder;
  /** Also the gifts of the catalog that were not seen yet. */
  isAll: boolean;
}

export const emptyGiftList: GiftList = { ...emptyWindow, text: "", order: "count", isAll: false };
