/**
 * What is known of the viewers of this run, so that a service gets their numbers beside each event without a question
 * to the database. A viewer is read from the database at the first event in the run, and followed from there. If reads
 * take long, all viewers who are new in a turn are read in one question, and the path of events does not wait for it.
 */
import { setImmediate } from "node:timers";
import type { LiveEvent } from "../event.ts";
import {
  amountsOf,
  noViewer,
  showsViewer,
  type ViewerInLive,
  type ViewerKey,
  viewerName,
  type ViewerNumbers,
  type ViewerStanding,
} from "../viewer.ts";

/** The counted numbers in the database. They lag behind the events. */
export interface CountedViewers {
  /** null if the viewer is not counted yet. */
  numbersOf(key: ViewerKey): ViewerNumbers | null;
  /** Whether a live is counted among the viewer's. */
  wasIn(key: ViewerKey, liveId: number): boolean;
}

/** The same for many viewers at once, in the order asked. Those that cannot be read are missing. */
export interface CountedStandings {
  now(asked: readonly ViewerInLive[]): readonly (ViewerStanding | undefined)[];
  /** undefined if reads do not block this thread for long. Rejects if nothing can be read. */
  later?: ((asked: readonly ViewerInLive[]) => Promise<readonly (ViewerStanding | undefined)[]>) | undefined;
}

export interface ViewersOptions {
  counted: CountedViewers;
  standings?: CountedStandings;
  /** `upTo`: the last event that the counted numbers include. */
  count: { readonly upTo: number };
  /** The last event of earlier runs. */
  before: number;
  /** The type of source of a live. */
  platformOf(liveId: number): string;
  /** Those whom no service acts on. */
  blocked: readonly ViewerKey[];
}

/** What an event adds to a viewer whose counted numbers are not read yet. */
interface Note {
  eventId: number;
  liveId: number;
  diamonds: number;
}

interface Known extends ViewerNumbers {
  /** What is to be added once the counted numbers are read; null once they are. */
  unread: Note[] | null;
  /** Whether an answer is on its way. */
  isAsked: boolean;
  /** The lives of this run that are among the visits. */
  lives: number[];
  lastEventId: number;
  /** The last event that the numbers from the database included. */
  readUpTo: number;
}

/** Of a viewer who cannot be read. */
const unknown: ViewerStanding = { numbers: null, wasIn: false, upTo: 0 };

/** About 10 MB. */
const maxKnown = 50_000;

export class Viewers {
  readonly #options: ViewersOptions;
  /** By name, least recently seen first. */
  readonly #known = new Map<string, Known>();
  readonly #blocked: Set<string>;
  /** Viewers to ask for at the end of this turn. */
  #toAsk: { key: ViewerKey; known: Known }[] = [];

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
    const name = viewerName(key);
    const known = this.#followed(key, this.#known.get(name));
    const { liveId, id: eventId } = event;
    const { diamonds } = amountsOf(event);
    if (known.unread !== null) known.unread.push({ eventId, liveId, diamonds });
    else {
      visit(known, liveId, () => this.#options.counted.wasIn(key, liveId));
      known.totalDiamonds += diamonds;
    }
    known.lastEventId = eventId;
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

  /** To add an event to. */
  #followed(key: ViewerKey, known: Known | undefined): Known {
    if (known !== undefined && !this.#isOutdated(known)) {
      if (known.unread !== null && !known.isAsked) this.#askFor(key, known);
      return known;
    }
    if (this.#options.standings?.later === undefined) return this.#read(key);
    const unread = { ...noViewer, unread: [], isAsked: false, lives: [], lastEventId: 0, readUpTo: 0 };
    this.#askFor(key, unread);
    return unread;
  }

  #knownOf(key: ViewerKey): Known {
    const known = this.#known.get(viewerName(key));
    if (known !== undefined && !this.#isOutdated(known)) {
      if (known.unread !== null) this.#readNow(key, known);
      return known;
    }
    const read = this.#read(key);
    if (known !== undefined) this.#known.set(viewerName(key), read);
    return read;
  }

  #read(key: ViewerKey): Known {
    const { counted, count } = this.#options;
    const numbers = counted.numbersOf(key) ?? noViewer;
    return { ...numbers, unread: null, isAsked: false, lives: [], lastEventId: 0, readUpTo: count.upTo };
  }

  #askFor(key: ViewerKey, known: Known): void {
    known.isAsked = true;
    if (this.#toAsk.push({ key, known }) === 1) setImmediate(() => this.#askAll());
  }

  /** Those that get no answer are asked for at their next event, or read when a service gets their numbers. */
  #askAll(): void {
    const asked = this.#toAsk.splice(0).filter(({ known }) => known.unread !== null)
      .flatMap(({ key, known }) => livesIn(known).map((liveId) => ({ ...key, liveId, known })));
    const { later } = this.#options.standings ?? {};
    if (asked.length === 0 || later === undefined) return;
    const isOver = () => {
      for (const { known } of asked) known.isAsked = false;
    };
    later(asked.map(({ platform, userId, liveId }) => ({ platform, userId, liveId }))).then((standings) => {
      isOver();
      const answers = Map.groupBy(asked.keys(), (index) => asked[index]!.known);
      for (const [known, indexes] of answers) {
        const byLive = new Map<number, ViewerStanding | undefined>();
        for (const index of indexes) byLive.set(asked[index]!.liveId, standings[index]);
        if (isAnswered(known, byLive)) settle(known, byLive);
      }
    }, isOver);
  }

  /** What cannot be read counts as missing, as for a viewer who was never counted. */
  #readNow(key: ViewerKey, known: Known): void {
    const lives = livesIn(known);
    const read = () => {
      const found = this.#options.standings?.now(lives.map((liveId) => ({ ...key, liveId }))) ?? [];
      return new Map(lives.map((liveId, index) => [liveId, found[index] ?? unknown]));
    };
    let standings = read();
    // Each live is a question of its own, and the count may go on between two.
    while (!isAnswered(known, standings)) standings = read();
    settle(known, standings);
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

/** The lives of what is to be added. */
function livesIn({ unread }: Known): number[] {
  return [...new Set(unread?.map(({ liveId }) => liveId))];
}

/** Whether the answer is about all lives of what is to be added, which may have become more, and of one moment. */
function isAnswered(
  known: Known,
  standings: ReadonlyMap<number, ViewerStanding | undefined>,
): standings is ReadonlyMap<number, ViewerStanding> {
  const [first] = standings.values();
  return known.unread !== null && first !== undefined &&
    livesIn(known).every((liveId) => standings.get(liveId)?.upTo === first.upTo);
}

/** Adds what the answer does not include yet. `standings`: by live, all of one moment. */
function settle(known: Known, standings: ReadonlyMap<number, ViewerStanding>): void {
  const { unread } = known;
  const [{ numbers, upTo } = unknown] = standings.values();
  Object.assign(known, numbers ?? noViewer, { unread: null, readUpTo: upTo });
  for (const { eventId, liveId, diamonds } of unread ?? []) {
    const isCounted = eventId <= upTo;
    visit(known, liveId, () => isCounted || standings.get(liveId)?.wasIn === true);
    if (!isCounted) known.totalDiamonds += diamonds;
  }
}

/** Counts the live among the visits, once. */
function visit(known: Known, liveId: number, wasIn: () => boolean): void {
  if (known.lives.includes(liveId)) return;
  known.lives.push(liveId);
  if (known.visits === 0 || !wasIn()) known.visits += 1;
}
