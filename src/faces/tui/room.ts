/** The rows that each part of the screen takes: banners, the dialog or the status, and the panes between them. */
import { t } from "../../language.ts";
import { isTooSmall, type Layout, layOut, type Pane, type Size, sourceRows } from "./layout.ts";
import { keyTo, lowestOf, type ScreenState } from "./state.ts";
import { isTroubled } from "./troubles.ts";
import { messageLines } from "./view/message.ts";
import { wrap } from "./width.ts";

const maxStoppingRows = 4;

const maxBannerRows = 3;

export interface BannerLine {
  text: string;
  isError: boolean;
  /** Whether it continues the line above. */
  isMore: boolean;
}

/** The lines below the header: the cause of lost events, the parts that a stop waits for, and a mistake in the config. */
export function bannerLines(state: ScreenState): BannerLine[] {
  const { stopping, configError, strain } = state.snapshot;
  const lines: BannerLine[] = [];
  if (strain !== null) lines.push(...banner(strain, state.size, true));
  if (stopping !== null || state.isQuitting) {
    const said = (text: string) => ({ text, isError: false, isMore: false });
    lines.push(said(
      state.room === null
        ? t`Stopping in order. Press ${keyTo("quit", state.snapshot)} again to quit at once.`
        : t`This room is being closed.`,
    ));
    const waits = stopping ?? [];
    const shown = waits.length > maxStoppingRows ? waits.slice(0, maxStoppingRows - 1) : waits;
    lines.push(...shown.map((wait) => said(`  ${t`waiting: ${wait}`}`)));
    const rest = waits.length - shown.length;
    if (rest > 0) lines.push(said(`  ${t`and for ${rest} more`}`));
  }
  if (configError !== null) {
    const text = t`The config was not applied; the old settings remain: ${configError}`;
    lines.push(...banner(text, state.size, true));
  }
  return lines;
}

/** Wraps a sentence to up to three rows. */
function banner(text: string, { columns }: Size, isError: boolean): BannerLine[] {
  return wrap(text.replace(/\s+/g, " "), columns - 3, maxBannerRows)
    .map((text, index) => ({ text, isError, isMore: index > 0 }));
}

export function layoutOf(state: ScreenState): Layout {
  const { past, snapshot: { services } } = state;
  return layOut({
    size: state.size,
    focus: state.focus,
    isZoomed: state.isZoomed,
    isPast: past !== null,
    lowest: lowestOf(state),
    serviceRows: past === null
      ? services.length + services.filter(isTroubled).length
      : past.work?.length ?? 1,
    serviceCount: services.length,
    headerRows: headerRows(state),
    footerRows: 1 + messageLines(state).length,
  });
}

function headerRows(state: ScreenState): number {
  const banners = isTooSmall(state.size) ? 0 : bannerLines(state).length;
  if (state.past !== null) return 2 + banners;
  const sources = sourceRows(state.snapshot.sources.length, state.size);
  return (sources === 0 ? 2 : 1 + sources) + banners;
}

/** The panes with column headings. */
export const tables: readonly Pane[] = ["services", "workers", "channels", "gifts", "sessions"];

/** The number of lines of a pane below its title and its column headings. */
export function linesOf(state: ScreenState, pane: Pane): number {
  const head = tables.includes(pane) ? 2 : 1;
  return Math.max(0, layoutOf(state).panes[pane].rows - head);
}
