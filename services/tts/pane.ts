/** The lines of the service's pane on the screen. */
import { t } from "livecue/language";
import type { PaneLine } from "livecue/service";
import type { Said } from "./speaker.ts";

export interface PaneState {
  said: Said | null;
  /** The time, by `performance.now()`. */
  now: number;
  slots: { running: number; total: number };
  waitingCount: number;
  waitingByViewer: readonly { name: string; count: number }[];
  leftOutCount: number;
  pageCount: number;
  volume: number;
  isMuted: boolean;
}

/** The number of characters shown before and after the current word. */
const shownBefore = 24;
const shownAfter = 60;

export function paneLines(state: PaneState): PaneLine[] {
  const { said, slots, waitingCount, waitingByViewer, leftOutCount, pageCount, volume, isMuted } = state;
  const sound = isMuted ? t`muted` : `${Math.round(volume * 100)} %`;
  const saying = said === null
    ? []
    : [{ label: said.speech.viewer.name || t`says`, value: sayingOf(said, state.now) }];
  return [
    ...saying,
    { label: t`slots`, value: t`${slots.running} of ${slots.total}`, part: slots.running / slots.total },
    { label: t`waiting`, value: String(waitingCount) },
    ...waitingByViewer.map(({ name, count }) => ({
      label: `  ${name || t`other programs`}`,
      value: String(count),
    })),
    ...(leftOutCount === 0 ? [] : [{ label: t`left out`, value: String(leftOutCount) }]),
    { label: t`sound`, value: pageCount === 0 ? t`${sound}, no page is open` : sound },
  ];
}

/** The text around the current word, with the word in brackets. */
function sayingOf({ speech: { text }, words, since }: Said, now: number): string {
  const ms = now - since;
  const word = words.findLast(({ startMs }) => startMs <= ms);
  if (word === undefined) return text.slice(0, shownAfter);
  const { from, to } = word;
  const before = text.slice(Math.max(0, from - shownBefore), from);
  return `${before}[${text.slice(from, to)}]${text.slice(to, to + shownAfter)}`;
}
