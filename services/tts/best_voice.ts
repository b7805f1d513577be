/** Which of an engine's voices is meant by a name, and which speaks a language as most of its speakers do. */
import type { Voice } from "./speech.ts";

/** Of that name, in any case; a language's code alone, as "zh", names its best voice. */
export function voiceNamed(voices: readonly Voice[], wanted: string): Voice | undefined {
  const bare = wanted.toLowerCase();
  const named = voices.find(({ name }) => name.toLowerCase() === bare);
  return named ?? (/^[a-z]{2,3}$/.test(bare) ? bestVoice(voices, bare) : undefined);
}

/**
 * `language` is a BCP 47 tag: of "es" the voice of Spain, of "es-MX" that of Mexico where there is one. Among equals
 * the first; undefined where no voice speaks it.
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

/** Dialects, and other spellings than the usual one, come last. */
function likenessOf(locale: Intl.Locale, wanted: Intl.Locale): number {
  const isSameRegion = locale.maximize().region === wanted.maximize().region;
  const isSameScript = locale.maximize().script === wanted.maximize().script;
  const isDialect =
    locale.toString() !== [locale.language, locale.script, locale.region].filter(Boolean).join("-");
  return Number(isSameRegion) * 2 + Number(isSameScript) * 4 - Number(isDialect);
}

/** null where it is no tag, as eSpeak's of Klingon. */
function localeOf(language: string): Intl.Locale | null {
  try {
    return new Intl.Locale(language);
  } catch {
    return null;
  }
}
