/**
 * Writes the plain log during a run: connections, events, ended sessions, and the services' progress. If there are
 * several sources, each line about a source names it.
 */
import { type Clock, every } from "../../clock.ts";
import type { ServiceView } from "../../control.ts";
import { describeEvent, sourceLabel } from "../../describe.ts";
import type { LiveEvent } from "../../event.ts";
import { t } from "../../language.ts";
import type { LiveTotals } from "../../live.ts";
import type { Log } from "../../log/log.ts";
import type { LiveSession } from "../../session.ts";
import type { ConnectionState } from "../../source.ts";
import { describeConnection, describeProgress, describeSessionTotals } from "./plain_log.ts";

const statisticsIntervalMs = 30_000;

export interface LiveLogOptions {
  log: Log;
  clock: Clock;
  /** Whether lines name their source, because there are several. */
  namesSources: boolean;
}

export class LiveLog {
  readonly #options: LiveLogOptions;
  readonly #live: Log;
  /** The last logged reason why each source waits for its next live. */
  readonly #waitsFor = new Map<string, string>();
  /** The last logged warning why each source is not connected. */
  readonly #troubles = new Map<string, string>();

  constructor(options: LiveLogOptions) {
    this.#options = options;
    this.#live = options.log.named("live");
  }

  /** Logs each new state. "Still no live" is not news, nor is an end that the session's line reports. */
  takeState(source: string, state: ConnectionState): void {
    const isNews = state.phase === "waiting"
      ? state.why !== this.#waitsFor.get(source)
      : state.phase !== "ended";
    if (state.phase === "waiting") this.#waitsFor.set(source, state.why);
    else this.#waitsFor.delete(source);
    const line = describeConnection(state, this.#options.clock.now());
    if (this.#isNewTrouble(source, state)) this.#options.log.named(source).warn(line);
    else this.#live[isNews ? "info" : "debug"](this.#from(source) + line);
  }

  /** Whether the reason is new. Each reason counts once until the source is live or listens again. */
  #isNewTrouble(source: string, state: ConnectionState): boolean {
    if (state.phase === "live" || state.phase === "listening") this.#troubles.delete(source);
    if (state.phase !== "reconnecting" || state.why === this.#troubles.get(source)) return false;
    this.#troubles.set(source, state.why);
    return true;
  }

  takeEvent(event: LiveEvent): void {
    // The capture logs each kind of unknown message once, because most lives have hundreds.
    if (event.type !== "UnknownEvent") this.#live.info(this.#from(event.source) + describeEvent(event));
  }

  takeSessionEnd(
    { id, username, source }: Pick<LiveSession, "id" | "username" | "source">,
    { reason, totals, readingCount = null }: {
      reason: string;
      totals: LiveTotals;
      readingCount?: number | null;
    },
  ): void {
    // A source of readings has no user, so its name stands for one.
    const whose = username === source ? source : `@${username}`;
    const end = username === "" ? t`Session ${id} has ended.` : t`Session ${id} of ${whose} has ended.`;
    const line = `${end} ${reason} ${describeSessionTotals(totals, readingCount)}.`;
    this.#live.info(this.#from(source) + line);
  }

  /** Logs the progress of each service every 30 s, until the returned function is called. */
  logProgress(views: () => ServiceView[], level: "debug" | "info"): () => void {
    const { log, clock } = this.#options;
    let [before, loggedAt] = [views(), clock.monotonic()];
    return every(clock, statisticsIntervalMs, () => {
      const [now, at] = [views(), clock.monotonic()];
      for (const line of describeProgress(now, before, at - loggedAt)) log[level](line);
      [before, loggedAt] = [now, at];
    });
  }

  #from(source: string): string {
    return this.#options.namesSources ? `[${sourceLabel(source)}] ` : "";
  }
}
