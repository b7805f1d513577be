/**
 * What Discord accepts at each place of a webhook's message, by its published API. A place is the path to a value
 * without the numbers of lists, for example "embeds[].fields[].value".
 */
import { shortened } from "./shortened.ts";
import { Undelivered } from "./undelivered.ts";

type Values = Record<string, unknown>;

/** In UTF-16 units, of which a text has at least as many as characters. */
const longestTexts: Record<string, number> = {
  "content": 2000,
  "username": 80,
  "thread_name": 100,
  "embeds[].title": 256,
  "embeds[].description": 4096,
  "embeds[].fields[].name": 256,
  "embeds[].fields[].value": 1024,
  "embeds[].footer.text": 2048,
  "embeds[].author.name": 256,
  "poll.question.text": 300,
  "poll.answers[].poll_media.text": 55,
};

/** The texts of all embeds together. */
const longestEmbeds = 6000;

const longestLists: Record<string, number> = { "embeds": 10, "embeds[].fields": 25, "poll.answers": 10 };

/** Discord shows these texts as they are, so an escaped character would appear with its backslash. */
const plainTexts = new Set([
  "username",
  "thread_name",
  "embeds[].footer.text",
  "embeds[].author.name",
  "poll.question.text",
  "poll.answers[].poll_media.text",
]);

/** The part without which Discord refuses the object at this place. */
const neededParts: Record<string, string> = {
  "embeds[].author": "name",
  "embeds[].footer": "text",
  "embeds[].image": "url",
  "embeds[].thumbnail": "url",
};

/** A field needs both texts. Discord accepts and does not show this character. */
const unseen = "\u200b";

/** An embed or a message with none of its parts is empty. */
const partsOfEmbed = ["title", "description", "fields", "image", "thumbnail", "author", "footer"];
const partsOfMessage = ["content", "embeds", "poll", "components", "attachments", "sticker_ids"];

/** Words that Discord forbids in the names of webhooks and users. A dot is put into them. */
const forbiddenWords = /(?:discord|clyde|^everyone$|^here$)/gi;
/** Signs that Discord forbids there, and what looks like them. */
const lookalikes: [sign: string, shown: string][] = [["@", "＠"], ["#", "＃"], [":", "："], ["```", "”"]];

/** Whether this is the address of a Discord webhook, or of a proxy that imitates one. */
export function isDiscord({ pathname }: URL): boolean {
  return /^\/api\/(v\d+\/)?webhooks\/\d+\/[\w-]+\/?$/.test(pathname);
}

export function isPlainInDiscord(place: string): boolean {
  return plainTexts.has(place);
}

/** Fits a message into Discord's limits, and removes empty parts. Throws `Undelivered` if nothing is left. */
export function fitForDiscord(message: unknown): unknown {
  if (!isObject(message)) {
    throw new Undelivered(
      'Discord expects an object as the body, such as { "content": "{user} sent {gift}" }',
    );
  }
  const fitted = fitObject(message, "");
  if (!hasPart(fitted, partsOfMessage)) {
    throw new Undelivered("the message is empty for this event, and Discord accepts no empty message");
  }
  shortenEmbeds(fitted.embeds);
  return fitted;
}

/** Undefined if the value has to be left out. */
function fit(value: unknown, place: string): unknown {
  if (typeof value === "string") return fitText(value, place);
  if (Array.isArray(value)) {
    const parts = value.map((part) => fit(part, `${place}[]`)).filter((part) => part !== undefined);
    return parts.slice(0, longestLists[place] ?? parts.length);
  }
  if (!isObject(value)) return value;
  const fitted = fitObject(value, place);
  const needed = neededParts[place];
  const isIncomplete = needed !== undefined && fitted[needed] === undefined;
  const isEmpty = place === "embeds[]" && !hasPart(fitted, partsOfEmbed);
  return isIncomplete || isEmpty ? undefined : fitted;
}

function fitObject(value: Values, place: string): Values {
  const parts = Object.entries(value).map(([key, part]) => [key, fit(part, place ? `${place}.${key}` : key)]);
  return Object.fromEntries(parts.filter(([, part]) => part !== undefined));
}

function fitText(text: string, place: string): string | undefined {
  const allowed = place === "username" ? allowedName(text) : text;
  if (/[^\s\p{Default_Ignorable_Code_Point}]/v.test(allowed)) {
    return shortened(allowed, longestTexts[place] ?? allowed.length);
  }
  return place.startsWith("embeds[].fields[].") ? unseen : undefined;
}

function allowedName(name: string): string {
  const dotted = name.trim().replace(forbiddenWords, (word) => `${word.charAt(0)}\u00b7${word.slice(1)}`);
  return lookalikes.reduce((allowed, [sign, shown]) => allowed.replaceAll(sign, shown), dotted);
}

/** Shortens the longest texts of embeds until all of them together are short enough. */
function shortenEmbeds(embeds: unknown): void {
  const texts = textsIn(embeds, "embeds").sort((one, other) => other.text.length - one.text.length);
  let surplus = texts.reduce((sum, { text }) => sum + text.length, 0) - longestEmbeds;
  for (const { text, replace } of texts) {
    if (surplus <= 0) return;
    const shorter = shortened(text, Math.max(1, text.length - surplus));
    replace(shorter);
    surplus -= text.length - shorter.length;
  }
}

interface PlacedText {
  text: string;
  replace(text: string): void;
}

/** The texts with a limit of their own. Only these count, not addresses. */
function textsIn(value: unknown, place: string): PlacedText[] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Values;
  return Object.entries(holder).flatMap(([key, part]) => {
    const at = Array.isArray(value) ? `${place}[]` : `${place}.${key}`;
    if (typeof part !== "string") return textsIn(part, at);
    if (longestTexts[at] === undefined) return [];
    return [{ text: part, replace: (text: string) => holder[key] = text }];
  });
}

function hasPart(value: Values, names: string[]): boolean {
  return names.some((name) => {
    const part = value[name];
    return part !== undefined && part !== null && !(Array.isArray(part) && part.length === 0);
  });
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
