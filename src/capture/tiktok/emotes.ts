/** The emotes in comments: TikTok sends them separately from the text, each with its position. */
import type { Emote } from "../../event.ts";
import { cleanText } from "../../clean_text.ts";
import { idOf, imageUrl, maxListLength, maxTextLength } from "./fields.ts";
import type { BodyOf } from "./schema.ts";

type PlacedEmote = BodyOf<"WebcastChatMessage">["emotes"][number];
type SentEmote = NonNullable<PlacedEmote["emote"]>;

/** A cleaned text has no more UTF-16 units, so higher positions are cut to this. */
const maxUnits = maxTextLength * 8;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** The emotes of a message with only emotes, which have no positions. */
export function emotesOf(emotes: readonly SentEmote[]): { id: string; imageUrl: string }[] {
  return emotes.slice(0, maxListLength).map(pictureOf);
}

/** The emotes in order of their positions in `comment`, which is `content` after cleaning. */
export function placedEmotes(emotes: readonly PlacedEmote[], content: string, comment: string): Emote[] {
  const places = new Map<number, number>();
  const placeOf = (index: number): number => {
    const known = places.get(index);
    if (known !== undefined) return known;
    const place = placeIn(comment, content, index);
    places.set(index, place);
    return place;
  };
  return emotes.slice(0, maxListLength)
    .map(({ index, emote }) => ({ ...pictureOf(emote), at: placeOf(Math.min(Math.max(0, index), maxUnits)) }))
    .toSorted((one, other) => one.at - other.at);
}

function pictureOf(emote: SentEmote | undefined): { id: string; imageUrl: string } {
  return { id: idOf(emote?.emoteId), imageUrl: imageUrl(emote?.image) };
}

/** The position in `comment` of the character at `index` in `content`, never inside a grapheme. */
function placeIn(comment: string, content: string, index: number): number {
  const before = comment === content ? index : cleanText(content.slice(0, index), maxTextLength).length;
  if (before >= comment.length) return comment.length;
  return graphemes.segment(comment).containing(before)?.index ?? 0;
}
