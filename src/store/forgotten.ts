/** The values that replace those of a forgotten viewer, in both kinds of database. */

export interface Forgotten {
  /** The id that stands in the viewer's place. */
  pseudonym: string;
  events: number;
  items: number;
}

/** Types whose data has nothing of the person, only counts. Of all other types, the data is removed. */
const countsOnly = ["GiftEvent", "LikeEvent", "JoinEvent", "FollowEvent", "ShareEvent", "SubscribeEvent"];

/** Removed data still has the fields of its type. */
const blanks: Record<string, string> = {
  CommentEvent: '{"comment":"","language":"","emotes":[]}',
  QuestionEvent: '{"question":""}',
  EmoteEvent: '{"emotes":[]}',
  TreasureBoxEvent: '{"diamondCount":0,"recipientCount":0}',
};

/** Of a text alone. */
const texts = ["BarrageEvent", "CaptionEvent", "IntroEvent", "NoticeEvent", "RankEvent"];

/** An id that nobody can lead back to the person. */
export function newPseudonym(): string {
  return `forgotten-${crypto.randomUUID()}`;
}

/** Whether other texts hardly contain the id by chance. */
export function isLong(userId: string): boolean {
  return userId.length >= 6;
}

/**
 * SQL for the data of an event without what the person wrote. `isValid`: SQL for whether it is JSON. `withoutMessage`:
 * SQL for the data of a payment with an empty message.
 */
export function blankData(isValid: string, withoutMessage: string): string {
  const list = (types: readonly string[]) => types.map((type) => `'${type}'`).join(", ");
  const cases = [
    `WHEN event_type IN (${list(countsOnly)}) THEN event_data`,
    ...Object.entries(blanks).map(([type, data]) => `WHEN event_type = '${type}' THEN '${data}'`),
    `WHEN event_type IN (${list(texts)}) THEN '{"text":""}'`,
    `WHEN event_type IN ('DonationEvent', 'OrderEvent') AND ${isValid} THEN ${withoutMessage}`,
    "WHEN event_type = 'MembershipEvent' THEN event_data",
    "WHEN event_type = 'UnknownEvent' THEN event_data",
  ];
  return `CASE ${cases.join(" ")} ELSE '{}' END`;
}
