/** The parts of a report in words, for the terminal, the log and the page. */
import { cleanText } from "../clean_text.ts";
import { describeCounts } from "../describe.ts";
import { counted, formatNumber, msg, noun, t, translated } from "../language.ts";
import { amountText } from "../money.ts";
import type { CutList, PaymentSum, ReportedViewer, ServiceWork, SessionReport } from "../session_report.ts";
import { lengthText, timeOfDay } from "./durations.ts";

const maxName = 64;

export function number(value: number): string {
  return formatNumber(Math.round(value));
}

/** Safe for a terminal, whatever the database contains. */
export function nameOf({ name }: ReportedViewer): string {
  return cleanText(name, maxName) || t`somebody`;
}

/** "@ana", "the demo"; null without a name. */
export function whoseText({ session }: SessionReport): string | null {
  return session.username === "" ? null : `@${cleanText(session.username, maxName)}`;
}

/** "1 h 31 min", "12 min so far". */
export function lengthSentence({ lengthMs, session }: SessionReport): string {
  return session.isActive ? t`${lengthText(lengthMs)} so far` : lengthText(lengthMs);
}

/** null if the platform never said how many watched. */
export function viewersSentence({ viewers }: SessionReport): string | null {
  if (viewers === null) return null;
  const { highest, highestAt, average } = viewers;
  return t`highest ${number(highest)}, at ${timeOfDay(highestAt)}; ${number(average)} on average`;
}

/** "1,234, from 87 gifts by 23 viewers". */
export function diamondsSentence({ totals, givers, before }: SessionReport): string {
  const sum = number(totals.diamonds);
  const gifts = counted(totals.gifts, noun("gift"));
  const sentence = givers.count > 0
    ? t`${sum}, from ${gifts} by ${counted(givers.count, noun("viewer"))}`
    : t`${sum}, from ${gifts}`;
  return before.diamonds > 0
    ? `${sentence}; ${t`${number(before.diamonds)} of them before Livecue connected`}`
    : sentence;
}

/** null if nothing happened. */
export function busiestSentence({ busiestMinute, richestMinute }: SessionReport): string | null {
  if (busiestMinute === null) return null;
  const { at, events, minute, diamonds } = busiestMinute;
  const many = counted(events, noun("event"));
  if (richestMinute?.minute === minute) {
    return t`${timeOfDay(at)}, with ${many} and ${counted(diamonds, noun("diamond"))}`;
  }
  const sentence = t`${timeOfDay(at)}, with ${many}`;
  if (richestMinute === null) return sentence;
  const richest = t`most diamonds at ${timeOfDay(richestMinute.at)}: ${number(richestMinute.diamonds)}`;
  return `${sentence}; ${richest}`;
}

/** "45: Ana, Ben and 43 more". */
export function followersSentence({ followers }: SessionReport, named: number): string {
  if (followers.count === 0) return t`none`;
  return `${number(followers.count)}: ${listed(followers, named)}`;
}

function listed({ count, first }: CutList<ReportedViewer>, named: number): string {
  const names = first.slice(0, named).map(nameOf);
  const more = count - names.length;
  return more > 0 ? t`${names.join(", ")} and ${number(more)} more` : names.join(", ");
}

/** "1,200 likes, 340 comments, …". */
export function otherTotals({ totals }: SessionReport): string {
  return [
    counted(totals.likes, noun("like")),
    counted(totals.comments, noun("comment")),
    counted(totals.shares, noun("share")),
    counted(totals.subscribes, noun("subscription")),
    counted(totals.joins, noun("join")),
  ].join(", ");
}

const paymentNouns = {
  DonationEvent: noun("donation"),
  MembershipEvent: noun("membership"),
  OrderEvent: noun("order"),
};

/** "2 donations: 10.00 EUR". */
export function paymentSentence({ type, count, ...sum }: PaymentSum): string {
  const money = `${amountText(sum)} ${cleanText(sum.currency, 10)}`.trimEnd();
  return `${counted(count, paymentNouns[type])}: ${money}`;
}

const reasons: Record<string, string> = {
  evicted: msg("evicted by more important ones"),
  queue_full: msg("because the queue was full"),
  emptied: msg("emptied by hand"),
  stale: msg("too old"),
};
const unknownReason = msg("for an unknown reason");

/** "5 (3 evicted by more important ones, 2 too old)"; "0". */
export function discardedText({ discarded }: ServiceWork): string {
  const counts = Object.entries(discarded);
  const sum = counts.reduce((total, [, count]) => total + count, 0);
  if (sum === 0) return "0";
  const why = counts.map(([reason, count]) =>
    `${number(count)} ${translated(reasons[reason] ?? unknownReason)}`
  );
  return `${number(sum)} (${why.join(", ")})`;
}

/** null if everything was stored. */
export function shedSentence({ shed }: SessionReport): string | null {
  const counts = describeCounts(shed);
  return counts === "" ? null : t`${counts}, because too many events came at once`;
}
