/** A session's events as rows for a spreadsheet. */
import { csvMark, csvRow } from "../csv.ts";
import { describeEvent } from "../describe.ts";
import { addedBy, asEmitted, type LiveEvent, textOf } from "../event.ts";
import { amountText } from "../money.ts";

const headings = [
  "id",
  "time",
  "type",
  "what",
  "nickname",
  "handle",
  "user_id",
  "text",
  "count",
  "gift",
  "diamonds",
  "receiver",
  "amount",
  "currency",
  "is_test",
  "is_history",
  "is_foreign",
];

/** The file row by row, headings first. `count` and `diamonds` are what an event adds, so they can be summed up. */
export function* eventRows(events: Iterable<LiveEvent>): Generator<string> {
  yield csvMark + csvRow(headings);
  for (const event of events) yield csvRow(cellsOf(event));
}

function cellsOf(event: LiveEvent): (string | number | null)[] {
  const { user } = event;
  return [
    event.id,
    new Date(event.createdAt).toISOString(),
    event.type,
    describeEvent(event),
    user.nickname,
    user.uniqueId,
    user.id,
    textOf(event) ?? "",
    asEmitted(event) === null ? addedBy(event) : null,
    ...giftCells(event),
    ...moneyCells(event),
    ...[event.isTest, event.isHistory, event.isForeign].map(Number),
  ];
}

function giftCells(event: LiveEvent): (string | number | null)[] {
  if (event.type !== "GiftEvent") return [null, null, null];
  const { gift: { name, id, diamondCount }, receiver } = event.data;
  const guest = receiver && (receiver.nickname || receiver.uniqueId || receiver.id);
  return [name || `gift ${id}`, addedBy(event) * diamondCount, guest];
}

function moneyCells(event: LiveEvent): (string | number | null)[] {
  switch (event.type) {
    case "DonationEvent":
    case "MembershipEvent":
    case "OrderEvent":
      return [Number(amountText(event.data)), event.data.currency];
    default:
      return [null, null];
  }
}
