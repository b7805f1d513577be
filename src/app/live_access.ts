/** Finds the live that a service means: the live of the item it is handling, or of the source it names. */
import type { LiveEvent } from "../event.ts";
import { type LiveTotals, noTotals, type TopUser } from "../live.ts";
import type { LiveMemory } from "../lives/live_memory.ts";
import type { Lives } from "../lives/lives.ts";
import type { StateOwner } from "../operation.ts";
import type { StateScope } from "../runner/feed.ts";
import type { Viewers } from "../lives/viewers.ts";
import type { LiveSession } from "../session.ts";
import type { ViewerNumbers } from "../viewer.ts";

/** An item's event, or a source's name. `source` null means the only open live. */
export type LiveMeant = { event: LiveEvent } | { source: string | null };

export interface LiveAccessOptions {
  lives: Lives;
  viewers: Viewers;
  /**
   * The open session of a source, or its last one in this run; null if it had none. `source` null means the only open
   * live, or the last one if none is open. Throws if several are open.
   */
  sessionOf(source: string | null): LiveSession | null;
  /** The last session and the last live of earlier runs; null if there were none. */
  lastBefore: StateOwner;
}

export class LiveAccess {
  readonly #options: LiveAccessOptions;

  constructor(options: LiveAccessOptions) {
    this.#options = options;
  }

  /** The present numbers of the event's viewer over all lives. */
  viewer(event: LiveEvent): ViewerNumbers {
    return this.#options.viewers.numbersOf(event);
  }

  /** Whether a person has blocked the event's viewer. */
  isBlocked(event: LiveEvent): boolean {
    return this.#options.viewers.isBlocked(event);
  }

  totals(meant: LiveMeant): LiveTotals {
    return this.#memory(meant)?.totals() ?? noTotals();
  }

  top(count: number, meant: LiveMeant): TopUser[] {
    return this.#memory(meant)?.top(count) ?? [];
  }

  /** The owner of a service's value. Before the first live of a run, "live" means the last live of an earlier run. */
  owner(scope: StateScope, meant: LiveMeant): StateOwner {
    const own = { sessionId: null, liveId: null };
    if (scope === "service") return own;
    const { sessionId, liveId } = this.#present(meant) ?? this.#options.lastBefore;
    return scope === "session" ? { ...own, sessionId } : { ...own, liveId };
  }

  #memory(meant: LiveMeant): LiveMemory | null {
    const liveId = this.#present(meant)?.liveId ?? null;
    return liveId === null ? null : this.#options.lives.get(liveId);
  }

  #present(meant: LiveMeant): { sessionId: number; liveId: number } | null {
    if ("event" in meant) return meant.event;
    const session = this.#options.sessionOf(meant.source);
    return session === null ? null : { sessionId: session.id, liveId: session.liveId };
  }
}
