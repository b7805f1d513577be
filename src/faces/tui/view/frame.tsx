/**
 * One frame. Each pane is one text of lines that already have their width: to lay out and measure many small
 * pieces costs three times as much. This module is loaded when a screen is opened, as it loads Ink.
 */
import { Box, Text } from "ink";
import { isTooSmall, type Pane, type PaneRoom, smallest } from "../layout.ts";
import { layoutOf, type ScreenState, topView } from "../state.ts";
import { type Line, paintLine } from "../theme.ts";
import { detailView } from "./detail.ts";
import { eventsLines } from "./events.ts";
import { footerLines } from "./footer.ts";
import { headerLines } from "./header.ts";
import { logLines } from "./log.ts";
import { shownLines } from "./shown.ts";
import { servicesLines, workersLines } from "./services.ts";

export interface FrameProps {
  state: ScreenState;
  isColored: boolean;
}

export function Frame({ state, isColored }: FrameProps) {
  const { columns, rows } = state.size;
  if (isTooSmall(state.size)) return <TooSmall state={state} isColored={isColored} />;
  return (
    <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
      <Block lines={headerLines(state)} columns={columns} isColored={isColored} />
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {topView(state).kind === "main"
          ? <Panes state={state} isColored={isColored} />
          : <Block lines={detailView(state)} columns={columns} isColored={isColored} />}
      </Box>
      <Block lines={footerLines(state)} columns={columns} isColored={isColored} />
    </Box>
  );
}

function Panes({ state, isColored }: FrameProps) {
  const { isWide } = layoutOf(state);
  const pane = (name: Pane) => <PaneBlock name={name} state={state} isColored={isColored} />;
  if (state.isZoomed) return pane(state.focus);
  if (!isWide) return <>{pane("events")}{pane("services")}{pane("workers")}{pane(state.lowest)}</>;
  return (
    <>
      <Box flexShrink={0}>
        <Box flexDirection="column" flexShrink={0}>{pane("services")}{pane("workers")}</Box>
        <Box width={1} flexShrink={0} />
        {pane("events")}
      </Box>
      {pane(state.lowest)}
    </>
  );
}

const linesOfPane: Record<Pane, (state: ScreenState) => Line[]> = {
  events: eventsLines,
  services: servicesLines,
  workers: workersLines,
  log: logLines,
  shown: shownLines,
};

function PaneBlock({ name, state, isColored }: FrameProps & { name: Pane }) {
  const room: PaneRoom = layoutOf(state).panes[name];
  if (room.rows === 0) return null;
  const lines = linesOfPane[name](state).slice(0, room.rows);
  return <Block lines={lines} columns={room.columns} rows={room.rows} isColored={isColored} />;
}

interface BlockProps {
  lines: Line[];
  columns: number;
  rows?: number;
  isColored: boolean;
}

function Block({ lines, columns, rows = lines.length, isColored }: BlockProps) {
  // An empty line keeps its row by a blank.
  const text = lines.map((line) => paintLine(line, columns, isColored) || " ").join("\n");
  return (
    <Box width={columns} height={rows} flexShrink={0} overflow="hidden">
      <Text wrap="truncate">{text}</Text>
    </Box>
  );
}

function TooSmall({ state, isColored }: FrameProps) {
  const { columns, rows } = state.size;
  const lines: Line[] = [
    [{ text: "This window is too small.", style: "strong" }],
    [{ text: `Livecue needs ${smallest.columns}×${smallest.rows}, it has ${columns}×${rows}.` }],
    [{ text: "The live goes on. q quits." }],
  ];
  return (
    <Box width={columns} height={rows} overflow="hidden">
      <Block lines={lines.slice(0, rows)} columns={columns} isColored={isColored} />
    </Box>
  );
}
