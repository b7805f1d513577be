// @ts-check
/** The words of the rule desk's forms, by the path of a field in a rule. */
import { msg, t, translated } from "/livecue/language.js";

/** @type {Record<string, [label: string, hint?: string]>} */
const known = {
  "": [msg("Rule")],
  when: [msg("When"), msg("The types of event.")],
  "when[]": [msg("Event")],
  sources: [msg("Only from these sources")],
  "sources[]": [msg("Source")],
  if: [msg("If"), msg("All conditions must be true. Without a condition, every such event matches.")],
  do: [msg("Do")],
  "do[]": [msg("Action")],
  cooldown: [msg("At most once in")],
  "cooldown.rule_seconds": [msg("Seconds, for everyone")],
  "cooldown.viewer_seconds": [msg("Seconds, for each viewer")],
  otherwise: [msg("Only if no rule above matched")],
  "if.gift": [msg("Gift is"), msg("By name, or by TikTok's number.")],
  "if.gift[]": [msg("Gift")],
  "if.min_diamonds": [msg("At least this many diamonds"), msg("Of the gifts together.")],
  "if.max_diamonds": [msg("At most this many diamonds")],
  "if.min_count": [msg("At least this many"), msg("Gifts, likes, or subscriptions of a box.")],
  "if.max_count": [msg("At most this many")],
  "if.every_count": [msg("Each time a streak passes another")],
  "if.words": [msg("Text has one of"), msg("Case and accents do not matter.")],
  "if.words[]": [msg("Word or phrase")],
  "if.pattern": [msg("Text matches the pattern")],
  "if.role": [msg("Viewer is")],
  "if.role[]": [msg("Role")],
  "if.first_time": [msg("The viewer's first event of this type in the live")],
  "if.receiver": [msg("Gift is for"), msg('"host", "guest", or a guest\'s name.')],
  "if.receiver[]": [msg("Receiver")],
  "if.min_amount": [msg("At least this amount"), msg('As "5.00", or a whole number in cents.')],
  "if.max_amount": [msg("At most this amount")],
  "if.currency": [msg("Currency is")],
  "if.currency[]": [msg("Currency")],
  "if.returning": [msg("Viewer was in an earlier live")],
  "if.visits": [msg("Lives that the viewer was in")],
  "if.total_diamonds": [msg("Diamonds of the viewer in all lives")],
  "if.data": [msg("Data of the event")],
  "if.tier": [msg("Tier is")],
  "if.tier[]": [msg("Tier")],
};

/** The names of Livecue's types of event. */
const typeNames = {
  DonationEvent: msg("Donation"),
  MembershipEvent: msg("Membership"),
  OrderEvent: msg("Order"),
  GiftEvent: msg("Gift"),
  SubscribeEvent: msg("Subscribe"),
  FollowEvent: msg("Follow"),
  ShareEvent: msg("Share"),
  CommentEvent: msg("Comment"),
  LikeEvent: msg("Like"),
  JoinEvent: msg("Join"),
  ViewerCountEvent: msg("ViewerCount"),
  EmoteEvent: msg("Emote"),
  QuestionEvent: msg("Question"),
  TreasureBoxEvent: msg("TreasureBox"),
  GoalEvent: msg("Goal"),
  BarrageEvent: msg("Barrage"),
  CaptionEvent: msg("Caption"),
  IntroEvent: msg("Intro"),
  NoticeEvent: msg("Notice"),
  PinEvent: msg("Pin"),
  RankEvent: msg("Rank"),
  PollEvent: msg("Poll"),
  BattleEvent: msg("Battle"),
  StreamPauseEvent: msg("StreamPause"),
  StreamResumeEvent: msg("StreamResume"),
  StreamEndEvent: msg("StreamEnd"),
  UnknownEvent: msg("Unknown"),
};

/** "Gift" for "GiftEvent". @param {string} type */
export function typeName(type) {
  return translated(Reflect.get(typeNames, type) ?? type.replace(/(?<=.)Event$/, ""));
}

/** @param {string} path */
export function labelOf(path) {
  const [label] = known[path] ?? [];
  if (label !== undefined) return translated(label);
  const key = path.split(".").at(-1)?.replace("[]", "") ?? "";
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} path */
export function hintOf(path) {
  return translated(known[path]?.[1] ?? "");
}

/**
 * A rule in one line, as "Gift, Follow · gift: Rose → action: jump".
 * @param {any} rule
 */
export function summaryOf(rule) {
  const types = [rule.when].flat().map((type) => typeName(String(type)));
  const parts = [types.join(", "), ...pairsOf(rule.if)];
  if (rule.otherwise === true) parts.push(t`otherwise`);
  return `${parts.join(" · ")} → ${pairsOf(rule.do).join(" · ") || t`as usual`}`;
}

/** @param {any} value @returns {string[]} */
function pairsOf(value) {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.flatMap(pairsOf);
  if (typeof value !== "object" || value === null) return [String(value)];
  return Object.entries(value).map(([key, each]) => {
    const name = key.replaceAll("_", " ");
    return `${name}: ${shown(each)}`;
  });
}

/** The most that a line shows of a list. */
const maxShown = 4;

/** @param {unknown} value */
function shown(value) {
  if (!Array.isArray(value)) return typeof value === "object" ? JSON.stringify(value) : String(value);
  const rest = value.length > maxShown ? ` ${t`and ${value.length - maxShown} more`}` : "";
  return value.slice(0, maxShown).map((each) => typeof each === "object" ? JSON.stringify(each) : each).join(
    ", ",
  ) + rest;
}
