/**
 * The bounded buffer between a source that pushes readings and the app, which pulls. It sheds nothing: when it is full,
 * `whenRoom` makes the source's server wait. Readings that come together are pulled together, in order with all other
 * items.
 */
import type { Clock } from "../clock.ts";
import type { SentReading, SourceItem } from "../source.ts";

/** How long readings wait for others, so that the work of a batch is shared. */
const lingerMs = 100;
/** The same for readings whose sender waits until they are stored. */
const awaitedLingerMs = 50;
/** So many waiting messages wait no longer. A broker has 20 under way, by default. */
const enoughAwaiting = 10;
const maxBatch = 1_000;
/** The most waiting readings and other items. */
const capacity = 20_000;
/** Of so many channels the last reading is known. */
const maxKnownChannels = 10_000;

export class ReadingLine {
  readonly #clock: Clock;
  /** Complete items, in order. */
  readonly #items: SourceItem[] = [];
  #open: SentReading[] = [];
  /** Called when the open readings are stored. */
  #awaiting: (() => void)[] = [];
  readonly #last = new Map<string, SentReading>();
  #cancelLinger = () => {};
  #waitingCount = 0;
  #isClosed = false;
  #wake: (() => void) | null = null;
  #room: PromiseWithResolvers<void> | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Adds readings, without those that are the last one of their channel again. `committed` is called when they are stored
   * safely, or when it is known that they will not be.
   */
  add(readings: readonly SentReading[], committed?: () => void): void {
    if (this.#isClosed) return;
    const fresh = readings.filter((reading) => !this.#isRepeated(reading));
    for (const reading of fresh) {
      if (this.#open.length >= maxBatch) this.#seal();
      if (this.#open.length === 0) this.#linger(committed === undefined ? lingerMs : awaitedLingerMs);
      this.#open.push(reading);
      this.#waitingCount++;
    }
    if (fresh.length === 0) committed?.();
    else if (committed !== undefined) this.#awaiting.push(committed);
    if (this.#open.length >= maxBatch || this.#awaiting.length >= enoughAwaiting) this.#seal();
  }

  /** Adds any other item. */
  push(item: SourceItem): void {
    if (this.#isClosed) return;
    this.#seal();
    this.#items.push(item);
    this.#waitingCount++;
    this.#wakeUp();
  }

  /** Resolves when there is room for more readings; null if there is room now. */
  whenRoom(): Promise<void> | null {
    if (this.#room === null && this.#waitingCount >= capacity) this.#room = Promise.withResolvers();
    return this.#room?.promise ?? null;
  }

  /** No more items will come; the waiting ones can still be pulled. */
  close(): void {
    this.#seal();
    this.#isClosed = true;
    this.#wakeUp();
  }

  /** For one reader. */
  async *items(): AsyncGenerator<SourceItem, void> {
    while (true) {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#makeRoom(item.kind === "readings" ? item.batch.readings.length : 1);
        yield item;
      } else if (this.#isClosed) return;
      else await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** As in a snapshot after a reconnect, or in an answer that has not changed. */
  #isRepeated(reading: SentReading): boolean {
    const last = this.#last.get(reading.channel);
    if (last !== undefined && last.at === reading.at && last.value === reading.value) return true;
    if (last !== undefined || this.#last.size < maxKnownChannels) this.#last.set(reading.channel, reading);
    return false;
  }

  #linger(ms: number): void {
    this.#cancelLinger = this.#clock.after(ms, () => this.#seal());
  }

  #seal(): void {
    this.#cancelLinger();
    if (this.#open.length === 0) return;
    const [readings, awaiting] = [this.#open, this.#awaiting];
    const committed = () => awaiting.forEach((each) => each());
    const batch = {
      readings,
      receivedAt: this.#clock.now(),
      ...(awaiting.length > 0 && { committed, isAwaited: true }),
    };
    this.#items.push({ kind: "readings", batch });
    [this.#open, this.#awaiting] = [[], []];
    this.#wakeUp();
  }

  #makeRoom(count: number): void {
    this.#waitingCount -= count;
    if (this.#room === null || this.#waitingCount >= capacity / 2) return;
    this.#room.resolve();
    this.#room = null;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }
}
