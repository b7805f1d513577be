/** The lines of the channels pane that were read, and the open channel. */
import type { ChannelLine, ChartSpan } from "../../channel_view.ts";
import type { ChannelDetail } from "../../control.ts";

export interface ChannelList {
  /** Only channels with this text. */
  text: string;
  /** The number of channels with the text; null: not known yet. */
  count: number | null;
  /** The selected channel, counted from 0. */
  selected: number;
  /** The first channel in the window. */
  first: number;
  /** The lines that were read last: those of the channels from `linesFrom` on. */
  lines: ChannelLine[];
  linesFrom: number;
  /** The `takenMs` of the snapshot at which lines were asked for last. */
  askedMs: number;
}

export const emptyChannelList: ChannelList = {
  text: "",
  count: null,
  selected: 0,
  first: 0,
  lines: [],
  linesFrom: 0,
  askedMs: -Infinity,
};

export interface ChannelView {
  kind: "channel";
  line: ChannelLine;
  span: ChartSpan;
  detail: ChannelDetail | null;
  scroll: number;
  askedMs: number;
}

/** A line that was read some time ago. */
export function agedLine(line: ChannelLine, olderMs: number): ChannelLine {
  return line.ageMs === null ? line : { ...line, ageMs: line.ageMs + Math.max(0, olderMs) };
}
