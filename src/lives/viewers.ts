/**
 * What is known of the viewers of this run, so that a service gets their numbers beside each event without a question
 * to the database. A viewer is read from the database at the first event in the run, and followed from there.
 */
import type { LiveEvent } from "../event.ts";
import {
  amountsOf,
  noViewer,
  showsViewer,
  type ViewerKey,
  viewerName,
  type ViewerNumbers,
} from "../viewer.ts";

/** The counted numbers in the database. They lag behind the events. */
export interface CountedViewers {
  /** null if the viewer is not counted yet. */
  numbersOf(key: ViewerKey): ViewerNumbers | null;
  /** Whether a live is counted among the viewer's. */
  wasIn(key: ViewerKey, liveId: number): boolean;
}

export interface ViewersOptions {
  counted: CountedViewers;
  /** `upTo`: the last event that the counted numbers include. */
  count: { readonly upTo: number };
  /** The last event of earlier runs. */
  before: number;
  /** The type of source of a live. */
  platformOf(liveId: number): string;
  /** Those whom no service acts on. */
  blocked: readonly ViewerKey[];
}

interface Known extends ViewerNumbers {
  /** The lives of this run that are among the visits. */
  lives: number[];
  lastEventId: number;
  /** The last event that the numbers from the database included. */
  readUpTo: number;
}

/** About 10 MB. */
const maxKnown = 50_000;

export class Viewers {
  readonly #options: ViewersOptions;
  /** By name, least recently seen first. */
  readonly #known = new Map<string, Known>();
  readonly #blocked: Set<string>;

  constructor(options: ViewersOptions) {
    this.#options = options;
    this.#blocked = new Set(options.blocked.map(viewerName));
  }

  /** Whether a person has blocked the event's viewer. */
  isBlocked(event: LiveEvent): boolean {
    return this.#blocked.size > 0 && event.user.id !== "" &&
      this.#blocked.has(viewerName(this.#keyOf(event)));
  }

  setBlocked(key: ViewerKey, isBlocked: boolean): void {
    if (isBlocked) this.#blocked.add(viewerName(key));
    else this.#blocked.delete(viewerName(key));
  }

  /** Adds a new event to its viewer. */
  add(event: LiveEvent): void {
    if (!showsViewer(event)) return;
    const key = this.#keyOf(event);
    const known = this.#knownOf(key);
    const { liveId } = event;
    if (!known.lives.includes(liveId)) {
      known.lives.push(liveId);
      if (known.visits === 0 || !this.#options.counted.wasIn(key, liveId)) known.visits += 1;
    }
    known.totalDiamonds += amountsOf(event).diamonds;
    known.lastEventId = event.id;
    const name = viewerName(key);
    this.#known.delete(name);
    this.#known.set(name, known);
    this.#forgetOldest();
  }

  /** The present numbers of the event's viewer, which include this event and later ones. */
  numbersOf(event: LiveEvent): ViewerNumbers {
    if (event.user.id === "") return noViewer;
    const { visits, totalDiamonds } = this.#knownOf(this.#keyOf(event));
    return { visits, totalDiamonds };
  }

  #keyOf({ liveId, user }: LiveEvent): ViewerKey {
    return { platform: this.#options.platformOf(liveId), userId: user.id };
  }

  #knownOf(key: ViewerKey): Known {
    const known = this.#known.get(viewerName(key));
    if (known !== undefined && !this.#isOutdated(known)) return known;
    const { counted, count } = this.#options;
    const numbers = counted.numbersOf(key) ?? noViewer;
    const read = { ...numbers, lives: [], lastEventId: 0, readUpTo: count.upTo };
    if (known !== undefined) this.#known.set(viewerName(key), read);
    return read;
  }

  /** It was read before all earlier runs were counted, and the database has caught up with it. */
  #isOutdated({ readUpTo, lastEventId }: Known): boolean {
    const { before, count } = this.#options;
    return readUpTo < before && count.upTo >= Math.max(before, lastEventId);
  }

  /** Events that are not counted yet are known here only, so their viewers stay, up to twice as many. */
  #forgetOldest(): void {
    if (this.#known.size <= maxKnown) return;
    for (const [name, { lastEventId }] of this.#known) {
      if (lastEventId > this.#options.count.upTo && this.#known.size <= 2 * maxKnown) return;
      this.#known.delete(name);
      if (this.#known.size <= maxKnown) return;
    }
  }
}
