/** A report in a line, for the end of a run. The totals are in the line before it. */
import { counted, noun, t } from "../language.ts";
import type { SessionReport } from "../session_report.ts";
import { timeOfDay } from "./durations.ts";
import { lengthSentence, nameOf } from "./sentences.ts";

const namedGivers = 3;

/** null for a session without events. */
export function briefLine(report: SessionReport): string | null {
  const { session, viewers, busiestMinute, followers, givers } = report;
  if (report.events === 0) return null;
  const named = givers.first.slice(0, namedGivers)
    .map((giver) => `${nameOf(giver)} (${counted(giver.diamonds, noun("diamond"))})`);
  const parts = [
    lengthSentence(report),
    viewers && t`highest ${counted(viewers.highest, noun("viewer"))}`,
    busiestMinute && t`busiest at ${timeOfDay(busiestMinute.at)}`,
    followers.count > 0 && counted(followers.count, noun("new follower")),
    named.length > 0 && t`best givers ${named.join(", ")}`,
  ].filter((part) => part !== false && part !== null);
  return t`Session ${session.id}: ${parts.join(", ")}.`;
}
