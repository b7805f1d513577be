/**
 * Interprets TikTok's messages about Super Fans, its subscription since 2025. Several messages may report the same
 * thing, and one type of message may report different things. docs/events.md describes all of them.
 */
import type { Phrase } from "./fields.ts";
import type { BodyOf } from "./schema.ts";

/** `envelopeInfo.businessType` of a box of Super Fan subscriptions; 0 if the message does not have it. */
const superFanBox = 19;

/** Words in keys and sub-types of announcements about Super Fans that do not report a new one. */
const notBecoming = /joined|entrance|entered|upgrade|levelup|box|introduc|expire|anniversary/;
/** Words in messages about an earlier box, as when it is opened. */
const notGiving = /claim|open|receiv|grab|expire/;

/** Whether the announcement reports a new Super Fan, and not that a Super Fan joined. */
export function becomesSuperFan(body: BodyOf<"WebcastBarrageMessage">): boolean {
  const keys = [body.content, body.commonBarrageContent, body.common?.displayText].map(keyOf);
  const subType = bareLetters(body.subType);
  const isOfSuperFans = keys.some((key) => key.includes("ttlivesuperfan"));
  if (!isOfSuperFans && !subType.includes("becomingsuperfan")) return false;
  return ![...keys, subType].some((name) => notBecoming.test(name));
}

/**
 * Classifies an envelope: "no" for an ordinary treasure box, "given" for a new box of Super Fan subscriptions,
 * "other" for a later message about such a box.
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

/** TikTok writes its keys in several ways: "ttlive_superFan" and "ttlive_superfan" are the same. */
function bareLetters(name: string): string {
  return name.toLowerCase().replaceAll("_", "");
}
