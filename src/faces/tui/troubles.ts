/** What is wrong now and holds: the troubles of each service and source. The rows, the titles and the header tell them. */
import { t } from "../../language.ts";
import type { ServiceView, Snapshot, SourceView } from "../../control.ts";
import { failureText, sentenceOf } from "../../failure.ts";
import { formatDuration, formatUntil } from "./format.ts";

/** Why a service does not do all of its work, as sentences; null if it does. `restartKey`: starts it again. */
export function troubleOf(service: ServiceView, restartKey: string): string | null {
  const { phase, failure, inMs, heartbeatMs, troubles } = service;
  const why = failure === null ? "" : sentenceOf(failureText(failure));
  const sentences = troubles.map(({ text, forMs }) => t`${text} (for ${formatDuration(forMs)})`);
  if (phase === "switched off") {
    sentences.unshift(`${why || t`It is switched off`}. ${t`Press ${restartKey} to start it again.`}`);
  }
  if (phase === "backing off") {
    sentences.unshift(inMs === null ? `${why}.` : t`${why}; it starts again ${formatUntil(inMs)}.`);
  }
  if (phase === "stuck") {
    sentences.unshift(
      heartbeatMs === null
        ? t`Its worker has not answered.`
        : t`Its worker has not answered for ${formatDuration(heartbeatMs)}.`,
    );
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
