// @ts-check
/** The words of the rule desk's forms, by the path of a field in a rule. */

/** @type {Record<string, [label: string, hint?: string]>} */
const known = {
  "": ["Rule"],
  when: ["When", "The types of event."],
  "when[]": ["Event"],
  sources: ["Only from these sources"],
  "sources[]": ["Source"],
  if: ["If", "All conditions must be true. Without a condition, every such event matches."],
  do: ["Do"],
  "do[]": ["Action"],
  cooldown: ["At most once in"],
  "cooldown.rule_seconds": ["Seconds, for everyone"],
  "cooldown.viewer_seconds": ["Seconds, for each viewer"],
  otherwise: ["Only if no rule above matched"],
  "if.gift": ["Gift is", "By name, or by TikTok's number."],
  "if.gift[]": ["Gift"],
  "if.min_diamonds": ["At least this many diamonds", "Of the gifts together."],
  "if.max_diamonds": ["At most this many diamonds"],
  "if.min_count": ["At least this many", "Gifts, likes, or subscriptions of a box."],
  "if.max_count": ["At most this many"],
  "if.every_count": ["Each time a streak passes another"],
  "if.words": ["Text has one of", "Case and accents do not matter."],
  "if.words[]": ["Word or phrase"],
  "if.pattern": ["Text matches the pattern"],
  "if.role": ["Viewer is"],
  "if.role[]": ["Role"],
  "if.first_time": ["The viewer's first event of this type in the live"],
  "if.receiver": ["Gift is for", '"host", "guest", or a guest\'s name.'],
  "if.receiver[]": ["Receiver"],
  "if.min_amount": ["At least this amount", 'As "5.00", or a whole number in cents.'],
  "if.max_amount": ["At most this amount"],
  "if.currency": ["Currency is"],
  "if.currency[]": ["Currency"],
  "if.returning": ["Viewer was in an earlier live"],
  "if.visits": ["Lives that the viewer was in"],
  "if.total_diamonds": ["Diamonds of the viewer in all lives"],
  "if.data": ["Data of the event"],
  "if.tier": ["Tier is"],
  "if.tier[]": ["Tier"],
};

/** @param {string} path */
export function labelOf(path) {
  const [label] = known[path] ?? [];
  if (label !== undefined) return label;
  const key = path.split(".").at(-1)?.replace("[]", "") ?? "";
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {string} path */
export function hintOf(path) {
  return known[path]?.[1] ?? "";
}

/**
 * A rule in one line, as "Gift, Follow · gift: Rose → action: jump".
 * @param {any} rule
 */
export function summaryOf(rule) {
  const types = [rule.when].flat().map((type) => String(type).replace(/Event$/, ""));
  const parts = [types.join(", "), ...pairsOf(rule.if)];
  if (rule.otherwise === true) parts.push("otherwise");
  return `${parts.join(" · ")} → ${pairsOf(rule.do).join(" · ") || "as usual"}`;
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
  const rest = value.length > maxShown ? ` and ${value.length - maxShown} more` : "";
  return value.slice(0, maxShown).map((each) => typeof each === "object" ? JSON.stringify(each) : each).join(
    ", ",
  ) + rest;
}
