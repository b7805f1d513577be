/** What the plain log says of a run besides its events: statistics on the way, a summary at the end. */
import type { Snapshot } from "../../app/app.ts";
import type { ServiceSnapshot } from "../../app/service_unit.ts";
import type { ConnectionState } from "../../source.ts";
import { momentTime } from "../../log/log.ts";
import type { LiveTotals } from "../../live.ts";

/** Where the connection stands, as one line. */
export function describeConnection(state: ConnectionState, now: number): string {
  if (state.phase === "listening") return state.title;
  const user = `@${state.username}`;
  switch (state.phase) {
    case "looking_up":
      return `Looking up the room of ${user} …`;
    case "connecting":
      return `Connecting to ${user} …`;
    case "live":
      return `${user} is live${state.title ? `: ${state.title}` : ""}`;
    case "waiting":
      return `${state.why} Waiting for the next live; next look at ${momentTime(state.nextAt, now)}.`;
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

/** A line a service that has something to tell; rates are over the time since `before`. */
export function describeProgress(now: Snapshot, before: Snapshot, elapsedMs: number): string[] {
  return now.services.filter((service) => service.state !== "not processed" || service.pending > 0)
    .map((service) => {
      const earlier = before.services.find((other) => other.slug === service.slug);
      const done = service.completed - (earlier?.completed ?? 0);
      return `${service.slug}: ${counts(service)}, ${(done / (elapsedMs / 1000)).toFixed(1)}/s`;
    });
}

/** The whole run, as lines. */
export function describeRun(snapshot: Snapshot): string[] {
  const { captured, services, totals } = snapshot;
  const lines: string[] = [];
  if (captured.sessions > 0) {
    const notes = [
      captured.repeated > 0 && `${captured.repeated} repeated ones dropped`,
      captured.history > 0 && `${captured.history} from before the start`,
      captured.unknown > 0 && `${captured.unknown} of unknown kinds`,
      captured.corrupt > 0 && `${captured.corrupt} unreadable`,
      captured.shed > 0 && `${captured.shed} let go`,
    ].filter((note) => note !== false);
    lines.push(
      `${describeCount(captured.sessions, "session")}, ${describeCount(captured.stored, "event")} stored` +
        (notes.length > 0 ? ` (${notes.join(", ")})` : ""),
      `${captured.sessions > 1 ? "In the last session: " : ""}${describeTotals(totals)}`,
    );
  }
  for (const service of services) {
    const isLeft = service.pending > 0 && (service.state === "paused" || service.state === "switched off");
    lines.push(
      `${service.slug}: ${counts(service)}` +
        (service.state === "not processed" ? " (not processed here)" : "") +
        (isLeft ? ` (left pending: the service is ${service.state})` : ""),
    );
  }
  return lines;
}

function counts({ pending, completed, failed, discarded }: ServiceSnapshot): string {
  return `${pending} pending, ${completed} done, ${failed} failed, ${discarded} discarded`;
}

export function describeCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
