/** The parts of a report in words, for the terminal, the log and the page. */
import { cleanText } from "../clean_text.ts";
import { describeCounts } from "../describe.ts";
import { amountText } from "../money.ts";
import type { CutList, PaymentSum, ReportedViewer, ServiceWork, SessionReport } from "../session_report.ts";
import { lengthText, timeOfDay } from "./durations.ts";

const maxName = 64;

export function number(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** "1 gift", "1,200 gifts". */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Safe for a terminal, whatever the database contains. */
export function nameOf({ name }: ReportedViewer): string {
  return cleanText(name, maxName) || "somebody";
}

/** "@ana", "the demo"; null without a name. */
export function whoseText({ session }: SessionReport): string | null {
  return session.username === "" ? null : `@${cleanText(session.username, maxName)}`;
}

/** "1 h 31 min", "12 min so far". */
export function lengthSentence({ lengthMs, session }: SessionReport): string {
  return lengthText(lengthMs) + (session.isActive ? " so far" : "");
}

/** null if the platform never said how many watched. */
export function viewersSentence({ viewers }: SessionReport): string | null {
  if (viewers === null) return null;
  const { highest, highestAt, average } = viewers;
  return `highest ${number(highest)}, at ${timeOfDay(highestAt)}; ${number(average)} on average`;
}

/** "1,234, from 87 gifts by 23 viewers". */
export function diamondsSentence({ totals, givers, before }: SessionReport): string {
  const whose = givers.count > 0 ? ` by ${counted(givers.count, "viewer")}` : "";
  const earlier = before.diamonds > 0 ? `; ${number(before.diamonds)} of them before Livecue connected` : "";
  return `${number(totals.diamonds)}, from ${counted(totals.gifts, "gift")}${whose}${earlier}`;
}

/** null if nothing happened. */
export function busiestSentence({ busiestMinute, richestMinute }: SessionReport): string | null {
  if (busiestMinute === null) return null;
  const { at, events, minute, diamonds } = busiestMinute;
  const sentence = `${timeOfDay(at)}, with ${counted(events, "event")}`;
  if (richestMinute === null) return sentence;
  if (richestMinute.minute === minute) return `${sentence} and ${counted(diamonds, "diamond")}`;
  return `${sentence}; most diamonds at ${timeOfDay(richestMinute.at)}: ${number(richestMinute.diamonds)}`;
}

/** "45: Ana, Ben and 43 more". */
export function followersSentence({ followers }: SessionReport, named: number): string {
  if (followers.count === 0) return "none";
  return `${number(followers.count)}: ${listed(followers, named)}`;
}

function listed({ count, first }: CutList<ReportedViewer>, named: number): string {
  const names = first.slice(0, named).map(nameOf);
  const more = count - names.length;
  return names.join(", ") + (more > 0 ? ` and ${number(more)} more` : "");
}

/** "1,200 likes, 340 comments, …". */
export function otherTotals({ totals }: SessionReport): string {
  return [
    counted(totals.likes, "like"),
    counted(totals.comments, "comment"),
    counted(totals.shares, "share"),
    counted(totals.subscribes, "subscription"),
    counted(totals.joins, "join"),
  ].join(", ");
}

const paymentNouns = { DonationEvent: "donation", MembershipEvent: "membership", OrderEvent: "order" };

/** "2 donations: 10.00 EUR". */
export function paymentSentence({ type, count, ...sum }: PaymentSum): string {
  const money = `${amountText(sum)} ${cleanText(sum.currency, 10)}`.trimEnd();
  return `${counted(count, paymentNouns[type])}: ${money}`;
}

const reasons: Record<string, string> = {
  evicted: "evicted by more important ones",
  queue_full: "because the queue was full",
  emptied: "emptied by hand",
  stale: "too old",
};

/** "5 (3 evicted by more important ones, 2 too old)"; "0". */
export function discardedText({ discarded }: ServiceWork): string {
  const counts = Object.entries(discarded);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  if (sum === 0) return "0";
  const why = counts.map(([reason, count]) =>
    `${number(count)} ${reasons[reason] ?? "for an unknown reason"}`
  );
  return `${number(sum)} (${why.join(", ")})`;
}

/** null if everything was stored. */
export function shedSentence({ shed }: SessionReport): string | null {
  const counts = describeCounts(shed);
  return counts === "" ? null : `${counts}, because too many events came at once`;
}
