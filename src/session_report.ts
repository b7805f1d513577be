/** What is known about a session: the numbers of its report. Times are Unix milliseconds. */
import { t } from "./language.ts";
import type { LiveTotals } from "./live.ts";
import type { PaymentEventType } from "./event.ts";

/** Somebody who watched. `name` is the nickname, or else the handle; "" if neither is known. */
export interface ReportedViewer {
  /** The platform's id; "" if unknown. */
  id: string;
  name: string;
}

/** The numbers of one minute, counted from the start of the session. */
export interface ReportMinute {
  /** 0 is the first. */
  minute: number;
  /** The start of the minute. */
  at: number;
  events: number;
  diamonds: number;
  /** The most viewers of this minute; null if the platform did not say. */
  viewers: number | null;
}

export interface GiftKind {
  id: number;
  name: string;
  /** A streak counts as many gifts as it has. */
  count: number;
  diamonds: number;
}

export interface Giver extends ReportedViewer {
  gifts: number;
  diamonds: number;
}

/** Payments of one type and currency. */
export interface PaymentSum {
  type: PaymentEventType;
  currency: string;
  count: number;
  /** In the currency's smallest unit. */
  amount: number;
}

/** What became of a service's items of this session. */
export interface ServiceWork {
  slug: string;
  completed: number;
  failed: number;
  /** Pending, or being processed. */
  open: number;
  /** By reason, as `discard_reason`. */
  discarded: Record<string, number>;
}

/** A list that is cut to its first entries, and how many there are in all. */
export interface CutList<Entry> {
  count: number;
  first: Entry[];
}

/**
 * Counts exclude test events, messages of other rooms and events that services emitted; diamonds and gifts also
 * exclude gifts to guests. `services` includes the items of all events.
 */
export interface SessionReport {
  session: {
    id: number;
    /** The streamer's handle, without the @; "" if there is none. */
    username: string;
    name: string | null;
    source: string;
    isActive: boolean;
    startedAt: number;
    endedAt: number | null;
    endReason: string | null;
  };
  /** Milliseconds; for an active session up to its last event. */
  lengthMs: number;
  events: number;
  totals: LiveTotals;
  /** null if the platform never said how many watched. `average`: of all counts that it gave. */
  viewers: { highest: number; highestAt: number; average: number } | null;
  /** Those in which something happened, in order. Events from before the session are in none. */
  minutes: ReportMinute[];
  /** What happened before the session, and is part of its totals. */
  before: { events: number; diamonds: number };
  /** The minute with the most events, and the one with the most diamonds; the first among equals. */
  busiestMinute: ReportMinute | null;
  richestMinute: ReportMinute | null;
  /** Most diamonds first. */
  gifts: CutList<GiftKind>;
  /** Most diamonds first. Gifts of unknown viewers are in `totals` only. */
  givers: CutList<Giver>;
  /** Viewers who followed, each once; the first to follow comes first. */
  followers: CutList<ReportedViewer>;
  payments: PaymentSum[];
  services: ServiceWork[];
  /** Events that were not stored because too many came at once, by type. */
  shed: Record<string, number>;
}

/** The report without anybody's name: viewers become "Viewer 1", "Viewer 2" and so on, each always the same. */
export function withoutNames(report: SessionReport): SessionReport {
  const numbers = new Map<string, number>();
  const unnamed = <Viewer extends ReportedViewer>(viewer: Viewer): Viewer => {
    const key = viewer.id === "" ? `name ${viewer.name}` : `id ${viewer.id}`;
    const number = numbers.get(key) ?? numbers.size + 1;
    numbers.set(key, number);
    return { ...viewer, id: "", name: t`Viewer ${number}` };
  };
  const { session, givers, followers } = report;
  return {
    ...report,
    // The name of a session, of a recording or a reason may name somebody.
    session: { ...session, username: "", name: null, source: "", endReason: null },
    givers: { ...givers, first: givers.first.map(unnamed) },
    followers: { ...followers, first: followers.first.map(unnamed) },
  };
}
