import { t } from "livecue/language";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { Cache } from "./cache.ts";
import { prune, say, token } from "./commands.ts";
import { Engines } from "./engine.ts";
import { Hls } from "./hls/hls.ts";
import { LiveTimeline } from "./hls/live_timeline.ts";
import { SpeechInVoices } from "./hls/speech_in_voices.ts";
import type { SpokenText, Status } from "./messages.ts";
import type { Options } from "./options.ts";
import { paneLines } from "./pane.ts";
import { isPaid, isSkip, Reading } from "./reading.ts";
import { type Asked, type Refusal, SpeechServer } from "./server.ts";
import { Slots } from "./slots.ts";
import { Speaker } from "./speaker.ts";
import type { NewSpeech, Speech, SpeechStatus, SpokenWord, Voice } from "./speech.ts";
import { type Admission, keepDoor, type MadeSpeech, migrations, Speeches } from "./speeches.ts";
import { type MadeSegment, Synthesis } from "./synthesis.ts";
import { check, voices } from "./voice_commands.ts";
import { Voices } from "./voices.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check, prune, say, token, voices };

/** The most paid texts that wait. The item of another one fails, and the user can put it back. */
const maxPaid = 10_000;
const maxKeptRows = 100_000;
const shownViewers = 8;
/** The texts of the last run that are synthesized at the start. The others wait for their turn. */
const madeAtStart = 200;
const dayMs = 86_400_000;

/** Reads events aloud on the open pages and in the stream. */
export default class Tts extends BaseQueueService<Options> {
  readonly #speeches: Speeches;
  readonly #reading: Reading;
  readonly #slots: Slots;
  readonly #cache: Cache;
  readonly #synthesis: Synthesis;
  readonly #speaker: Speaker;
  readonly #server: SpeechServer;
  readonly #engines: Engines;
  readonly #live = new LiveTimeline();
  /** Set by `onStart`. */
  #voices!: Voices;
  #volume = 1;
  #isMuted = false;
  /** The number of left-out texts that the log has reported. */
  #toldCount = 0;
  #pageCount = 0;
  #begun: { id: number; segments: readonly Promise<MadeSegment>[] } | null = null;

  constructor(context: ServiceContext<Options>) {
    super(context);
    const { max_waiting, stale_seconds, slots, slots_per_viewer, reconnect_seconds, cache_mb, cache_days } =
      this.options;
    this.#speeches = new Speeches(this.database(migrations), {
      maxWaiting: max_waiting,
      maxPaid,
      staleMs: stale_seconds * 1000,
    });
    this.#reading = new Reading(this.options, this.state);
    this.#slots = new Slots({ total: slots, perViewer: slots_per_viewer });
    this.#cache = new Cache({
      folder: join(this.folder, "speech"),
      maxBytes: cache_mb * 1_000_000,
      maxAgeMs: cache_days * dayMs,
      log: this.log,
    });
    this.#engines = new Engines(this.options, { folder: this.configFolder, log: this.log });
    this.#synthesis = new Synthesis({
      slots: this.#slots,
      cache: this.#cache,
      engines: this.#engines,
      signal: this.signal,
    });
    this.#speaker = new Speaker({
      speeches: this.#speeches,
      make: (speech) => this.#make(speech),
      isStreamHeard: () => this.#live.isHeard,
      reconnectMs: reconnect_seconds * 1000,
      log: this.log,
      onBegin: (speech, segments) => this.#begin(speech, segments),
      onSegment: ({ speech: { id, text }, from, to, words }) =>
        this.#server.caption({ id, text, from, to, words: [...words], ageMs: 0 }),
      onEnd: (speech, status) => this.#end(speech, status),
    });
    this.#server = this.#makeServer();
  }

  override async onStart(): Promise<void> {
    const ofRules = this.options.rules.map((rule) => rule.do.voice ?? {});
    this.#voices = await Voices.load(this.options, this.#engines, ofRules);
    void this.#engines.warmUp();
    this.#volume = await this.state.get<number>("volume") ?? 1;
    this.#isMuted = await this.state.get<boolean>("is_muted") ?? false;
    for (const speech of this.#speeches.waiting(madeAtStart)) this.#makeAhead(speech);
    await this.#server.start();
    await this.#keepDoor();
    this.#speaker.start();
    this.every(0.25, () => this.#showPane());
    this.every(60, () => this.#tellLeftOut());
    this.every(600, () => this.#forget());
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (isSkip(event)) {
      this.#speaker.skip();
      return true;
    }
    const line = await this.#reading.lineOf(event, item);
    if (line === null) return true;
    const viewer = {
      id: event.user.id || event.user.uniqueId,
      name: event.user.nickname || event.user.uniqueId,
    };
    const isDiscardable = !isPaid(event);
    await this.#take({
      text: line.text,
      ...this.#voices.choose({
        text: line.written,
        rule: line.action.voice,
        user: event.user,
        guessedLanguage: event.type === "CommentEvent" ? event.data.language : "",
      }),
      priority: item.priority,
      isDiscardable,
      viewer,
      liveEventId: event.id,
    }, { item: `${item.id} ${event.receivedAt}`, isOnce: isDiscardable });
    return true;
  }

  override async onKeyPressed({ key }: { key: string }): Promise<void> {
    if (key === "s") this.#speaker.skip();
    if (key === "m") await this.#setSound({ isMuted: !this.#isMuted });
    this.#showPane();
  }

  override async onStop(): Promise<void> {
    await this.#speaker.stop();
    await this.#server.stop();
  }

  /** Stores the address and the generated token for the commands. A token from the options is not stored. */
  async #keepDoor(): Promise<void> {
    const { token, token_env, token_file } = this.options;
    const isOwn = [token, token_env, token_file].some((given) => given !== undefined);
    keepDoor(this.database(migrations), {
      url: this.#server.url,
      token: isOwn ? "" : await this.#server.programToken(),
    });
  }

  /** Null when the text has nothing that a voice can say, or when `isOnce` is set and the text is a repeat. */
  async #take(
    speech: NewSpeech,
    { item, isOnce }: { item: string | null; isOnce: boolean },
  ): Promise<Admission | null> {
    if (!await this.#synthesis.canSay(speech.text, speech.voice.language)) return null;
    // No await from here on, because the same text may arrive twice at the same time.
    const isRepeat = isOnce && this.#speeches.isRepeated(speech, this.options.repeat_seconds * 1000);
    if (isRepeat) return null;
    const admission = this.#speeches.add(speech, { item });
    const { id, isWaiting } = admission;
    if (isWaiting) this.#makeAhead({ ...speech, id, status: "waiting" });
    this.#speaker.wake();
    return admission;
  }

  /** Synthesizes the text before its turn. */
  #makeAhead(speech: Speech): void {
    this.#make(speech).catch((error) =>
      this.log.debug(`speech ${speech.id} was not synthesized: ${messageOf(error)}`)
    );
  }

  async #make(speech: Speech): Promise<readonly Promise<MadeSegment>[]> {
    const segments = await this.#synthesis.make(speech);
    void Promise.all(segments).then((made) => {
      if (!this.signal.aborted) this.#speeches.keep(speech.id, wholeOf(made, speech.voice));
    }).catch((error) => this.log.debug(`speech ${speech.id} was not synthesized: ${messageOf(error)}`));
    return segments;
  }

  #begin({ id, text }: Speech, segments: readonly Promise<MadeSegment>[]): void {
    this.#begun = { id, segments };
    this.#server.speak({ id, text, segmentCount: segments.length, segment: 0 });
    this.#server.tellStatus();
    if (!this.#isMuted) void this.#live.begin(segments);
  }

  #end({ id }: Speech, status: SpeechStatus): void {
    this.#server.end({ id, status });
    this.#server.tellStatus();
    if (status !== "spoken" && this.#begun?.id === id) this.#live.cut();
  }

  #makeServer(): SpeechServer {
    const speaker = this.#speaker;
    return new SpeechServer(this, {
      status: () => this.#status(),
      interrupted: () => this.#interrupted(),
      openPage: () => {
        this.#pageCount++;
        speaker.openPage();
        this.#server.tellStatus();
      },
      closePage: () => {
        this.#pageCount--;
        speaker.closePage();
        this.#server.tellStatus();
      },
      hear: (id, segment) => speaker.hear(id, segment),
      finish: (id) => speaker.finish(id),
      skip: (id) => speaker.skip(id),
      setVolume: (volume) => this.#setSound({ volume }),
      setMuted: (isMuted) => this.#setSound({ isMuted }),
      ask: (asked) => this.#ask(asked),
      find: (id) => this.#speeches.find(id),
      segment: (id, index) => this.#segment(id, index),
      health: () => this.#health(),
      voices: () => this.#voices.all,
    }, { hls: this.#makeHls().route });
  }

  #makeHls(): Hls {
    const desk = new SpeechInVoices({
      find: (id) => this.#speeches.find(id),
      make: (speech) => this.#synthesis.make(speech),
      voices: () => this.#voices.all,
      findVoice: (name) => this.#voices.find(name),
    });
    return new Hls({ desk, live: this.#live });
  }

  async #ask({ text: written, voice: name, priority, viewer }: Asked): Promise<number | Refusal> {
    const named = name === undefined ? undefined : this.#voices.find(name);
    if (name !== undefined && named === undefined) {
      return {
        status: 400,
        why: t`There is no voice ${JSON.stringify(name)}: "deno task livecue tts voices" lists the voices.`,
      };
    }
    const text = this.#reading.textOf(written);
    const admission = text === null ? null : await this.#take({
      text,
      ...this.#voices.choose({ text, rule: { voice: named?.name } }),
      priority,
      isDiscardable: true,
      viewer: { id: viewer && `outside ${viewer}`, name: viewer },
      liveEventId: null,
    }, { item: null, isOnce: false });
    if (admission === null) return { status: 400, why: t`The text has nothing that a voice can say.` };
    if (admission.isWaiting) return admission.id;
    return { status: 503, why: t`${this.options.max_waiting} texts are already waiting. Try again later.` };
  }

  async #segment(id: number, index: number): Promise<MadeSegment | null> {
    if (this.#begun?.id === id) return await this.#begun.segments[index] ?? null;
    const speech = this.#speeches.find(id);
    return speech === null ? null : await (await this.#synthesis.make(speech))[index] ?? null;
  }

  #interrupted(): SpokenText | null {
    const interrupted = this.#speaker.interrupted;
    if (interrupted === null || this.#begun === null) return null;
    const { speech: { id, text }, segment } = interrupted;
    return { id, text, segmentCount: this.#begun.segments.length, segment };
  }

  #status(): Status {
    const speech = this.#speaker.speaking;
    return {
      volume: this.#volume,
      isMuted: this.#isMuted,
      speaking: speech && { id: speech.id, text: speech.text, name: speech.viewer.name },
      waiting: this.#speeches.waitingCount,
      speakingPages: this.#pageCount,
    };
  }

  #health(): object {
    const { waiting, speaking, speakingPages } = this.#status();
    const { slots: total } = this.options;
    return {
      status: "ok",
      speaking: speaking?.id ?? null,
      waiting,
      pages: speakingPages,
      slots: { used: this.#slots.runningCount, waiting: this.#slots.waitingCount, total },
    };
  }

  async #setSound({ volume = this.#volume, isMuted = this.#isMuted }: Partial<Sound>): Promise<void> {
    this.#volume = volume;
    this.#isMuted = isMuted;
    if (isMuted) this.#live.cut();
    this.#server.tellStatus();
    await Promise.all([this.state.set("volume", volume), this.state.set("is_muted", isMuted)]);
  }

  #showPane(): void {
    this.show({
      title: t`Speech`,
      lines: paneLines({
        said: this.#speaker.said,
        now: performance.now(),
        slots: { running: this.#slots.runningCount, total: this.options.slots },
        waitingCount: this.#speeches.waitingCount,
        waitingByViewer: this.#speeches.waitingByViewer(shownViewers),
        leftOutCount: this.#speeches.leftOutCount,
        pageCount: this.#pageCount,
        volume: this.#volume,
        isMuted: this.#isMuted,
      }),
      keys: [{ key: "s", does: "skip" }, { key: "m", does: this.#isMuted ? "unmute" : "mute" }],
    });
  }

  #tellLeftOut(): void {
    const { leftOutCount } = this.#speeches;
    const count = leftOutCount - this.#toldCount;
    this.#toldCount = leftOutCount;
    if (count === 0) return;
    const { max_waiting, stale_seconds } = this.options;
    this.log.warn(
      t`${count} texts were left out in the last minute, because ${max_waiting} texts were waiting ("max_waiting") or these had waited for ${stale_seconds} s ("stale_seconds")`,
    );
  }

  async #forget(): Promise<void> {
    this.#cache.sweep();
    const bounds = { keptMs: this.options.keep_days * dayMs, maxRows: maxKeptRows };
    while (!this.signal.aborted && this.#speeches.forget(bounds)) await nextTurn();
  }
}

interface Sound {
  volume: number;
  isMuted: boolean;
}

/** Joins the segments. The times of words count from the beginning of the first segment. */
function wholeOf(made: readonly MadeSegment[], asked: Voice): MadeSpeech {
  let durationMs = 0;
  const words: SpokenWord[] = [];
  for (const segment of made) {
    for (const word of segment.words) {
      words.push({ ...word, startMs: durationMs + word.startMs, endMs: durationMs + word.endMs });
    }
    durationMs += segment.durationMs;
  }
  return {
    durationMs,
    words,
    files: made.map(({ name }) => `speech/${name}`),
    voice: made[0]?.voice ?? asked,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
