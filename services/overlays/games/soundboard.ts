/**
 * A soundboard: named sounds, one after the other. Livecue keeps the queue, and lets exactly one open page play each
 * sound, so that a sound is not heard twice because a second page is open.
 */
import { type LiveEvent, type PaneLine, UserError } from "livecue/service";
import { msg, t } from "livecue/language";
import { simplified } from "livecue/words";
import { z } from "zod";
import { type Game, type Moment, nameIn, type Turn, viewerKeyOf } from "./game.ts";

/** Sounds that pages make themselves, so that a soundboard needs no files. */
export const builtInSounds = [
  "applause",
  "buzzer",
  "drumroll",
  "fanfare",
  "horn",
  "pop",
  "sad",
  "spring",
] as const;

const maxSounds = 100;
/** More viewers than can be in a cooldown at once are forgotten, oldest first. */
const maxViewers = 1000;
/** The pane has four keys for sounds. */
const keyLetters = ["a", "b", "e", "f"];
/** A page has this time to begin, and to say that it has ended. */
const slackMs = 2000;

const nameError = () => t`expected a short name, as "roar"`;
const nameSchema = z.string().trim().min(1, { error: nameError }).max(40, { error: nameError });

const fileSchema = z.string().regex(/^[\w-]+(\.[\w-]+)*\.(?:mp3|ogg|wav)$/i, {
  error: () => t`expected the name of a file in theme_folder that ends in .mp3, .ogg or .wav`,
});

const secondsSchema = z.number().min(0).max(86_400);

export const soundboardOptions = z.strictObject({
  /** Files of the theme folder, by the name of the sound. */
  sounds: z.record(nameSchema, fileSchema).default({}).refine(
    (sounds) => Object.keys(sounds).length <= maxSounds,
    { error: () => t`expected at most ${maxSounds} sounds` },
  ),
  /** Whether Livecue's own sounds are there too. */
  built_in: z.boolean().default(true),
  /** 0 to 1. */
  volume: z.number().min(0).max(1).default(0.6),
  /** A longer sound is cut. */
  max_seconds: z.number().min(0.5).max(300).default(15),
  /** How many sounds wait while one plays. */
  max_waiting: z.int().min(0).max(100).default(10),
  /** Between two sounds that viewers ask for, and between two of the same viewer. */
  cooldown_seconds: secondsSchema.default(0),
  viewer_cooldown_seconds: secondsSchema.default(0),
});

export const soundboardCommand = z.union([
  z.enum(["named", "stop"]),
  z.strictObject({ sound: nameSchema }),
], {
  error: () => t`expected { "sound": "fanfare" }, "named" for the sound that the viewer names, or "stop"`,
});

export type SoundboardOptions = z.output<typeof soundboardOptions>;
/** `ended`: a page has played the sound of this number. */
export type SoundboardCommand = z.output<typeof soundboardCommand> | { ended: number };

interface Asked {
  sound: string;
  by: string;
}

export interface SoundboardState {
  /** The number of the latest sound. */
  number: number;
  playing: (Asked & { number: number; startedAt: number }) | null;
  waiting: Asked[];
  /** When a viewer asked last. Unix milliseconds. */
  askedAt: number | null;
  /** When each viewer asked last, by key, latest last. */
  askedBy: Record<string, number>;
}

export interface SoundboardView {
  sounds: string[];
  volume: number;
  maxMs: number;
  waitingCount: number;
  playing: { number: number; sound: string; file: string; by: string; ageMs: number } | null;
}

declare module "livecue/service" {
  interface EmittedDataByType {
    SoundEvent: { sound: string; by: string };
  }
}

/** The names of all sounds. */
export function soundsOf({ sounds, built_in }: SoundboardOptions): string[] {
  return [...new Set([...Object.keys(sounds), ...(built_in ? builtInSounds : [])])];
}

export class Soundboard implements Game<SoundboardState, SoundboardCommand, SoundboardView> {
  readonly title = msg("Soundboard");
  readonly first: SoundboardState = { number: 0, playing: null, waiting: [], askedAt: null, askedBy: {} };
  readonly keys: readonly { key: string; does: string; command: SoundboardCommand }[];
  readonly isHeldByStops = false;
  readonly #options: SoundboardOptions;
  /** The file of each sound; "" if pages make it. */
  readonly #files: ReadonlyMap<string, string>;
  readonly #canBeHeard: () => boolean;

  /** `canBeHeard`: whether a page is open that plays sounds. */
  constructor(options: SoundboardOptions, canBeHeard: () => boolean) {
    this.#options = options;
    this.#files = new Map(soundsOf(options).map((name) => [name, options.sounds[name] ?? ""]));
    this.#canBeHeard = canBeHeard;
    this.keys = [
      ...[...this.#files.keys()].slice(0, keyLetters.length).map((sound, index) => ({
        key: keyLetters[index] as string,
        does: sound.slice(0, 20),
        command: { sound },
      })),
      { key: "s", does: msg("stop"), command: "stop" },
    ];
  }

  act(state: SoundboardState, command: SoundboardCommand, moment: Moment): Turn<SoundboardState> {
    if (command === "stop") return { state: { ...state, playing: null, waiting: [] } };
    if (command === "named") return this.#ask(state, this.#namedIn(moment), moment);
    if ("sound" in command) return this.#ask(state, command.sound, moment);
    return command.ended === state.playing?.number
      ? this.#next({ ...state, playing: null }, moment.now)
      : { state };
  }

  hear(): null {
    return null;
  }

  dueAt({ playing }: SoundboardState): number | null {
    return playing === null ? null : playing.startedAt + this.#options.max_seconds * 1000 + slackMs;
  }

  /** The page has closed, or plays too long. */
  pass(state: SoundboardState, now: number): Turn<SoundboardState> {
    return this.#next({ ...state, playing: null }, now);
  }

  postpone(state: SoundboardState, byMs: number): SoundboardState {
    const { playing, askedAt, askedBy } = state;
    return {
      ...state,
      playing: playing && { ...playing, startedAt: playing.startedAt + byMs },
      askedAt: askedAt === null ? null : askedAt + byMs,
      askedBy: Object.fromEntries(Object.entries(askedBy).map(([viewer, at]) => [viewer, at + byMs])),
    };
  }

  view({ playing, waiting }: SoundboardState, now: number): SoundboardView {
    const { volume, max_seconds } = this.#options;
    return {
      sounds: [...this.#files.keys()],
      volume,
      maxMs: max_seconds * 1000,
      waitingCount: waiting.length,
      playing: playing && {
        number: playing.number,
        sound: playing.sound,
        file: this.#files.get(playing.sound) ?? "",
        by: playing.by,
        ageMs: Math.max(0, now - playing.startedAt),
      },
    };
  }

  lines({ playing, waiting }: SoundboardState): PaneLine[] {
    return [
      playing === null ? { label: t`silent` } : { label: t`plays`, value: playing.sound },
      { label: t`waiting`, value: String(waiting.length) },
    ];
  }

  #namedIn({ event }: Moment): string {
    const text = event === null ? "" : textBehindCommand(event);
    if (text === "") throw new UserError(t`No sound is named. ${this.#advice}`);
    return text;
  }

  #ask(state: SoundboardState, wanted: string, moment: Moment): Turn<SoundboardState> {
    const sound = [...this.#files.keys()].find((name) => simplified(name) === simplified(wanted));
    if (sound === undefined) {
      throw new UserError(t`There is no sound ${JSON.stringify(wanted.slice(0, 40))}. ${this.#advice}`);
    }
    if (!this.#canBeHeard()) {
      throw new UserError(t`No page plays sounds: open /soundboard in OBS or in a browser.`);
    }
    const { max_waiting } = this.#options;
    if (state.playing !== null && state.waiting.length >= max_waiting) {
      throw new UserError(t`${max_waiting} sounds wait already.`);
    }
    const asked = { sound, by: nameIn(moment) };
    return this.#next({ ...this.#cooled(state, moment), waiting: [...state.waiting, asked] }, moment.now);
  }

  /** Starts the cooldowns. A person and a test have none. */
  #cooled(state: SoundboardState, { event, now }: Moment): SoundboardState {
    if (event === null || event.isTest) return state;
    const { cooldown_seconds, viewer_cooldown_seconds } = this.#options;
    const leftOf = (at: number | null | undefined, seconds: number) =>
      at === null || at === undefined ? 0 : Math.ceil((at + seconds * 1000 - now) / 1000);
    const left = leftOf(state.askedAt, cooldown_seconds);
    if (left > 0) throw new UserError(t`The next sound is possible in ${left} s.`);
    const viewer = viewerKeyOf(event);
    if (viewer === null || viewer_cooldown_seconds === 0) return { ...state, askedAt: now };
    const leftOfViewer = leftOf(state.askedBy[viewer], viewer_cooldown_seconds);
    if (leftOfViewer > 0) throw new UserError(t`This viewer's next sound is possible in ${leftOfViewer} s.`);
    const others = Object.entries(state.askedBy).filter(([key, at]) =>
      key !== viewer && leftOf(at, viewer_cooldown_seconds) > 0
    );
    return {
      ...state,
      askedAt: now,
      askedBy: Object.fromEntries([...others, [viewer, now] as const].slice(-maxViewers)),
    };
  }

  /** Begins the next sound, unless one plays. */
  #next(state: SoundboardState, now: number): Turn<SoundboardState> {
    const [asked, ...waiting] = state.waiting;
    if (state.playing !== null || asked === undefined) return { state };
    const number = state.number + 1;
    return {
      state: { ...state, number, playing: { ...asked, number, startedAt: now }, waiting },
      results: [{ type: "SoundEvent", data: asked }],
    };
  }

  get #advice(): string {
    return this.#files.size === 0
      ? t`Add "sounds" to "soundboard" in the options of overlays.`
      : t`The sounds are ${[...this.#files.keys()].slice(0, 20).join(", ")}.`;
  }
}

/** Of "!sound fanfare", and of what a viewer wrote for points: "fanfare". */
function textBehindCommand(event: LiveEvent): string {
  if (event.type === "CommentEvent") return event.data.comment.trim().replace(/^\S+\s*/u, "");
  const { text } = event.data as { text?: unknown };
  return typeof text === "string" ? text.trim() : "";
}
