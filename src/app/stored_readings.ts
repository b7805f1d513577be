/**
 * The readings of a run, on their way into their own database. That database is opened with the first batch, so a run
 * without readings has none.
 *
 * Batches wait here until they are stored. If too many wait, `add` makes their source wait. While the disk is full or
 * the database is locked, everything waits and nothing is lost. If the database cannot be used for another reason,
 * readings are dropped and counted, and Livecue tries again from time to time; the rest of Livecue goes on.
 */
import { type Clock, sleep } from "../clock.ts";
import { localDatabase } from "../database_address.ts";
import type { Deadline } from "../deadline.ts";
import { msg, t, translated } from "../language.ts";
import type { Log } from "../log/log.ts";
import { latenessMs, type ReadingCounts } from "../reading.ts";
import { emptyAnswer, type ReadingAnswer, type ReadingQuery } from "../reading_query.ts";
import type { Config } from "../config/config.ts";
import { readingsDatabase } from "../readings/file.ts";
import { type IngestResult, maxChannels, type ReadingColumns } from "../readings/ingest.ts";
import type { RetentionDays } from "../readings/retention.ts";
import { type ReaderJobs, ReadingsThread, type WriterJobs } from "../readings/thread.ts";
import type { ReadingBatch } from "../source.ts";
import { type Lock, lockDatabase } from "../store/sqlite/lock.ts";
import { exists } from "../store/new_file.ts";
import { passesLater } from "../store/sqlite/trouble.ts";
import type { Readings } from "./capture_loop.ts";
import { type Arrived, CheckedBatches } from "./checked_batches.ts";
import { ReadingNews } from "./reading_news.ts";
import { explained, sentenceOf } from "./readings_trouble.ts";

export interface StoredReadingsOptions {
  file: string;
  durability: "normal" | "full";
  days: RetentionDays;
  clock: Clock;
  log: Log;
}

/** Fewer waiting readings wait for others, so that few transactions are needed. */
const fullBatch = 2_500;
const longestWaitMs = 500;
const largestBatch = 10_000;
/** With more waiting readings, sources wait. */
const maxWaiting = 20_000;
/** The pause before another try while the disk is full. */
const retryMs = 1_000;
/** How long detectors may take to judge what came before the time of a live's source goes back. */
const judgingMs = { live: 5_000, replay: 600_000 } as const;
const lookMs = 50;
/** The pause before the database is opened again. */
const reopenMs = 60_000;

type Writer = ReadingsThread<WriterJobs>;
interface OpenWriter {
  thread: Writer;
  lock: Lock;
}

const countWords: Readonly<Record<string, string>> = {
  stored: msg("stored"),
  repeated: msg("repeated"),
  late: msg("late"),
  dropped: msg("dropped"),
  wrong: msg("wrong"),
};

export class StoredReadings implements Readings {
  readonly #options: StoredReadingsOptions;
  readonly #checked = new CheckedBatches({ showOnce: (key, sentence) => this.#showOnce(key, sentence) });
  readonly counts: ReadingCounts = {
    stored: 0,
    repeated: 0,
    late: 0,
    wrong: this.#checked.wrong,
    dropped: 0,
  };
  #writer: OpenWriter | null = null;
  #reader: ReadingsThread<ReaderJobs> | null = null;
  readonly #news = new ReadingNews();
  #newsLoaded: Promise<void> | null = null;
  #waiting: Arrived[] = [];
  #waitingCount = 0;
  #hasChannels = false;
  #room: PromiseWithResolvers<void> | null = null;
  #sending: Promise<void> | null = null;
  #cancelTimer: (() => void) | null = null;
  /** By the monotonic clock: until then readings are dropped. */
  #unusableUntil = -Infinity;
  readonly #ending = new AbortController();
  /** Readings that came too late for detectors. */
  #overtakenCount = 0;
  /** The last trouble in the log, not over yet. */
  #trouble: string | null = null;
  readonly #shown = new Set<string>();
  /** Whether a service looks at what was stored before, or will soon. */
  #isJudging = () => false;

  static of(config: Config, options: Pick<StoredReadingsOptions, "clock" | "log">): StoredReadings {
    const { durability, readings: days } = config;
    return new StoredReadings({
      file: readingsDatabase(localDatabase(config)),
      durability,
      days,
      ...options,
    });
  }

  constructor(options: StoredReadingsOptions) {
    this.#options = options;
  }

  /** Before the time of a source goes back, it waits while this is true. */
  judgedWhile(isJudging: () => boolean): void {
    this.#isJudging = isJudging;
  }

  /** There are channels, of this run or of an earlier one. */
  get hasChannels(): boolean {
    return this.#hasChannels ||= exists(this.#options.file);
  }

  /** Takes readings. Returns a promise if their source has to wait before the next ones. */
  add(source: string, batch: ReadingBatch): Promise<void> | null {
    // A silence before the first reading says nothing, and needs no database.
    const isFirst = this.#waiting.length === 0 && this.#sending === null && !this.hasChannels;
    if (batch.readings.length === 0 && isFirst) return null;
    this.#waitingCount += batch.readings.length;
    if (this.#ending.signal.aborted || this.#options.clock.monotonic() < this.#unusableUntil) {
      this.#drop([{ source, batch }]);
      return null;
    }
    this.#waiting.push({ source, batch });
    if (this.#isDue) this.#send();
    else this.#cancelTimer ??= this.#options.clock.after(longestWaitMs, () => this.#send());
    if (this.#waitingCount < maxWaiting) return null;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Readings that came before are not all stored yet: `flushed` waits for them. Throws a `UserError`, or a `RangeError`. */
  async query<Query extends ReadingQuery>(query: Query): Promise<ReadingAnswer<Query>> {
    const { file } = this.#options;
    if (!exists(file)) return emptyAnswer(query) as ReadingAnswer<Query>;
    // After a crash of the thread, another one goes on.
    if (this.#reader?.isOver && !this.#ending.signal.aborted) this.#reader = null;
    this.#reader ??= new ReadingsThread({ entry: "reader_worker.ts", writes: [] });
    try {
      return await this.#reader.ask("query", { file, query }) as ReadingAnswer<Query>;
    } catch (error) {
      throw explained(file, error);
    }
  }

  /** Which readings are stored, and when there are more. Throws as `query` does. */
  async news(): Promise<ReadingNews> {
    this.#newsLoaded ??= this.query({ kind: "times" }).then((times) => {
      // A time that is still to come may be wrong. The source's next readings tell, as those of this run have.
      const now = this.#options.clock.now();
      const earlier = times.filter(({ source, at }) =>
        at <= now + latenessMs && !this.#checked.clocks.has(source)
      );
      this.#news.note(earlier);
    });
    try {
      await this.#newsLoaded;
    } catch (error) {
      this.#newsLoaded = null;
      throw error;
    }
    return this.#news;
  }

  /** Resolves when everything that was added before is stored or counted. */
  async flushed(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== null) {
      this.#send();
      await this.#sending;
    }
  }

  /** Stores what waits, if that succeeds at once, and closes the database. */
  async stop(deadline: Deadline): Promise<void> {
    this.#ending.abort();
    await deadline.wait(t`the readings`, this.flushed());
    await deadline.wait(t`the database of the readings`, this.#closeAll());
    this.#drop(this.#waiting.splice(0));
    this.#logCounts();
  }

  /** The writer closes last, because only the writer can put the write-ahead log into the file. */
  async #closeAll(): Promise<void> {
    await this.#reader?.stop();
    await this.#close();
  }

  #logCounts(): void {
    const { wrong, ...counts } = this.counts;
    const wrongCount = Object.values(wrong).reduce((sum, count) => sum + count, 0);
    const parts = Object.entries({ ...counts, wrong: wrongCount }).filter(([, count]) => count > 0);
    if (parts.length === 0) return;
    const overtaken = this.#overtakenCount === 0
      ? ""
      : ` ${t`${this.#overtakenCount} came too late for detectors.`}`;
    const list = parts.map(([name, count]) => `${count} ${translated(countWords[name] ?? name)}`).join(", ");
    const sentence = t`Readings: ${list}.` + overtaken;
    this.#options.log[counts.dropped > 0 ? "warn" : "info"](sentence);
  }

  /** Starts to store what waits, unless that is in progress. */
  #send(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    if (this.#sending !== null || this.#waiting.length === 0) return;
    this.#sending = this.#store(this.#take()).finally(() => {
      this.#sending = null;
      if (this.#isDue || this.#ending.signal.aborted) this.#send();
      else if (this.#waiting.length > 0) {
        this.#cancelTimer ??= this.#options.clock.after(longestWaitMs, () => this.#send());
      }
    });
  }

  /** Whether enough readings wait, or a sender waits for the last ones to be stored. */
  get #isDue(): boolean {
    return this.#waitingCount >= fullBatch || this.#waiting.some(({ batch }) => batch.isAwaited);
  }

  #take(): Arrived[] {
    let count = 0;
    const end = this.#waiting.findIndex(({ batch }) => (count += batch.readings.length) > largestBatch);
    return this.#waiting.splice(0, end === -1 ? this.#waiting.length : Math.max(1, end));
  }

  /** Stores batches, or drops them. Throws nothing. */
  async #store(arrived: Arrived[]): Promise<void> {
    let parts: ReadingColumns[] | null = null;
    const store = async () => {
      const { thread } = await this.#open();
      parts ??= this.#checked.partsOf(arrived);
      for (let part = parts[0]; part !== undefined; part = parts[0]) {
        if (part.setBack !== undefined) await this.#untilJudged(arrived);
        this.#count(await thread.ask("add", part));
        this.#news.note(part.times ?? []);
        parts.shift();
      }
    };
    // If the file was moved or the thread has crashed, opening it again helps.
    for (const isLastTry of [false, true]) {
      try {
        await this.#patiently(store);
        this.#settle(arrived);
        return;
      } catch (error) {
        await this.#close();
        if (!isLastTry && !this.#ending.signal.aborted) continue;
        this.#unusableUntil = this.#options.clock.monotonic() + reopenMs;
        this.#report(
          `${this.#sentenceOf(error)} ${t`Until then Livecue drops readings; everything else goes on.`}`,
        );
        this.#drop(arrived, parts);
        this.#drop(this.#waiting.splice(0));
        return;
      }
    }
  }

  /**
   * Before a source's time goes back, detectors judge what came before, so that a replay gives what the original gave.
   * A live waits for them only for a moment.
   */
  async #untilJudged(arrived: readonly Arrived[]): Promise<void> {
    const { clock } = this.#options;
    const isReplay = arrived.some(({ batch }) => batch.source !== undefined);
    const until = clock.monotonic() + (isReplay ? judgingMs.replay : judgingMs.live);
    while (this.#isJudging() && clock.monotonic() < until && !this.#ending.signal.aborted) {
      await sleep(clock, lookMs, this.#ending.signal);
    }
  }

  /** Retries while the disk is full or the database is locked, until the run ends. */
  async #patiently<Result>(work: () => Promise<Result>): Promise<Result> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    while (true) {
      const isLastTry = signal.aborted;
      try {
        return await work();
      } catch (error) {
        if (isLastTry || !passesLater(error)) throw error;
        this.#report(`${this.#sentenceOf(error)} ${t`Until then readings wait, and none is lost.`}`);
        await sleep(clock, retryMs, signal);
      }
    }
  }

  async #open(): Promise<OpenWriter> {
    if (this.#writer !== null) return this.#writer;
    const { file, durability, days, log } = this.#options;
    const lock = lockDatabase(file);
    const thread: Writer = new ReadingsThread({
      entry: "writer_worker.ts",
      writes: ["", "-wal", "-shm", "-journal"].map((end) => file + end),
      onTrouble: (error) =>
        this.#showOnce("packing", `${t`Old readings cannot be packed yet.`} ${this.#sentenceOf(error)}`),
    });
    try {
      const times = await thread.ask("open", { file, durability, days });
      const now = this.#options.clock.now();
      for (const time of times) this.#checked.clocks.restore(time, now);
      log.debug(t`The readings are in ${file}.`);
      return this.#writer = { thread, lock };
    } catch (error) {
      await thread.stop();
      lock.release();
      throw error;
    }
  }

  async #close(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.thread.stop();
    writer?.lock.release();
  }

  #count(result: IngestResult): void {
    for (const key of ["stored", "repeated", "late", "dropped"] as const) this.counts[key] += result[key];
    this.#overtakenCount += result.overtaken;
    if (result.overtaken > 0) {
      this.#showOnce(
        "overtaken",
        t`Readings came more than ${
          latenessMs / 1000
        } s after newer ones of their source, or after their source was silent for too long. Livecue stores them, but detectors do not use them. Check the sender's clock, and the source's "silence_seconds".`,
      );
    }
    if (result.late > 0) {
      this.#showOnce(
        "late",
        t`Readings came so late that those of their time are already packed. Livecue only counts them.`,
      );
    }
    if (result.dropped > 0) {
      this.#showOnce(
        "channels",
        t`There are more than ${maxChannels} channels, and Livecue only counts the readings of further ones. Check what the sources send.`,
      );
    }
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#options.log.info(t`Readings are stored again.`);
  }

  #showOnce(key: string, sentence: string): void {
    if (this.#shown.has(key)) return;
    this.#shown.add(key);
    this.#options.log.warn(sentence);
  }

  #report(sentence: string): void {
    if (this.#trouble === sentence) return;
    this.#trouble = sentence;
    this.#options.log.error(`${t`Readings cannot be stored.`} ${sentence}`);
  }

  #sentenceOf(error: unknown): string {
    return sentenceOf(this.#options.file, error) ?? t`This is a bug in Livecue: ${(error as Error).message}.`;
  }

  /** `checked`: the right readings that are not stored yet, if they were checked. */
  #drop(arrived: readonly Arrived[], checked: readonly ReadingColumns[] | null = null): void {
    const count = arrived.reduce((sum, { batch }) => sum + batch.readings.length, 0);
    this.counts.dropped += checked?.reduce((sum, { at }) => sum + at.length, 0) ?? count;
    this.#settle(arrived);
  }

  #settle(arrived: readonly Arrived[]): void {
    for (const { batch } of arrived) {
      this.#waitingCount -= batch.readings.length;
      batch.committed?.();
    }
    if (this.#waitingCount > maxWaiting / 2) return;
    this.#room?.resolve();
    this.#room = null;
  }
}
