/** A report in a line, for the end of a run. The totals are in the line before it. */
import type { SessionReport } from "../session_report.ts";
import { timeOfDay } from "./durations.ts";
import { counted, lengthSentence, nameOf } from "./sentences.ts";

const namedGivers = 3;

/** null for a session without events. */
export function briefLine(report: SessionReport): string | null {
  const { session, viewers, busiestMinute, followers, givers } = report;
  if (report.events === 0) return null;
  const named = givers.first.slice(0, namedGivers)
    .map((giver) => `${nameOf(giver)} (${counted(giver.diamonds, "diamond")})`);
  const parts = [
    lengthSentence(report),
    viewers && `highest ${counted(viewers.highest, "viewer")}`,
    busiestMinute && `busiest at ${timeOfDay(busiestMinute.at)}`,
    followers.count > 0 && counted(followers.count, "new follower"),
    named.length > 0 && `best givers ${named.join(", ")}`,
  ].filter((part) => part !== false && part !== null);
  return `Session ${session.id}: ${parts.join(", ")}.`;
}
