/** Finds mistakes in the engines and voices of the options, before the service speaks. */
import { t } from "livecue/language";
import { nearestNames } from "livecue/nearest_names";
import type { OptionsIssue } from "livecue/service";
import { voiceNamed } from "./best_voice.ts";
import { type EngineName, type EngineOptions, Engines } from "./engine.ts";
import type { Voice } from "./speech.ts";
import { isVariant, type PlacedSetting, settingsIn, type VoiceOptions } from "./voices.ts";

type Options = VoiceOptions & EngineOptions;

type Mistake = OptionsIssue & { path: (string | number)[] };

/** `rules` are the settings of the rules. Asks edge's server for its voices if a setting names one of them. */
export async function voiceMistakes(options: Options, rules: readonly PlacedSetting[]): Promise<Mistake[]> {
  const settings = [...settingsIn(options), ...rules];
  const engines = new Engines(options, { folder: ".", log: { info: () => {}, warn: () => {} } });
  try {
    const found = await Promise.all([
      ...engineMistakes(options, settings),
      ...settings.map((setting) => voiceMistake(setting, { options, engines })),
      ...Object.keys(options.voices.languages).map((code) => languageMistake(code, engines)),
    ]);
    return found.filter((mistake) => mistake !== null);
  } finally {
    await engines.close();
  }
}

function engineMistakes(options: Options, settings: readonly PlacedSetting[]): Promise<Mistake | null>[] {
  const named = [
    { engine: options.engine, path: ["engine"] },
    ...settings.map(({ path, setting: { engine } }) => ({ engine, path: [...path, "engine"] })),
  ];
  return named.map(async ({ engine, path }) => {
    const message = engine === undefined ? null : await whyNotAsked(engine, options);
    return message === null ? null : { path, message };
  });
}

/** The reason why the config does not allow the engine; null when it does. */
export async function whyNotAsked(
  engine: EngineName,
  { edge, command }: EngineOptions,
): Promise<string | null> {
  if (engine === "espeak") return null;
  if (engine === "edge") {
    const { hostname, port, protocol } = new URL(edge.url);
    const host = `${hostname}:${port || (/^(?:https|wss)/.test(protocol) ? 443 : 80)}`;
    const { state } = await Deno.permissions.query({ name: "net", host });
    return state === "granted" ? null : t`"edge" needs "net": ["${host}"] in the service's "permissions"`;
  }
  if (command === undefined) {
    return t`"command" needs "command": { "program": …, "voices": … } in the options`;
  }
  const { state } = await Deno.permissions.query({ name: "run", command: command.program });
  const grant = JSON.stringify([command.program]);
  return state === "granted"
    ? null
    : t`there is no program "${command.program}", or "run": ${grant} is missing in the service's "permissions"`;
}

async function voiceMistake(
  { path, setting: { voice, engine: ownEngine, isNameAlone = false } }: PlacedSetting,
  { options, engines }: { options: Options; engines: Engines },
): Promise<Mistake | null> {
  if (voice === undefined) return null;
  const engine = ownEngine ?? options.engine;
  if (engine === "command" && options.command === undefined) return null;
  const message = isVariant(voice)
    ? await variantMistake(voice.slice(1), { engine, engines })
    : await nameMistake(voice, { engine, engines });
  return message === null ? null : { path: isNameAlone ? path : [...path, "voice"], message };
}

async function languageMistake(code: string, engines: Engines): Promise<Mistake | null> {
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const voices = await engines.voices("espeak");
  // Intl does not know the names of a few of eSpeak's languages.
  const isKnown = languageName(names, code) !== undefined || voiceNamed(voices, code) !== undefined;
  const path = ["voices", "languages", code];
  return isKnown ? null : { path, message: unknown(t`language "${code}"`, likeVoices(code, voices)) };
}

interface Where {
  engine: EngineName;
  engines: Engines;
}

async function nameMistake(name: string, { engine, engines }: Where): Promise<string | null> {
  const voices = await engines.voices(engine).catch(() => null);
  // A server that does not answer now is not a mistake in the config.
  if (voices === null) return null;
  const [base = "", variant] = engine === "espeak" ? name.split("+") : [name];
  if (voiceNamed(voices, base) === undefined) {
    return unknown(t`voice "${name}" of ${engine}`, likeVoices(base, voices));
  }
  return variant === undefined ? null : await variantMistake(variant, { engine, engines });
}

async function variantMistake(variant: string, { engine, engines }: Where): Promise<string | null> {
  if (engine !== "espeak") {
    return t`"+${variant}" is a variant of espeak's voices, but the engine here is ${engine}`;
  }
  const variants = await engines.variants(engine);
  if (variants.includes(variant)) return null;
  return unknown(
    t`variant "+${variant}" of espeak's voices`,
    nearestNames(variant, variants).map((name) => `+${name}`),
  );
}

/** Compares the names of voices and the English names of their languages, so that "Spanish" finds "es". */
function likeVoices(wanted: string, voices: readonly Voice[]): string[] {
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  const called = new Map<string, string>();
  for (const { name, language } of voices) {
    for (const known of [name, language, languageName(names, language)]) {
      if (known !== undefined && !called.has(known)) called.set(known, name);
    }
  }
  return [...new Set(nearestNames(wanted, [...called.keys()]).map((known) => called.get(known) as string))];
}

function languageName(names: Intl.DisplayNames, language: string): string | undefined {
  try {
    return names.of(language);
  } catch {
    return undefined;
  }
}

function unknown(what: string, near: readonly string[]): string {
  const quoted = near.map((name) => `"${name}"`);
  const last = quoted.pop();
  if (last === undefined) {
    return t`there is no ${what}. Remove it, and "deno task livecue tts voices" lists all names`;
  }
  const meant = quoted.length === 0 ? last : t`${quoted.join(", ")} or ${last}`;
  return t`there is no ${what}: did you mean ${meant}? Remove it, and "deno task livecue tts voices" lists all names`;
}
