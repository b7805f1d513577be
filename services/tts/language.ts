/** Detects the language of a text by its script. If several languages share the script, tinyld decides. */
import { detectAll } from "tinyld";

export interface LanguageOptions {
  /** Codes such as "es". The result is one of these. */
  among: readonly string[];
  /** Languages that the streamer or TikTok names. One of these wins if it is nearly as probable as the first. */
  likely: readonly string[];
}

/** Scripts of one language. A text with both kana and Han is Japanese. */
const languageOfScript: Record<string, string> = {
  Hang: "ko",
  Hani: "zh",
  Kana: "ja",
  Thai: "th",
  Grek: "el",
  Hebr: "he",
  Armn: "hy",
  Geor: "ka",
  Beng: "bn",
  Taml: "ta",
  Telu: "te",
  Knda: "kn",
  Mlym: "ml",
  Gujr: "gu",
  Guru: "pa",
  Khmr: "km",
  Laoo: "lo",
  Mymr: "my",
  Sinh: "si",
  Ethi: "am",
};

/** Scripts of several languages: those that people write in a chat and that tinyld knows. */
const languagesOfScript: Record<string, readonly string[]> = {
  Latn: "en es pt fr de it nl tr id vi pl sv da no fi is ga cs sk hu ro hr lt lv et tl".split(" "),
  Cyrl: "ru uk bg be sr mk kk mn tt".split(" "),
  Arab: "ar fa ur".split(" "),
  Deva: "hi mr".split(" "),
};

const isKana = /[\p{sc=Hiragana}\p{sc=Katakana}]/u;
const scripts = [...Object.keys(languageOfScript), ...Object.keys(languagesOfScript)];
const letters = new Map(scripts.map((script) => [script, lettersOf(script)]));
/** A likely language wins if its probability is at least this share of the first one's. */
const nearlyAsProbable = 0.6;
/** A shorter text without accents tells nothing, unless it has a long word that only one language has. */
const fewLetters = 12;
const wordLetters = 5;
/** tinyld's codes that differ from those of BCP 47. */
const codes: Record<string, string> = { no: "nb", tl: "fil" };
/** Detection reads only the start of a text. A longer start does not improve the result. */
const mostLetters = 500;

/** A code such as "es"; null when the text does not tell its language. */
export function languageOf(text: string, { among, likely }: LanguageOptions): string | null {
  const start = text.slice(0, mostLetters);
  const script = scriptOf(start);
  if (script === null) return null;
  const only = languageOfScript[script];
  if (only !== undefined) return among.includes(only) ? only : null;
  const own = languagesOfScript[script] ?? [];
  // A word that comes again says no more about the language.
  const words = [...new Set(start.toLowerCase().split(/[^\p{L}\p{M}'’]+/u))].join(" ").trim();
  const found = detectAll(words, { only: [...own] })
    .map(({ lang, accuracy }) => ({ code: codes[lang] ?? lang, accuracy }))
    .filter(({ code }) => among.includes(code));
  const fallback = likely.find((code) =>
    among.includes(code) && own.some((one) => (codes[one] ?? one) === code)
  );
  const [first] = found;
  if (first === undefined || (isTooShort(words, first.accuracy) && fallback !== undefined)) {
    return fallback ?? null;
  }
  const preferred = found.find(({ code, accuracy }) =>
    likely.includes(code) && accuracy >= first.accuracy * nearlyAsProbable
  );
  return (preferred ?? first).code;
}

function isTooShort(words: string, accuracy: number): boolean {
  const isOwnWord = accuracy === 1 && words.split(" ").some((word) => word.length >= wordLetters);
  return words.length < fewLetters && /^[A-Za-z' ]*$/.test(words) && !isOwnWord;
}

/** A character for a syllable or a word weighs more than a letter. */
const weights: Record<string, number> = { Hani: 3, Kana: 2, Hang: 2 };

/** The script of most of the text; null when the text has no letter of a known script. */
function scriptOf(text: string): string | null {
  let [script, most]: [string | null, number] = [null, 0];
  for (const [name, pattern] of letters) {
    const weight = (text.match(pattern)?.length ?? 0) * (weights[name] ?? 1);
    if (weight > most) [script, most] = [name, weight];
  }
  return script === "Hani" && isKana.test(text) ? "Kana" : script;
}

function lettersOf(script: string): RegExp {
  if (script === "Kana") return new RegExp(isKana, "gu");
  return new RegExp(`\\p{Script=${script}}`, "gu");
}
