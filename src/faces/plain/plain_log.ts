/** The sentences of the plain log about a run, except its events: statistics during the run, and a summary at the end. */
import { describeCounts, joined, sourceLabel } from "../../describe.ts";
import type { HeldUp, RunReport, ServiceView, SourceView } from "../../control.ts";
import { counted, noun, t } from "../../language.ts";
import type { ConnectionState } from "../../source.ts";
import { momentTime } from "../../log/log.ts";
import type { CaptureCounts, LiveTotals } from "../../live.ts";

/** The state of the connection, as one line. */
export function describeConnection(state: ConnectionState, now: number): string {
  if (state.phase === "listening") return state.title;
  // A source of readings has no user.
  const user = state.username === "" ? t`the server` : `@${state.username}`;
  switch (state.phase) {
    case "looking_up":
      return t`Looking up the room of ${user} …`;
    case "connecting":
      return t`Connecting to ${user} …`;
    case "live":
      return t`${user} is live` + (state.title ? `: ${state.title}` : "");
    case "waiting":
      return `${state.why} ${t`Waiting for the next live; next check at ${momentTime(state.nextAt, now)}.`}`;
    case "reconnecting":
      return `${state.why} ${t`Attempt ${state.attempt} at ${momentTime(state.nextAt, now)}.`}`;
    case "ended":
      return state.why;
  }
}

/** "3 gifts (37 diamonds), 246 likes, …". */
export function describeTotals(totals: LiveTotals): string {
  return [
    `${counted(totals.gifts, noun("gift"))} (${counted(totals.diamonds, noun("diamond"))})`,
    counted(totals.likes, noun("like")),
    counted(totals.comments, noun("comment")),
    counted(totals.follows, noun("follow")),
    counted(totals.shares, noun("share")),
    counted(totals.subscribes, noun("subscription")),
    counted(totals.joins, noun("join")),
  ].join(", ");
}

/** "3 gifts (37 diamonds), …" or "1,200 readings". Readings come with totals only if there are some. */
export function describeSessionTotals(totals: LiveTotals, readingCount: number | null): string {
  if (readingCount === null) return describeTotals(totals);
  const readings = counted(readingCount, noun("reading"));
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
    const note = noteOn(service);
    lines.push(`${service.slug}: ${counts(service)}${note === null ? "" : ` (${note})`}`);
  }
  return lines;
}

function noteOn({ phase, pending }: ServiceView): string | null {
  if (phase === "not processed") return t`not processed here`;
  if (pending === 0) return null;
  if (phase === "paused") return t`left pending: the service is paused`;
  return phase === "switched off" ? t`left pending: the service is switched off` : null;
}

function describeCaptured(captured: CaptureCounts, emitted: number): string {
  const shed = describeCounts(captured.shed);
  const notes = [
    captured.repeated > 0 && t`${captured.repeated} duplicates dropped`,
    captured.history > 0 && t`${captured.history} from before the start`,
    captured.unknown > 0 && t`${captured.unknown} of unknown kinds`,
    captured.corrupt > 0 && t`${captured.corrupt} unreadable`,
    shed !== "" && t`${shed} not stored, because too many events came at once`,
  ].filter((note) => note !== false);
  const sessions = counted(captured.sessions, noun("session"));
  const events = counted(captured.stored, noun("event"));
  const stored = emitted > 0
    ? t`${sessions}, ${events} stored, and ${counted(emitted, noun("event"))} of services`
    : t`${sessions}, ${events} stored`;
  return notes.length > 0 ? `${stored} (${notes.join(", ")})` : stored;
}

/** A line with the totals of the only source's live, or a line for each source that had one. */
function describeLives({ sessions }: CaptureCounts, sources: readonly SourceView[]): string[] {
  const [only, ...others] = sources;
  if (only !== undefined && others.length === 0) {
    if (only.readings !== null) return [describeReadings(only)];
    const totals = describeTotals(only.totals);
    return [sessions > 1 ? t`In the last session: ${totals}` : totals];
  }
  return sources.filter(({ liveId }) => liveId !== null).map((source) => {
    const { user, storedCount, totals } = source;
    const name = sourceLabel(source.name);
    if (source.readings !== null) return `[${name}] ${describeReadings(source)}`;
    const stored = t`${counted(storedCount, noun("event"))} stored`;
    const host = sources.find(({ liveId }) => liveId === source.liveId) as SourceView;
    return host === source
      ? `[${name}] ${user ? `@${user}, ` : ""}${stored}: ${describeTotals(totals)}`
      : `[${name}] ${t`${stored}, in the live of ${sourceLabel(host.name)}`}`;
  });
}

function describeReadings({ readings, storedCount }: SourceView): string {
  const received = t`${counted(readings?.count ?? 0, noun("reading"))} received`;
  return storedCount > 0 ? `${received}, ${t`${counted(storedCount, noun("event"))} stored`}` : received;
}

/** A sentence about a service that the end of the run no longer waited for. */
export function describeHeldUp({ slug, pending, inFlight, forMs }: HeldUp): string {
  const held = [
    inFlight > 0 && t`${counted(inFlight, noun("item"))} in progress`,
    pending > 0 && t`${counted(pending, noun("item"))} waiting`,
  ].filter((part) => part !== false);
  const seconds = Math.round(forMs / 1000);
  if (held.length === 0) {
    return t`${slug} made no progress for ${seconds} s, so Livecue no longer waited for it.`;
  }
  const what = joined(held);
  return t`${slug} made no progress for ${seconds} s, with ${what}, so Livecue no longer waited for it. They are kept for the next start.`;
}

function counts({ pending, completed, failed, discarded }: ServiceView): string {
  return t`${pending} pending, ${completed} done, ${failed} failed, ${discarded} discarded`;
}
