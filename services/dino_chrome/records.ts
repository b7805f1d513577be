/** How far the dino got: kept for this live and for all time, and written down at the end of each run. */
import type { ServiceState } from "livecue/service";
import type { GameStatus } from "./game.ts";

const key = "records";
const scopes = ["session", "service"] as const;

interface Reached {
  /** The best run's score. */
  best_score: number;
  /** Of all runs together, in the game's points. */
  distance: number;
}

const none: Reached = { best_score: 0, distance: 0 };

export class Records {
  readonly #state: ServiceState;
  #sessionId: number | null = null;
  #session: Reached = { ...none };
  #service: Reached = { ...none };
  /** What of the current run is counted. */
  #counted = { run: 0, score: 0 };
  #isWritten = true;

  constructor(state: ServiceState) {
    this.#state = state;
  }

  async load(): Promise<void> {
    const [session, service] = await Promise.all(
      scopes.map((scope) => this.#state.get<Reached>(key, { scope })),
    );
    this.#session = { ...none, ...session };
    this.#service = { ...none, ...service };
  }

  /** A new live has records of its own. */
  enter(sessionId: number): void {
    if (this.#sessionId !== null && this.#sessionId !== sessionId) this.#session = { ...none };
    this.#sessionId = sessionId;
  }

  /** A new page counts its runs anew. */
  restart(): void {
    this.#counted = { run: 0, score: 0 };
  }

  /** Resolves with whether there is something new to show. */
  async add({ run, score, isRunning }: GameStatus): Promise<boolean> {
    const more = run === this.#counted.run ? Math.max(0, score - this.#counted.score) : score;
    this.#counted = { run, score };
    if (more > 0) {
      this.#isWritten = false;
      for (const record of [this.#session, this.#service]) {
        record.best_score = Math.max(record.best_score, score);
        record.distance += more;
      }
    }
    if (!isRunning) await this.write();
    return more > 0;
  }

  async write(): Promise<void> {
    if (this.#isWritten) return;
    this.#isWritten = true;
    await this.#state.set(key, this.#session, { scope: "session" });
    await this.#state.set(key, this.#service, { scope: "service" });
  }

  /** As the page shows them. */
  get lines(): [what: string, value: string][] {
    const number = (value: number) => value.toLocaleString("en");
    return [
      ["Best of this live", number(this.#session.best_score)],
      ["Best ever", number(this.#service.best_score)],
      ["Distance of this live", number(this.#session.distance)],
    ];
  }
}
