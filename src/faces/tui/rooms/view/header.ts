/** The top lines: how many rooms are captured, the sums over them, and the hosts. */
import { counted, noun, t } from "../../../../language.ts";
import type { HostLine } from "../../../../rooms_control.ts";
import { formatCount, formatMilliseconds, formatRate } from "../../format.ts";
import type { Line, Span } from "../../theme.ts";
import { steady, textWidth } from "../../width.ts";
import { banners, hostRows } from "../layout.ts";
import type { RoomsState } from "../state.ts";

/** A host announces itself more often than this. */
const lateHostMs = 30_000;

const nouns = { viewers: noun("viewer"), hosts: noun("host") };

export function headerLines(state: RoomsState): Line[] {
  return [captured(state), counts(state), ...bannerRows(state), ...hostLines(state)];
}

function captured({ snapshot: { rooms }, size: { columns } }: RoomsState): Line {
  const count = rooms.filter(({ machine }) => machine !== null).length;
  const troubled = rooms.filter(({ trouble }) => trouble !== null).length;
  const rate = rooms.reduce((sum, { eventsPerSecond }) => sum + eventsPerSecond, 0);
  const left: Line = [
    { text: " Livecue  ", style: "strong" },
    {
      text: `${count === rooms.length ? "●" : "○"} ${t`${formatCount(count)} of ${
        formatCount(rooms.length)
      } captured`}`,
      style: count === rooms.length ? "good" : "warning",
    },
  ];
  if (troubled > 0) left.push({ text: `  ! ${t`${troubled} in trouble`}`, style: "bad" });
  const right: Span = { text: `${t`${formatRate(rate).replace("/s", "")} events/s`} `, style: "strong" };
  const blanks = Math.max(2, columns - widthOf(left) - textWidth(right.text));
  return [...left, { text: " ".repeat(blanks) }, right];
}

function counts({ snapshot: { rooms, hosts } }: RoomsState): Line {
  const sum = (of: "pending" | "failed" | "viewers") => rooms.reduce((sum, room) => sum + (room[of] ?? 0), 0);
  const [viewers, pending, failed] = [sum("viewers"), sum("pending"), sum("failed")];
  return [
    { text: ` ${counted(viewers, nouns.viewers, formatCount(viewers))}  ` },
    { text: `${t`${formatCount(pending)} pending`}  ` },
    { text: `${t`${formatCount(failed)} failed`}  `, style: failed > 0 ? "bad" : "plain" },
    { text: hosts.length === 0 ? "" : counted(hosts.length, nouns.hosts, formatCount(hosts.length)) },
  ];
}

function bannerRows(state: RoomsState): Line[] {
  return banners(state).map(({ text, isError, isMore }): Line => [
    { text: ` ${isMore ? " " : isError ? "!" : "◌"} ${text}`, style: isError ? "bad" : "warning" },
  ]);
}

/** If they do not all fit, the last line counts the rest. */
function hostLines(state: RoomsState): Line[] {
  const rows = hostRows(state);
  const { hosts } = state.snapshot;
  if (rows === 0) return [];
  const title: Span = { text: ` ${t`Hosts`}  `, style: "strong" };
  if (rows === 1) {
    return [[title, ...hosts.flatMap((host): Line => [...hostSpans(host), { text: "  " }])]];
  }
  const shown = hosts.length > rows ? hosts.slice(0, rows - 1) : hosts;
  const lines = shown.map((host, index): Line => [
    index === 0 ? title : { text: " ".repeat(textWidth(title.text)) },
    ...hostSpans(host),
    { text: `  ${host.services.join(", ")}` },
  ]);
  const rest = hosts.length - shown.length;
  const more = t`and ${rest} more`;
  return rest === 0 ? lines : [...lines, [{ text: `${" ".repeat(textWidth(title.text))}${more}` }]];
}

function hostSpans({ name, seenMs }: HostLine): Line {
  const isLate = seenMs > lateHostMs;
  return [
    { text: isLate ? "! " : "● ", style: isLate ? "bad" : "good" },
    { text: `${name.replace(/\s+/g, " ")} ` },
    { text: t`${heardText(seenMs)} ago`, style: isLate ? "bad" : "plain" },
  ];
}

/** In whole seconds, so that it does not flicker. */
function heardText(ms: number): string {
  return ms < 99_500 ? `${Math.round(ms / 1_000)} s` : formatMilliseconds(ms);
}

function widthOf(line: Line): number {
  return line.reduce((sum, { text }) => sum + textWidth(steady(text)), 0);
}
