/** Chooses the voice of a text and its delivery, by the rule, the viewer, the role and the text's language. */
import { t } from "livecue/language";
import type { User, UserRole } from "livecue/service";
import { z } from "zod";
import { bestVoice, voiceNamed } from "./best_voice.ts";
import { type EngineName, type Engines, engineSchema } from "./engine.ts";
import { languageOf } from "./language.ts";
import type { Delivery, Voice } from "./speech.ts";

const factor = z.number().min(0.5).max(2).optional();
const voiceName = z.string().trim().min(1, "is empty: leave it out, or name a voice");

/** A voice's name, or an object that also has its delivery. The next setting in order fills in what is missing. */
export const voiceSchema = z.union([
  voiceName.transform((voice): VoiceSetting => ({ voice, isNameAlone: true })),
  z.strictObject({
    engine: engineSchema.optional(),
    voice: voiceName.optional(),
    rate: factor,
    pitch: factor,
    volume: factor,
  }),
], { error: () => t`expected the name of a voice, or { "voice": "…", "rate": 1.2 }` });

export interface VoiceSetting {
  engine?: EngineName | undefined;
  /** "+f3" alone is the variant f3 of the eSpeak voice that is chosen otherwise. */
  voice?: string | undefined;
  /** The config has "en-us", not { "voice": "en-us" }. */
  isNameAlone?: boolean | undefined;
  rate?: number | undefined;
  pitch?: number | undefined;
  volume?: number | undefined;
}

const languageCode = z.string().regex(/^[a-z]{2,3}$/, 'expected the code of a language, such as "es"');
const roles = ["moderator", "subscriber", "follower"] as const satisfies readonly UserRole[];

/** The voices' part of the service's options. */
export const voiceOptions = {
  /** The voice when no other setting applies. */
  voice: voiceSchema.optional(),
  voices: z.strictObject({
    /** By handle or id. */
    viewers: z.record(z.string(), voiceSchema).default({}),
    roles: z.partialRecord(z.enum(roles), voiceSchema).default({}),
    languages: z.record(languageCode, voiceSchema).default({}),
  }).prefault({}),
  /** Whether a voice of the text's own language speaks it. */
  detect_language: z.boolean().default(true),
};

export interface VoiceOptions {
  engine: EngineName;
  voice?: VoiceSetting | undefined;
  voices: {
    viewers: Record<string, VoiceSetting>;
    roles: Partial<Record<UserRole, VoiceSetting>>;
    languages: Record<string, VoiceSetting>;
  };
  detect_language: boolean;
}

export interface Choice {
  text: string;
  /** The voice of the rule that matched. */
  rule?: VoiceSetting | undefined;
  user?: Pick<User, "id" | "uniqueId" | "roles"> | undefined;
  /** The language that TikTok reports, such as "es"; "" when TikTok reports none. */
  guessedLanguage?: string | undefined;
}

export interface ChosenVoice {
  voice: Voice;
  delivery: Delivery;
}

export class Voices {
  readonly #options: VoiceOptions;
  readonly #voices: ReadonlyMap<EngineName, readonly Voice[]>;
  /** The variants of eSpeak's voices. */
  readonly #variants: readonly string[];
  readonly #viewers: ReadonlyMap<string, VoiceSetting>;
  readonly #byLanguage: ReadonlyMap<string, VoiceSetting>;
  /** The languages that have a voice. */
  readonly #languages: readonly string[];
  /** The voice when no other setting applies. */
  readonly #home: Voice;

  private constructor(
    options: VoiceOptions,
    voices: ReadonlyMap<EngineName, readonly Voice[]>,
    variants: readonly string[],
  ) {
    this.#options = options;
    this.#voices = voices;
    this.#variants = variants;
    const { viewers, languages } = options.voices;
    this.#viewers = new Map(Object.entries(viewers).map(([name, setting]) => [bareHandle(name), setting]));
    this.#byLanguage = new Map(Object.entries(languages).map(([code, setting]) => [codeOf(code), setting]));
    const own = this.#of(options.engine);
    this.#languages = [
      ...new Set([...this.#byLanguage.keys(), ...own.map(({ language }) => codeOf(language))]),
    ];
    this.#home = this.#named(options.voice ?? {}) ?? bestVoice(own, "en") ?? own[0] ?? lastResort;
  }

  /** Lists the voices of each engine that the options or the rules name. */
  static async load(
    options: VoiceOptions,
    engines: Pick<Engines, "usualVoices" | "variants">,
    rules: readonly VoiceSetting[] = [],
  ): Promise<Voices> {
    const settings = [...settingsIn(options).map(({ setting }) => setting), ...rules];
    const names = [...new Set([options.engine, ...settings.map(({ engine }) => engine)])]
      .filter((name) => name !== undefined);
    const lists = await Promise.all(names.map((name) => engines.usualVoices(name)));
    const voices = new Map(names.map((name, index) => [name, lists[index] ?? []]));
    return new Voices(options, voices, await engines.variants("espeak"));
  }

  /** The order of the settings: the rule, the viewer, the role, the language, and `voice` of the options. */
  choose({ text, rule, user, guessedLanguage = "" }: Choice): ChosenVoice {
    const { engine: ownEngine, voice: fallback } = this.#options;
    const language = this.#languageOf(text, guessedLanguage);
    const isHome = language === null || language === codeOf(this.#home.language);
    const first = [
      rule,
      ...this.#settingsOf(user),
      language === null ? undefined : this.#byLanguage.get(language),
    ];
    const settings = [...first, fallback].filter((setting) => setting !== undefined);
    const naming = isHome ? settings : settings.filter((setting) => setting !== fallback);
    const named = naming.find(({ voice }) => voice !== undefined && !isVariant(voice));
    const before = named === undefined ? naming : naming.slice(0, naming.indexOf(named));
    const engine = before.find((setting) => setting.engine !== undefined)?.engine ?? ownEngine;
    const voice = (named && this.#named(named)) ?? this.#speakerOf(language, engine);
    const variant = before.find((setting) => setting.voice !== undefined)?.voice ?? "";
    const settingOf = (key: "rate" | "pitch" | "volume") =>
      settings.find((setting) => setting[key] !== undefined)?.[key] ?? 1;
    return {
      voice: voice.engine === "espeak" ? { ...voice, name: withVariant(voice.name, variant) } : voice,
      delivery: { rate: settingOf("rate"), pitch: settingOf("pitch"), volume: settingOf("volume") },
    };
  }

  /** The voices of the service's engine. */
  get all(): readonly Voice[] {
    return this.#of(this.#options.engine);
  }

  /** The service's engine's voice of this name; undefined when the engine has no such voice. */
  find(name: string): Voice | undefined {
    return this.#listed({ voice: name });
  }

  #languageOf(text: string, guessedLanguage: string): string | null {
    if (!this.#options.detect_language) return null;
    const guessed = guessedLanguage === "" ? [] : [codeOf(guessedLanguage)];
    const likely = [...guessed, codeOf(this.#home.language), ...this.#byLanguage.keys()];
    return languageOf(text, { among: this.#languages, likely });
  }

  #settingsOf(user: Choice["user"]): (VoiceSetting | undefined)[] {
    if (user === undefined) return [];
    const { voices } = this.#options;
    const viewer = this.#viewers.get(bareHandle(user.uniqueId)) ?? this.#viewers.get(user.id);
    return [viewer, ...roles.filter((role) => user.roles.includes(role)).map((role) => voices.roles[role])];
  }

  #speakerOf(language: string | null, engine: EngineName): Voice {
    if (engine === this.#home.engine && (language === null || language === codeOf(this.#home.language))) {
      return this.#home;
    }
    return bestVoice(this.#of(engine), language ?? this.#home.language) ?? this.#home;
  }

  /** A voice of edge does not have to be in the list, because its name contains its language. */
  #named(setting: VoiceSetting): Voice | undefined {
    const { voice: name, engine = this.#options.engine } = setting;
    if (name === undefined || isVariant(name)) return undefined;
    const language = name.split("-").slice(0, 2).join("-");
    return this.#listed(setting) ?? (engine === "edge" ? { engine, name, language } : undefined);
  }

  #listed({ voice = "", engine = this.#options.engine }: VoiceSetting): Voice | undefined {
    const [base = "", variant] = engine === "espeak" ? voice.split("+") : [voice];
    if (variant !== undefined && !this.#variants.includes(variant)) return undefined;
    const found = voiceNamed(this.#of(engine), base);
    return found && { ...found, name: variant === undefined ? found.name : `${found.name}+${variant}` };
  }

  #of(engine: EngineName): readonly Voice[] {
    return this.#voices.get(engine) ?? [];
  }
}

/** A setting with its path in the options. */
export interface PlacedSetting {
  path: (string | number)[];
  setting: VoiceSetting;
}

/** All settings except those of the rules. */
export function settingsIn({ voice, voices }: Pick<VoiceOptions, "voice" | "voices">): PlacedSetting[] {
  const placed = (group: "viewers" | "roles" | "languages") =>
    Object.entries(voices[group]).map(([name, setting]) => ({ path: ["voices", group, name], setting }));
  return [
    ...voice === undefined ? [] : [{ path: ["voice"], setting: voice }],
    ...placed("viewers"),
    ...placed("roles"),
    ...placed("languages"),
  ];
}

const lastResort: Voice = { engine: "espeak", name: "en-us", language: "en-US" };

/** "+f3" is a variant without a voice: it changes the eSpeak voice that is chosen otherwise. */
export function isVariant(voice: string): boolean {
  return voice.startsWith("+");
}

function withVariant(name: string, variant: string): string {
  return isVariant(variant) ? `${name.split("+")[0]}${variant}` : name;
}

function bareHandle(handle: string): string {
  return handle.replace(/^@/, "").toLowerCase();
}

/** The code that `languageOf` uses: "es" for "es-MX", and "nb" for "no". */
function codeOf(language: string): string {
  const code = language.split("-")[0]?.toLowerCase() ?? "";
  try {
    const { language: canonical } = new Intl.Locale(code);
    return canonical === "no" ? "nb" : canonical;
  } catch {
    return code;
  }
}
