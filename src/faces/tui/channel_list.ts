/** The lines of the channels pane that were read, and the open channel. */
import type { ChannelLine, ChartSpan } from "../../channel_view.ts";
import type { ChannelDetail } from "../../control.ts";
import { emptyWindow, type WindowedList } from "./windowed_list.ts";

export interface ChannelList extends WindowedList<ChannelLine> {
  /** Only channels with this text. */
  text: string;
}

export const emptyChannelList: ChannelList = { ...emptyWindow, text: "" };

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
