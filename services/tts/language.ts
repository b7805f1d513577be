/** The language of a whole text: by its script, and where a script has several languages by the letters it uses. */
import { detectAll } from "tinyld";

export interface LanguageOptions {
  /** Codes as "es": no other language is answered. */
  among: readonly string[];
  /** Of these, which the streamer and TikTok name, one is taken where it is nearly as probable as the first. */
  likely: readonly string[];
}

/** Scripts that tell the language. Where kana stand among Han, the text is Japanese. */
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

/** Scripts of several languages, with those that people write in a chat, and tinyld knows. */
const languagesOfScript: Record<string, readonly string[]> = {
  Latn: "en es pt fr de it nl tr id vi pl sv da no fi is ga cs sk hu ro hr lt lv et tl".split(" "),
  Cyrl: "ru uk bg be sr mk kk mn tt".split(" "),
  Arab: "ar fa ur".split(" "),
  Deva: "hi mr".split(" "),
};

const isKana = /[\p{sc=Hiragana}\p{sc=Katakana}]/u;
const scripts = [...Object.keys(languageOfScript), ...Object.keys(languagesOfScript)];
const letters = new Map(scripts.map((script) => [script, lettersOf(script)]));
/** A likely language may be so much less probable than the first, and is taken. */
const nearlyAsProbable = 0.6;
/** Fewer letters than these tell nothing, where none of them has a sign on it and no word is one language's alone. */
const fewLetters = 12;
const wordLetters = 5;
/** tinyld's codes that differ from those of BCP 47. */
const codes: Record<string, string> = { no: "nb", tl: "fil" };
/** Of the letters so many are looked at: more tell no more. */
const mostLetters = 500;

/** A code as "es"; null where nothing speaks for one language more than for another. */
export function languageOf(text: string, { among, likely }: LanguageOptions): string | null {
  const start = text.slice(0, mostLetters);
  const script = scriptOf(start);
  if (script === null) return null;
  const only = languageOfScript[script];
  if (only !== undefined) return among.includes(only) ? only : null;
  const own = languagesOfScript[script] ?? [];
  const words = start.replace(/[^\p{L}\p{M}'’]+/gu, " ").trim();
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

/** Signs that stand for a syllable or a word weigh more than letters. */
const weights: Record<string, number> = { Hani: 3, Kana: 2, Hang: 2 };

/** The script that most of the text is of; null without a letter of a script that is known. */
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
