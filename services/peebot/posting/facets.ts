/** Links, hashtags and mentions of a post on Bluesky, which stand beside its text, by their places in UTF-8. */
import { countGraphemes } from "./graphemes.ts";

export interface Facet {
  $type: "app.bsky.richtext.facet";
  index: { byteStart: number; byteEnd: number };
  features: (
    | { $type: "app.bsky.richtext.facet#link"; uri: string }
    | { $type: "app.bsky.richtext.facet#tag"; tag: string }
    | { $type: "app.bsky.richtext.facet#mention"; did: string }
  )[];
}

/** The DID of a handle; null if nobody has it. */
export type Resolve = (handle: string) => Promise<string | null>;

const links = /(?<=^|[\s(])https?:\/\/[^\s<>"]+/gu;
/** A keycap (# with U+FE0F) is no hashtag, nor is a mere number. */
const tags = /(?<=^|\s)#(?!\ufe0f)[^\s#\u00AD\u2060\u200A-\u200D\u20e2]+/gu;
const mentions = /(?<=^|[\s(])@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*/gu;
const maxTagGraphemes = 64;

/** In the order of their places. A handle that nobody has stays plain text. */
export async function facetsOf(text: string, resolve: Resolve): Promise<Facet[]> {
  const facets: Facet[] = [];
  const add = (from: number, shown: string, feature: Facet["features"][number]) => {
    const byteStart = bytesOf(text.slice(0, from));
    const index = { byteStart, byteEnd: byteStart + bytesOf(shown) };
    facets.push({ $type: "app.bsky.richtext.facet", index, features: [feature] });
  };
  for (const { 0: whole, index } of text.matchAll(links)) {
    const uri = withoutPunctuation(whole);
    if (URL.canParse(uri)) add(index, uri, { $type: "app.bsky.richtext.facet#link", uri });
  }
  for (const { 0: whole, index } of text.matchAll(tags)) {
    const tag = withoutPunctuation(whole).slice(1);
    if (!/[^\p{N}\p{P}\p{S}]|\p{Extended_Pictographic}/u.test(tag) || countGraphemes(tag) > maxTagGraphemes) {
      continue;
    }
    add(index, `#${tag}`, { $type: "app.bsky.richtext.facet#tag", tag });
  }
  for (const { 0: whole, index } of text.matchAll(mentions)) {
    const did = await resolve(whole.slice(1));
    if (did !== null) add(index, whole, { $type: "app.bsky.richtext.facet#mention", did });
  }
  return facets.sort((one, other) => one.index.byteStart - other.index.byteStart);
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The punctuation after a link or a hashtag belongs to the sentence. A closing bracket belongs to an opening one. */
function withoutPunctuation(text: string): string {
  const bare = text.replace(/[.,;:!?'"…]+$/u, "");
  return bare.endsWith(")") && !bare.includes("(") ? withoutPunctuation(bare.slice(0, -1)) : bare;
}
