/** The lines of the service's pane on the screen. */
import { msg, t, translated } from "livecue/language";
import type { PaneLine } from "livecue/service";

export interface PaneState {
  /** Percent. */
  level: number | null;
  processor: number | null;
  fill: { at: number; rise: number } | null;
  /** When the next post is allowed; null: at once. */
  nextAt: number | null;
  place: string;
}

/** What the station's numbers mean. */
const states: Record<number, string> = {
  2: msg("stopped"),
  4: msg("shutting down"),
  8: msg("in maintenance"),
  16: msg("normal: it empties the tank"),
  32: msg("standby"),
  64: msg("idle"),
  128: msg("starting"),
};

export function paneLines({ level, processor, fill, nextAt, place }: PaneState): PaneLine[] {
  return [
    level === null
      ? { label: t`level`, value: t`no reading yet` }
      : { label: t`level`, value: `${level} %`, part: Math.min(1, Math.max(0, level / 100)) },
    {
      label: t`processor`,
      value: processor === null ? t`no reading yet` : translated(states[processor] ?? String(processor)),
    },
    { label: t`last fill`, value: fill === null ? t`none yet` : t`+${fill.rise} % at ${timeOf(fill.at)}` },
    { label: t`posts to`, value: place },
    { label: t`next post`, value: nextAt === null ? t`with the next fill` : t`from ${timeOf(nextAt)}` },
  ];
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 16)} UTC`;
}
