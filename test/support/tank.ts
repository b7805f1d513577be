/**
 * The space station's urine tank, simulated second by second from a seed: its level and the processor's state, as the
 * station sends them. It knows the truth, so that detections can be held against it.
 */
import { randomFrom } from "./rooms_scene.ts";

export const levelItem = "NODE3000005";
export const processorItem = "NODE3000004";
export const clockItem = "TIME_000001";

export interface TankOptions {
  seed: number;
  /** Unix milliseconds of the first second. Default: 20 hours before a year ends. */
  startAt: number;
  days: number;
  /** Seconds between two readings of the level; "on_change": only when the shown value changes, as in mode MERGE. */
  rate: number | "on_change";
  /** The standard deviation of the noise in percent, before the sensor rounds to whole percents. */
  noise: number;
  /** The smallest and the largest fill, in percent. */
  sizes: readonly [smallest: number, largest: number];
  /** Fills a day, about. */
  fillsPerDay: number;
  /** Losses of signal a day, about. */
  lossesPerDay: number;
  /** Spans a day, about, in which the sensor repeats one value. */
  stuckPerDay: number;
  /** Bursts of noise a day, about: one to four minutes of three times the noise, with wild values. */
  burstsPerDay: number;
  /** Transfers by hand a day, about: the processor is in maintenance, and the level jumps. */
  transfersPerDay: number;
  /** The fraction of readings that come twice, and of those that come up to 40 seconds late. */
  repeated: number;
  late: number;
}

export const usualTank: TankOptions = {
  seed: 1,
  startAt: Date.UTC(2026, 11, 31, 4),
  days: 1,
  rate: 1,
  noise: 0.6,
  sizes: [1.5, 8],
  fillsPerDay: 30,
  lossesPerDay: 3,
  stuckPerDay: 0.5,
  burstsPerDay: 3,
  transfersPerDay: 0.2,
  repeated: 0.01,
  late: 0.01,
};

export interface TankReading {
  item: string;
  /** By the sender's clock. */
  at: number;
  /** The readings come in the order of these times. */
  arrivesAt: number;
  value: number;
}

export interface Span {
  from: number;
  to: number;
}

export interface TrueFill extends Span {
  /** Percent. */
  size: number;
}

type Processor = 2 | 4 | 8 | 16 | 32;

const secondMs = 1000;
const secondsPerDay = 86_400;
/** The clock of the station is sent this often. */
const clockEvery = 10;

export class Tank {
  readonly #options: TankOptions;
  readonly #random: () => number;
  /** Every visit, in order. */
  readonly fills: TrueFill[] = [];
  /** Spans in which no reading shows the level: losses of signal, stuck values and transfers. */
  readonly hidden: Span[] = [];
  /** Seconds since the start, from which each of these lasts, or is planned next. */
  readonly #ends = { loss: 0, stuck: 0, burst: 0, transfer: 0, fill: 0 };
  #level = 35;
  #processor: Processor = 32;
  #nextVisit = 0;
  #visitsInRow = 0;
  #pour = 0;
  #transfer = 0;
  /** Percent that run back after the processor stops. */
  #rebound = 0;
  #slosh = 0;
  #drift = 0;
  #stuckValue = 0;
  #shown: number | null = null;
  #sentProcessor: Processor | null = null;
  #wasLost = false;

  constructor(options: Partial<TankOptions> = {}) {
    this.#options = { ...usualTank, ...options };
    this.#random = randomFrom(this.#options.seed);
    this.#nextVisit = 1800;
  }

  /** All readings in the order in which they arrive. Run it once. */
  *readings(): Generator<TankReading> {
    const { days, startAt } = this.#options;
    let held: TankReading[] = [];
    for (let second = 0; second < days * secondsPerDay; second++) {
      const at = startAt + second * secondMs;
      if (held.length > 0) {
        yield* held.filter(({ arrivesAt }) => arrivesAt <= at);
        held = held.filter(({ arrivesAt }) => arrivesAt > at);
      }
      this.#step(second, at);
      for (const reading of this.#send(second, at)) {
        if (this.#random() < this.#options.late) {
          held.push({ ...reading, arrivesAt: at + this.#between(5, 40) * secondMs });
        } else yield reading;
        if (this.#random() < this.#options.repeated) yield reading;
      }
    }
    yield* held;
  }

  #between(low: number, high: number): number {
    return Math.round(low + this.#random() * (high - low));
  }

  #happens(timesPerDay: number): boolean {
    return this.#random() < timesPerDay / secondsPerDay;
  }

  /** Normally distributed, with a standard deviation of 1. */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#random())) * Math.cos(2 * Math.PI * this.#random());
  }

  #step(second: number, at: number): void {
    this.#visit(second, at);
    this.#process(second, at);
    this.#disturb(second, at);
    if (second < this.#ends.fill) this.#level += this.#pour;
    if (second < this.#ends.transfer) this.#level += this.#transfer;
    if (this.#rebound > 0) {
      const part = Math.min(this.#rebound, 0.02);
      this.#level += part;
      this.#rebound -= part;
    }
    this.#level = Math.min(98, Math.max(2, this.#level));
    this.#slosh = 0.8 * this.#slosh + 0.6 * this.#normal();
    // The sensor drifts by up to a percent within six hours.
    this.#drift = Math.sin(second / (6 * 3600) * 2 * Math.PI);
  }

  /** Visits come in rows: some of the crew after one another, then nobody for a while. */
  #visit(second: number, at: number): void {
    if (second < this.#nextVisit || second < this.#ends.fill) return;
    const { sizes: [smallest, largest], fillsPerDay } = this.#options;
    // Small and middling ones are the most common.
    const size = smallest + (largest - smallest) * (this.#random() + this.#random()) / 2;
    const seconds = this.#random() < 0.15 ? this.#between(120, 300) : this.#between(20, 110);
    if (this.#level + size < 95 && second >= this.#ends.transfer) {
      this.#pour = size / seconds;
      this.#ends.fill = second + seconds;
      this.fills.push({ from: at, to: at + seconds * secondMs, size });
    }
    if (this.#visitsInRow > 0) {
      this.#visitsInRow--;
      this.#nextVisit = second + seconds + this.#between(180, 900);
    } else {
      this.#visitsInRow = this.#random() < 0.4 ? this.#between(1, 3) : 0;
      this.#nextVisit = second +
        this.#between(0.4 * 2 * secondsPerDay / fillsPerDay, 1.6 * 2 * secondsPerDay / fillsPerDay);
    }
  }

  /** The processor starts when the tank is rather full, and empties it within hours. */
  #process(second: number, at: number): void {
    const { transfersPerDay } = this.#options;
    if (this.#processor === 8 && second >= this.#ends.transfer) this.#processor = 32;
    if (this.#processor === 16) {
      this.#level -= 0.004;
      if (this.#level < 12 || this.#happens(1)) {
        this.#processor = this.#random() < 0.2 ? 4 : 32;
        this.#rebound = 0.3 + this.#random() * 0.9;
      }
    } else if (this.#processor !== 8 && this.#level > 60 && this.#happens(200)) this.#processor = 16;
    else if (this.#happens(transfersPerDay) && second >= this.#ends.fill) {
      const seconds = this.#between(300, 900);
      this.#processor = 8;
      this.#transfer = (this.#level > 50 ? -1 : 1) * this.#between(10, 30) / seconds;
      this.#ends.transfer = second + seconds;
      this.hidden.push({ from: at, to: at + seconds * secondMs });
    }
  }

  #disturb(second: number, at: number): void {
    const { lossesPerDay, stuckPerDay, burstsPerDay } = this.#options;
    if (second >= this.#ends.loss && this.#happens(lossesPerDay)) {
      this.#ends.loss = second + this.#between(300, 1800);
      this.hidden.push({ from: at, to: at + (this.#ends.loss - second) * secondMs });
    }
    if (second >= this.#ends.stuck && this.#happens(stuckPerDay)) {
      this.#ends.stuck = second + this.#between(300, 1200);
      this.#stuckValue = this.#measured(second);
      this.hidden.push({ from: at, to: at + (this.#ends.stuck - second) * secondMs });
    }
    if (second >= this.#ends.burst && this.#happens(burstsPerDay)) {
      this.#ends.burst = second + this.#between(60, 240);
    }
  }

  #measured(second: number): number {
    const isBurst = second < this.#ends.burst;
    if (isBurst && this.#random() < 0.05) return this.#between(0, 100);
    const noise = this.#options.noise * (isBurst ? 3 : 1) * this.#slosh;
    return Math.min(100, Math.max(0, Math.round(this.#level + this.#drift + noise)));
  }

  *#send(second: number, at: number): Generator<TankReading> {
    const isLost = second < this.#ends.loss;
    const isBack = this.#wasLost && !isLost;
    this.#wasLost = isLost;
    if (isLost) return;
    const make = (item: string, value: number): TankReading => ({ item, at, arrivesAt: at, value });
    if (second % clockEvery === 0) yield make(clockItem, second);
    if (this.#processor !== this.#sentProcessor || isBack) {
      this.#sentProcessor = this.#processor;
      yield make(processorItem, this.#processor);
    }
    const { rate } = this.#options;
    if (rate !== "on_change" && second % rate !== 0) return;
    const value = second < this.#ends.stuck ? this.#stuckValue : this.#measured(second);
    if (rate === "on_change" && value === this.#shown && !isBack) return;
    this.#shown = value;
    yield make(levelItem, value);
  }
}
