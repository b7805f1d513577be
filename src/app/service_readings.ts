/** The stored readings as one service sees them. It asks one question at a time, and waits for news once. */
import type { IdleTimes, ReadingAnswer, ReadingQuery, SourceTimes } from "../reading_query.ts";
import type { StoredReadings } from "./stored_readings.ts";

export class ServiceReadings {
  readonly #readings: Pick<StoredReadings, "query" | "news">;
  readonly #onChange: () => void;
  #turn: Promise<unknown> = Promise.resolve();
  #endWait: () => void = () => {};
  #waitsFor: "nothing" | "news" | "its own work" = "nothing";
  /** How many answers it got. */
  answers = 0;

  /** `onChange` is called when the service has looked at all readings. */
  constructor(readings: Pick<StoredReadings, "query" | "news">, onChange: () => void) {
    this.#readings = readings;
    this.#onChange = onChange;
  }

  /** Whether there are readings that it has to look at. */
  get isBehind(): boolean {
    return this.#waitsFor === "its own work";
  }

  query(query: ReadingQuery): Promise<ReadingAnswer> {
    this.answers++;
    const answer = this.#turn.then(() => this.#readings.query(query));
    this.#turn = answer.catch(() => {});
    return answer;
  }

  /** A further call ends the wait of the call before, which then never resolves. */
  async news(idle: IdleTimes): Promise<SourceTimes> {
    this.#endWait();
    this.#waitsFor = "its own work";
    const { promise, resolve } = Promise.withResolvers<SourceTimes>();
    const news = await this.#readings.news();
    this.#waitsFor = "news";
    this.#endWait = news.wait(idle, (times) => {
      this.#waitsFor = "its own work";
      resolve(times);
    });
    if (!this.isBehind) this.#onChange();
    return await promise;
  }

  /** Its worker has ended. */
  stop(): void {
    this.#endWait();
    this.#waitsFor = "nothing";
  }
}
