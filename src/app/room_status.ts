/** What a machine says of a room to everyone who may list the rooms. */
import type { SourceView } from "../control.ts";
import { t, translated } from "../language.ts";
import { servicePhaseWords } from "../service_state.ts";
import type { RoomStatus } from "../watch_line.ts";
import type { App } from "./app.ts";
import type { Monitor } from "./monitor.ts";

const rateSeconds = 10;
/** Phases in which a service does nothing until somebody looks after it. */
const idlePhases: readonly string[] = ["backing off", "switched off", "stuck"];

/** Cheap: it is asked of hundreds of rooms every few seconds. */
export function roomStatus(app: App, monitor: Monitor): Omit<RoomStatus, "streamer"> {
  const sources = app.sources();
  const source = sources.find(({ connection }) => connection.phase === "live") ?? sources[0] ?? null;
  const rates = monitor.rates().slice(-rateSeconds);
  const units = app.services.units;
  return {
    title: source === null ? "" : source.user ?? source.name,
    phase: source?.connection.phase ?? null,
    viewers: viewersOf(sources, monitor),
    rate: Math.round(10 * rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length)) / 10,
    pending: units.reduce((sum, { queue }) => sum + queue.pendingCount, 0),
    failed: units.reduce((sum, { counts }) => sum + counts.failed, 0),
    trouble: app.strain.sentence ?? serviceTrouble(app),
  };
}

/** Lives that several sources capture have their viewers once. */
function viewersOf(sources: readonly SourceView[], monitor: Monitor): number | null {
  const byLive = new Map<number | null, number>();
  for (const { name, liveId } of sources) {
    const viewers = monitor.viewers(name, liveId);
    if (viewers !== null) byLive.set(liveId, viewers);
  }
  return byLive.size === 0 ? null : [...byLive.values()].reduce((sum, viewers) => sum + viewers, 0);
}

/** Without the reason, which may have anything in it. */
function serviceTrouble(app: App): string | null {
  const unit = app.services.units.find(({ phase }) => idlePhases.includes(phase));
  if (unit === undefined) return null;
  return t`${unit.slug} is ${translated(servicePhaseWords[unit.phase])}.`;
}
