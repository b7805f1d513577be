/** The sentences of the plain log about a run, except its events: statistics during the run, and a summary at the end. */
import { describeCounts, sourceLabel } from "../../describe.ts";
import type { HeldUp, RunReport, ServiceView, SourceView } from "../../control.ts";
import type { ConnectionState } from "../../source.ts";
import { momentTime } from "../../log/log.ts";
import type { CaptureCounts, LiveTotals } from "../../live.ts";

/** The state of the connection, as one line. */
export function describeConnection(state: ConnectionState, now: number): string {
  if (state.phase === "listening") return state.title;
  // A source of readings has no user.
  const user = state.username === "" ? "the server" : `@${state.username}`;
  switch (state.phase) {
    case "looking_up":
      return `Looking up the room of ${user} …`;
    case "connecting":
      return `Connecting to ${user} …`;
    case "live":
      return `${user} is live${state.title ? `: ${state.title}` : ""}`;
    case "waiting":
      return `${state.why} Waiting for the next live; next check at ${momentTime(state.nextAt, now)}.`;
    case "reconnecting":
      return `${state.why} Attempt ${state.attempt} at ${momentTime(state.nextAt, now)}.`;
    case "ended":
      return state.why;
  }
}

/** "3 gifts (37 diamonds), 246 likes, …". */
export function describeTotals(totals: LiveTotals): string {
  return [
    `${describeCount(totals.gifts, "gift")} (${describeCount(totals.diamonds, "diamond")})`,
    describeCount(totals.likes, "like"),
    describeCount(totals.comments, "comment"),
    describeCount(totals.follows, "follow"),
    describeCount(totals.shares, "share"),
    describeCount(totals.subscribes, "subscription"),
    describeCount(totals.joins, "join"),
  ].join(", ");
}

/** "3 gifts (37 diamonds), …" or "1,200 readings". Readings come with totals only if there are some. */
export function describeSessionTotals(totals: LiveTotals, readingCount: number | null): string {
  if (readingCount === null) return describeTotals(totals);
  const readings = `${readingCount.toLocaleString("en")} ${readingCount === 1 ? "reading" : "readings"}`;
  return Object.values(totals).some((count) => count > 0)
    ? `${readings}, ${describeTotals(totals)}`
    : readings;
}

/** A line for each service that is processed or has pending items. Rates cover the time since `before`. */
export function describeProgress(
  now: readonly ServiceView[],
  before: readonly ServiceView[],
  elapsedMs: number,
): string[] {
  return now.filter(({ phase, pending }) => phase !== "not processed" || pending > 0)
    .map((service) => {
      const earlier = before.find((other) => other.slug === service.slug);
      const done = Math.max(0, service.completed - (earlier?.completed ?? 0));
      return `${service.slug}: ${counts(service)}, ${(done / (elapsedMs / 1000)).toFixed(1)}/s`;
    });
}

/** The whole run, as lines. */
export function describeRun({ captured, emitted, sources, services }: RunReport): string[] {
  const lines: string[] = [];
  if (captured.sessions > 0) {
    lines.push(describeCaptured(captured, emitted), ...describeLives(captured, sources));
  }
  for (const service of services) {
    const isLeft = service.pending > 0 && (service.phase === "paused" || service.phase === "switched off");
    lines.push(
      `${service.slug}: ${counts(service)}` +
        (service.phase === "not processed" ? " (not processed here)" : "") +
        (isLeft ? ` (left pending: the service is ${service.phase})` : ""),
    );
  }
  return lines;
}

function describeCaptured(captured: CaptureCounts, emitted: number): string {
  const shed = describeCounts(captured.shed);
  const notes = [
    captured.repeated > 0 && `${captured.repeated} duplicates dropped`,
    captured.history > 0 && `${captured.history} from before the start`,
    captured.unknown > 0 && `${captured.unknown} of unknown kinds`,
    captured.corrupt > 0 && `${captured.corrupt} unreadable`,
    shed !== "" && `${shed} not stored, because too many events came at once`,
  ].filter((note) => note !== false);
  const emittedToo = emitted > 0 ? `, and ${describeCount(emitted, "event")} of services` : "";
  return `${describeCount(captured.sessions, "session")}, ${describeCount(captured.stored, "event")} stored` +
    emittedToo + (notes.length > 0 ? ` (${notes.join(", ")})` : "");
}

/** A line with the totals of the only source's live, or a line for each source that had one. */
function describeLives({ sessions }: CaptureCounts, sources: readonly SourceView[]): string[] {
  const [only, ...others] = sources;
  if (only !== undefined && others.length === 0) {
    if (only.readings !== null) return [describeReadings(only)];
    return [`${sessions > 1 ? "In the last session: " : ""}${describeTotals(only.totals)}`];
  }
  return sources.filter(({ liveId }) => liveId !== null).map((source) => {
    const { user, storedCount, totals } = source;
    const name = sourceLabel(source.name);
    if (source.readings !== null) return `[${name}] ${describeReadings(source)}`;
    const stored = `${describeCount(storedCount, "event")} stored`;
    const host = sources.find(({ liveId }) => liveId === source.liveId) as SourceView;
    return host === source
      ? `[${name}] ${user ? `@${user}, ` : ""}${stored}: ${describeTotals(totals)}`
      : `[${name}] ${stored}, in the live of ${sourceLabel(host.name)}`;
  });
}

function describeReadings({ readings, storedCount }: SourceView): string {
  const received = `${describeCount(readings?.count ?? 0, "reading")} received`;
  return storedCount > 0 ? `${received}, ${describeCount(storedCount, "event")} stored` : received;
}

/** A sentence about a service that the end of the run no longer waited for. */
export function describeHeldUp({ slug, pending, inFlight, forMs }: HeldUp): string {
  const held = [
    inFlight > 0 && `${describeCount(inFlight, "item")} in progress`,
    pending > 0 && `${describeCount(pending, "item")} waiting`,
  ].filter((part) => part !== false);
  const what = held.length > 0 ? `, with ${held.join(" and ")}` : "";
  const still = pending + inFlight > 0 ? " They are kept for the next start." : "";
  return `${slug} made no progress for ${
    Math.round(forMs / 1000)
  } s${what}, so Livecue no longer waited for it.${still}`;
}

function counts({ pending, completed, failed, discarded }: ServiceView): string {
  return `${pending} pending, ${completed} done, ${failed} failed, ${discarded} discarded`;
}

export function describeCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
