/**
 * Replays a file as if it happened now: raw recordings, decoded by the same code as a live, and Livecue's own
 * exports. A replay is one session, even if it has several rooms.
 */
import type { Clock } from "../../clock.ts";
import { UserError } from "../../user_error.ts";
import { emittedTypeOf, ExportedEvents, type Parsed, parseHeader } from "./exported.ts";
import { type Line, readLines } from "./lines.ts";
import { Pace } from "./pace.ts";
import { Player } from "./player.ts";
import { Timeline } from "./timeline.ts";
import type {
  CapturedEvent,
  ChannelLabels,
  RawMessage,
  ReadingBatch,
  Source,
  SourceItem,
} from "../../source.ts";
import { parseReadings } from "./recorded_readings.ts";
import { RecordedRoom } from "./recorded_room.ts";
import { cleanName } from "../../clean_text.ts";
import { t } from "../../language.ts";

/** This many unreadable lines are reported individually; the others are counted. */
const maxLineNotices = 5;
const maxMethodLength = 200;
const maxTimeMs = 8.64e15;

export interface ReplayOptions {
  path: string;
  /** 1 as it happened, 2 twice as fast; "max" does not wait. */
  speed: number | "max";
  /** Whether to keep gaps of over 10 s instead of shortening them. */
  keepGaps: boolean;
  clock: Clock;
}

/** Throws a `UserError` if the file cannot be read, so that a typo shows before anything else starts. */
export function createReplaySource(options: ReplayOptions): Source {
  checkFile(options.path);
  const player = new Player({ file: options.path, speed: options.speed, timeline: new Timeline(options) });
  return {
    playback: player,
    name: `replay:${options.path}`,
    traits: {
      type: "replay",
      isLive: false,
      keepsIds: false,
      hasHistory: false,
      keeps: "all",
      isEndless: false,
      hasRooms: false,
      follows: null,
    },
    open: (signal) => new Replay(options, player).run(signal),
  };
}

function checkFile(path: string): void {
  let info: Deno.FileInfo;
  try {
    info = Deno.statSync(path);
  } catch (error) {
    throw cannotReplay(path, error);
  }
  if (info.isDirectory) throw new UserError(t`Cannot replay ${path}: it is a folder. Name a file in it.`);
  if (info.isFile && info.size === 0) throw new UserError(t`Cannot replay ${path}: the file is empty.`);
}

function cannotReplay(path: string, error: unknown): UserError {
  if (error instanceof UserError) return error;
  if (error instanceof Deno.errors.NotFound) {
    return new UserError(t`Cannot replay ${path}: there is no such file. Check its name and folder.`);
  }
  const why = error instanceof Error ? error.message : String(error);
  return new UserError(t`Cannot replay ${path}: it cannot be read (${why}).`);
}

/** The content of a line: the header or an event of an export, or a raw message from TikTok. */
type Entry =
  | { kind: "header"; username: string; roomId: string }
  | { kind: "event"; event: CapturedEvent }
  | { kind: "readings"; batch: ReadingBatch }
  | { kind: "emitted"; type: string }
  | { kind: "raw"; raw: RawMessage }
  /** `problem`: a clause that says what is wrong. */
  | { kind: "unreadable"; problem: string };

type Decoder = typeof import("../tiktok/decode.ts");

class Replay {
  readonly #options: ReplayOptions;
  readonly #player: Player;
  #pace: Pace;
  #exported = new ExportedEvents();
  #decoder: Decoder | null = null;
  /** The host of the first line that names one. */
  #username = "";
  #roomId = "";
  #room: RecordedRoom | null = null;
  /** By the source of the readings. */
  readonly #labels = new Map<string, ChannelLabels>();
  #isOpen = false;
  #startsOver = false;
  #lineCount = 0;
  #readCount = 0;
  #skippedCount = 0;
  readonly #emittedTypes = new Set<string>();

  constructor(options: ReplayOptions, player: Player) {
    this.#options = options;
    this.#player = player;
    this.#pace = new Pace({ ...options, player });
  }

  async *run(signal: AbortSignal): AsyncGenerator<SourceItem> {
    const { path } = this.#options;
    const { timeline } = this.#player;
    if (isRegularFile(path)) await this.#readTimeline(timeline, signal);
    for await (const lines of this.#chunks()) {
      for (const line of lines) {
        if (signal.aborted) return;
        this.#lineCount = line.number;
        if (line.text === "") continue;
        const entry = parseLine(line.text, this.#exported);
        const at = recordedAt(entry);
        if (!timeline.isWhole && at !== null) timeline.note(at);
        // Without a wait where nothing waits: it costs more than a line.
        if (!this.#player.isHurried) yield* this.#pace.waitFor(at, signal);
        if (signal.aborted) return;
        if (this.#player.goesBack) {
          yield* this.#goBack();
          break;
        }
        if (this.#isLeftOut(entry, at)) continue;
        // Loaded with the first raw message, so that replaying an export does not need TikTok's library.
        if (entry.kind === "raw") this.#decoder ??= await import("../tiktok/decode.ts");
        // Not `yield*`, which awaits three times per item. Together with larger reads, a line takes 15.5 µs instead
        // of 20.
        for (const item of this.#play(entry)) yield item;
      }
    }
    if (!signal.aborted) yield* this.#end();
  }

  /** The lines of the file. After a jump back they come from its start again. */
  async *#chunks(): AsyncGenerator<Iterable<Line>> {
    const { path } = this.#options;
    do {
      this.#startsOver = false;
      const chunks = readLines(path);
      try {
        for (let lines = await next(chunks, path); lines !== null; lines = await next(chunks, path)) {
          yield lines;
          if (this.#startsOver) break;
        }
      } finally {
        await chunks.return(undefined);
      }
    } while (this.#startsOver);
  }

  /** Ends the session. What comes again belongs to a new one, as it would otherwise be taken for a repetition. */
  *#goBack(): Generator<SourceItem> {
    this.#player.goBack();
    this.#startsOver = true;
    this.#pace = new Pace({ ...this.#options, player: this.#player });
    this.#exported = new ExportedEvents();
    this.#room = null;
    if (!this.#isOpen) return;
    this.#isOpen = false;
    yield { kind: "end", status: "completed", reason: t`The replay went back.` };
  }

  /** Reads the times of all entries first, because only then the length is known. */
  async #readTimeline(timeline: Timeline, signal: AbortSignal): Promise<void> {
    const exported = new ExportedEvents();
    try {
      for await (const lines of readLines(this.#options.path)) {
        if (signal.aborted) return;
        for (const { text } of lines) {
          const at = text === "" ? null : timeOf(text, exported);
          if (at !== null) timeline.note(at);
        }
      }
      timeline.isWhole = true;
    } catch {
      // Reading the lines to play them tells why.
    }
  }

  /** Whether a jump leaves it out. An entry without a time is where the entries around it are. */
  #isLeftOut(entry: Entry, at: number | null): boolean {
    const isLeftOut = at === null
      ? this.#player.isJumping && entry.kind !== "header"
      : this.#player.leavesOut(at);
    if (isLeftOut) this.#readCount++;
    else if (at !== null) this.#player.play(at);
    return isLeftOut;
  }

  *#skip(problem: string): Generator<SourceItem> {
    this.#skippedCount++;
    if (this.#skippedCount > maxLineNotices) return;
    const text = t`Line ${this.#lineCount} of ${this.#options.path} was skipped: ${problem}.`;
    yield { kind: "notice", text };
  }

  /** Skips emitted events, because the active services emit theirs again. */
  *#skipEmitted(type: string): Generator<SourceItem> {
    if (this.#emittedTypes.has(type)) return;
    this.#emittedTypes.add(type);
    const { path } = this.#options;
    const text =
      t`Line ${this.#lineCount} of ${path} was skipped, as are all lines of its type: services emit ${type}s, and the active services emit them again.`;
    yield { kind: "notice", text };
  }

  *#play(entry: Entry): Generator<SourceItem> {
    if (entry.kind === "unreadable") return yield* this.#skip(entry.problem);
    this.#readCount++;
    switch (entry.kind) {
      case "header":
        this.#username ||= entry.username;
        this.#roomId ||= entry.roomId;
        return;
      case "emitted":
        return yield* this.#skipEmitted(entry.type);
      case "event":
        return yield* this.#emit(entry.event, null, "");
      case "readings":
        this.#username ||= entry.batch.source ?? "";
        yield* this.#open();
        return yield { kind: "readings", batch: this.#labeled(entry.batch) };
      case "raw":
        return yield* this.#decode(entry.raw);
    }
  }

  #labeled(batch: ReadingBatch): ReadingBatch {
    const { source = "" } = batch;
    if (batch.labels !== undefined) this.#labels.set(source, batch.labels);
    const labels = this.#labels.get(source);
    return labels === undefined ? batch : { ...batch, labels };
  }

  *#decode(raw: RawMessage): Generator<SourceItem> {
    this.#username ||= cleanName(raw.streamer);
    const { cleanMethod, decodeEvent } = this.#decoder as Decoder;
    const event = decodeEvent(raw, this.#roomId);
    if (event === "corrupt") yield { kind: "corrupt", method: cleanMethod(raw.method) };
    else yield* this.#emit(event, raw, raw.streamer);
  }

  *#emit(event: CapturedEvent, raw: RawMessage | null, streamer: string): Generator<SourceItem> {
    this.#room ??= new RecordedRoom(this.#roomId);
    const isForeign = this.#room.isForeign(event, streamer);
    if (!this.#isOpen) this.#roomId ||= event.roomId;
    yield* this.#open();
    yield { kind: "event", event: { ...event, isForeign }, raw };
  }

  *#open(): Generator<SourceItem> {
    if (this.#isOpen) return;
    this.#isOpen = true;
    const [username, roomId] = [this.#username, this.#roomId];
    yield { kind: "state", state: { phase: "live", username, roomId, title: "" } };
    yield { kind: "session", username, roomId };
  }

  *#end(): Generator<SourceItem> {
    const { path } = this.#options;
    const unreported = this.#skippedCount - maxLineNotices;
    if (unreported > 0) yield { kind: "notice", text: t`${unreported} more lines of ${path} were skipped.` };
    if (this.#readCount === 0) {
      throw new UserError(
        t`Cannot replay ${path}: none of its ${this.#lineCount} lines is from a recording or an export. "start --record FILE" makes recordings, "export SESSION FILE" makes exports.`,
      );
    }
    const reason = t`The recording ended.`;
    this.#player.end();
    yield { kind: "end", status: "completed", reason };
    yield { kind: "state", state: { phase: "ended", username: this.#username, why: reason } };
  }
}

async function next(chunks: ReturnType<typeof readLines>, path: string) {
  try {
    const { value, done } = await chunks.next();
    return done ? null : value;
  } catch (error) {
    throw cannotReplay(path, error);
  }
}

function isRegularFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** The start of a message as Livecue records it, whose time can be read without the rest of the line. */
const messageStart = /^\{"method":"[^"\\]*","createTime":(\d{1,16}),/;

/** The recorded time of a line. */
function timeOf(text: string | null, exported: ExportedEvents): number | null {
  const quick = text === null ? null : messageStart.exec(text);
  if (quick !== null && Number(quick[1]) <= maxTimeMs) return Number(quick[1]) || null;
  return recordedAt(parseLine(text, exported));
}

/** The recorded time; null if the entry has none. */
function recordedAt(entry: Entry): number | null {
  if (entry.kind === "raw") return entry.raw.createTime;
  if (entry.kind === "readings") return entry.batch.receivedAt;
  return entry.kind === "event" ? entry.event.createdAt : null;
}

function parseLine(text: string | null, exported: ExportedEvents): Entry {
  if (text === null) return { kind: "unreadable", problem: t`it is longer than 8 MB` };
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    return { kind: "unreadable", problem: t`it is not JSON` };
  }
  if (typeof line !== "object" || line === null) {
    return { kind: "unreadable", problem: t`it is not a JSON object` };
  }
  const parsed = parseObject(line, exported);
  return "problem" in parsed ? { kind: "unreadable", ...parsed } : parsed.value;
}

function parseObject(line: object, exported: ExportedEvents): Parsed<Entry> {
  if ("livecue_export" in line) {
    const header = parseHeader(line);
    return "problem" in header ? header : { value: { kind: "header", ...header.value } };
  }
  if ("readings" in line) {
    const batch = parseReadings(line);
    return "problem" in batch ? batch : { value: { kind: "readings", batch: batch.value } };
  }
  if ("type" in line && !("method" in line)) {
    const type = emittedTypeOf(line);
    if (type !== null) return { value: { kind: "emitted", type } };
    const event = exported.parse(line);
    return "problem" in event ? event : { value: { kind: "event", event: event.value } };
  }
  const raw = parseRaw(line);
  return "problem" in raw ? raw : { value: { kind: "raw", raw: raw.value } };
}

function parseRaw(line: object): Parsed<RawMessage> {
  const { method, createTime, streamer, payload } = line as Partial<Record<keyof RawMessage, unknown>>;
  if (typeof method !== "string" || method === "" || method.length > maxMethodLength) {
    return { problem: t`its "method" is missing or not a name` };
  }
  if (createTime !== undefined && createTime !== null && typeof createTime !== "number") {
    return { problem: t`its "createTime" is neither a number nor null` };
  }
  if (streamer !== undefined && typeof streamer !== "string") {
    return { problem: t`its "streamer" is not a text` };
  }
  if (typeof payload !== "string") return { problem: t`its "payload" is missing or not a text` };
  try {
    return {
      value: {
        method,
        createTime: createTime && createTime >= 1 && createTime <= maxTimeMs ? Math.floor(createTime) : null,
        streamer: streamer ?? "",
        payload: Uint8Array.fromBase64(payload),
      },
    };
  } catch {
    return { problem: t`its "payload" is not base64` };
  }
}
