/**
 * The gifts pane: a part of the reducer, and pure as well. As of the channels, the screen only has the lines that the
 * pane shows.
 */
import type { GiftsPage, Query } from "../../control.ts";
import { giftOrders } from "../../gift.ts";
import { emptyGiftList, type GiftList } from "./gift_list.ts";
import { type Move, stepThrough } from "./list.ts";
import { linesOf } from "./room.ts";
import { only, type ScreenState, type Step, topView } from "./state.ts";
import { emptyForm } from "./test_form.ts";
import { hasLines, moved, selectedLine, withPage } from "./windowed_list.ts";

/** How old the list may become. */
const ageLimitMs = 5_000;
/** An answer comes within this time. */
const answeredWithinMs = 1_000;

export function giftRows(state: ScreenState): number {
  return Math.max(1, linesOf(state, "gifts"));
}

export function moveInGifts(state: ScreenState, move: Move): Step {
  const rows = giftRows(state);
  const next = { ...state, gifts: moved(state.gifts, move, rows) };
  return hasLines(next.gifts, rows) ? only(next) : askGifts(next);
}

/** Shows the gifts with another text, in another order, or of another choice, from the top. */
export function showGifts(
  state: ScreenState,
  changed: Partial<Pick<GiftList, "text" | "order" | "isAll">>,
): Step {
  const { text, order, isAll } = state.gifts;
  return askGifts({ ...state, gifts: { ...emptyGiftList, text, order, isAll, ...changed } });
}

export function nextGiftOrder(state: ScreenState): Step {
  return showGifts(state, { order: stepThrough(giftOrders, state.gifts.order, 1) });
}

function askGifts(state: ScreenState): Step {
  const { text, order, isAll, first } = state.gifts;
  const query: Query = {
    kind: "gifts",
    text,
    order,
    isAll,
    session: shownSession(state),
    first,
    limit: giftRows(state),
  };
  const gifts = { ...state.gifts, askedMs: state.snapshot.takenMs };
  return only({ ...state, gifts }, { kind: "query", query, asked: 0 });
}

function shownSession({ past }: ScreenState): number | null {
  return past?.session.id ?? null;
}

export function withGifts(state: ScreenState, query: Query & { kind: "gifts" }, page: GiftsPage): Step {
  const { gifts } = state;
  const isOfIt = query.text === gifts.text && query.order === gifts.order && query.isAll === gifts.isAll &&
    query.session === shownSession(state);
  if (!isOfIt) return only(state);
  return only({
    ...state,
    gifts: withPage(gifts, { from: query.first, count: page.count, lines: page.lines }),
  });
}

/** Reads what the pane shows again, if it is visible and old. */
export function refreshGifts(state: ScreenState): Step {
  if (topView(state).kind !== "main" || linesOf(state, "gifts") === 0) return only(state);
  const ageMs = state.snapshot.takenMs - state.gifts.askedMs;
  const isIncomplete = !hasLines(state.gifts, giftRows(state)) && ageMs >= answeredWithinMs;
  return ageMs >= ageLimitMs && state.past === null || isIncomplete ? askGifts(state) : only(state);
}

/** Opens the form of a test event with the selected gift. */
export function tryGift(state: ScreenState): Step {
  const gift = selectedLine(state.gifts);
  if (gift === null) return only(state);
  const { source } = state.eventFilter;
  const form = {
    ...emptyForm,
    source,
    field: "amount",
    gift: gift.name,
    giftId: gift.id,
    matches: [gift],
  } as const;
  return only({ ...state, dialog: { kind: "form", form } });
}
