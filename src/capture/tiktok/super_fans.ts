/**
 * What TikTok's messages say of Super Fans, its subscription since 2025. Several wire forms tell of one thing,
 * and one form of several things; docs/events.md describes all of them.
 */
import type { Phrase } from "./fields.ts";
import type { BodyOf } from "./schema.ts";

/** `envelopeInfo.businessType` of a box of Super Fan subscriptions; 0 where the message does not say. */
const superFanBox = 19;

/** Words in the keys and sub-types of announcements that are about Super Fans, but of nobody who became one. */
const notBecoming = /joined|entrance|entered|upgrade|levelup|box|introduc|expire|anniversary/;
/** Of a message about a box that was given before: as that it is opened. */
const notGiving = /claim|open|receiv|grab|expire/;

/** Whether the announcement is that its user became a Super Fan just now, not that one merely came in. */
export function becomesSuperFan(body: BodyOf<"WebcastBarrageMessage">): boolean {
  const keys = [body.content, body.commonBarrageContent, body.common?.displayText].map(keyOf);
  const subType = bareLetters(body.subType);
  const isOfSuperFans = keys.some((key) => key.includes("ttlivesuperfan"));
  if (!isOfSuperFans && !subType.includes("becomingsuperfan")) return false;
  return ![...keys, subType].some((name) => notBecoming.test(name));
}

/**
 * What an envelope is: an ordinary treasure box, a box of Super Fan subscriptions that is given just now, or a
 * further message about such a box.
 */
export function isSuperFanBox(body: BodyOf<"WebcastEnvelopeMessage">): "no" | "given" | "other" {
  const businessType = Number(body.envelopeInfo?.businessType ?? 0);
  const key = keyOf(body.common?.displayText);
  const isBox = businessType === superFanBox || (businessType === 0 && key.includes("ttlivesuperfanbox"));
  if (!isBox) return "no";
  return notGiving.test(key) ? "other" : "given";
}

function keyOf(phrase: Phrase): string {
  return bareLetters(phrase?.key ?? "");
}

/** "ttlive_superFan" and "ttlive_superfan" are the same: TikTok writes its keys in either way. */
function bareLetters(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
