/** Finds an engine's voice by its name, or by the language it speaks. */
import type { Voice } from "./speech.ts";

/** Ignores upper and lower case. A language's code alone, such as "zh", finds the best voice of that language. */
export function voiceNamed(voices: readonly Voice[], wanted: string): Voice | undefined {
  const bare = wanted.toLowerCase();
  const named = voices.find(({ name }) => name.toLowerCase() === bare);
  return named ?? (/^[a-z]{2,3}$/.test(bare) ? bestVoice(voices, bare) : undefined);
}

/**
 * `language` is a BCP 47 tag: "es" finds the voice of Spain, and "es-MX" the voice of Mexico if there is one. Among
 * equals, the first voice wins. Undefined when no voice speaks the language.
 */
export function bestVoice(voices: readonly Voice[], language: string): Voice | undefined {
  const wanted = localeOf(language);
  if (wanted === null) return undefined;
  const [best] = voices
    .map((voice) => ({ voice, locale: localeOf(voice.language) }))
    .filter(({ locale }) => locale?.language === wanted.language)
    .map(({ voice, locale }) => ({ voice, likeness: likenessOf(locale as Intl.Locale, wanted) }))
    .sort((one, other) => other.likeness - one.likeness);
  return best?.voice;
}

/** Dialects and unusual scripts come last. */
function likenessOf(locale: Intl.Locale, wanted: Intl.Locale): number {
  const isSameRegion = locale.maximize().region === wanted.maximize().region;
  const isSameScript = locale.maximize().script === wanted.maximize().script;
  const isDialect =
    locale.toString() !== [locale.language, locale.script, locale.region].filter(Boolean).join("-");
  return Number(isSameRegion) * 2 + Number(isSameScript) * 4 - Number(isDialect);
}

/** null when the text is not a BCP 47 tag, such as eSpeak's tag of Klingon. */
function localeOf(language: string): Intl.Locale | null {
  try {
    return new Intl.Locale(language);
  } catch {
    return null;
  }
}
