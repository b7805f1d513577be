/** Names of emoji in a language, from Unicode's CLDR. The name of a flag is its country. */
// A static import, so that Deno downloads the library before the first emoji arrives.
import english from "cldr-annotations-full/annotations/en/annotations.json" with { type: "json" };

/** null when the emoji has no name. */
export type EmojiNames = (emoji: string) => string | null;

type Annotations = Record<string, { tts?: string[] }>;

const loaded = new Map<string, Promise<Annotations>>([[
  "en",
  Promise.resolve(english.annotations.annotations),
]]);
const skinTone = /[\u{1f3fb}-\u{1f3ff}]/gu;
const variationSelector = /\ufe0f/gu;
const regionalLetter = 0x1f1e6;

/** Falls back to English names if the language has none. `language` is a BCP 47 tag. */
export async function emojiNamesOf(language: string): Promise<EmojiNames> {
  const names = await annotationsOf(language) ?? await annotationsOf("en") ?? {};
  const nameOf = (emoji: string): string | null => {
    const bare = emoji.replace(variationSelector, "");
    return names[bare]?.tts?.[0] ?? names[bare.replace(skinTone, "")]?.tts?.[0] ?? null;
  };
  return (emoji) => {
    const whole = nameOf(emoji) ?? countryOf(emoji, language) ?? keyOf(emoji);
    if (whole !== null) return whole;
    // A family without a name gets the names of its members.
    const parts = emoji.split("\u200d").map(nameOf).filter((name) => name !== null);
    return parts.length === 0 ? null : parts.join(" ");
  };
}

async function annotationsOf(language: string): Promise<Annotations | null> {
  const code = new Intl.Locale(language).language;
  const folder = code === "nb" ? "no" : code;
  if (!loaded.has(folder)) loaded.set(folder, load(folder));
  try {
    return await loaded.get(folder) as Annotations;
  } catch {
    return null;
  }
}

async function load(folder: string): Promise<Annotations> {
  const path = `cldr-annotations-full/annotations/${folder}/annotations.json`;
  const { default: file } = await import(path, { with: { type: "json" } });
  return file.annotations.annotations;
}

function countryOf(emoji: string, language: string): string | null {
  const letters = [...emoji].map((letter) => (letter.codePointAt(0) ?? 0) - regionalLetter);
  if (letters.length !== 2 || letters.some((letter) => letter < 0 || letter > 25)) return null;
  const code = letters.map((letter) => String.fromCharCode(65 + letter)).join("");
  const name = new Intl.DisplayNames([language, "en"], { type: "region" }).of(code) ?? code;
  return name === code ? null : name;
}

/** The digit of a keycap emoji. */
function keyOf(emoji: string): string | null {
  return emoji.match(/^([0-9#*])\ufe0f?\u20e3$/u)?.[1] ?? null;
}
