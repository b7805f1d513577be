/** What is wrong now and holds: the troubles of each service and source. The rows, the titles and the header tell them. */
import type { ServiceView, Snapshot, SourceView } from "../../control.ts";
import { failureText, sentenceOf } from "../../failure.ts";
import { formatDuration, formatUntil } from "./format.ts";

/** Why a service does not do all of its work, as sentences; null if it does. `restartKey`: starts it again. */
export function troubleOf(service: ServiceView, restartKey: string): string | null {
  const { phase, failure, inMs, heartbeatMs, troubles } = service;
  const why = failure === null ? "" : sentenceOf(failureText(failure));
  const sentences = troubles.map(({ text, forMs }) => `${text} (for ${formatDuration(forMs)})`);
  if (phase === "switched off") {
    sentences.unshift(`${why || "It is switched off"}. Press ${restartKey} to start it again.`);
  }
  if (phase === "backing off") {
    sentences.unshift(`${why}${inMs === null ? "" : `; it starts again ${formatUntil(inMs)}`}.`);
  }
  if (phase === "stuck") {
    const silent = heartbeatMs === null ? "" : ` for ${formatDuration(heartbeatMs)}`;
    sentences.unshift(`Its worker has not answered${silent}.`);
  }
  if (sentences.length === 0) return null;
  return sentences.join(" ").replace(/\s+/g, " ").replace(/\.\.(?!\.)/g, ".");
}

export function isTroubled(service: ServiceView): boolean {
  return troubleOf(service, "") !== null;
}

function isCutOff({ connection }: SourceView): boolean {
  return connection.phase === "reconnecting";
}

/** How many rows of the screen tell of a trouble that holds. */
export function troubleCount({ services, sources, strain, configError }: Snapshot): number {
  const others = [strain, configError].filter((text) => text !== null).length;
  return services.filter(isTroubled).length +
    sources.filter(isCutOff).length + others;
}
