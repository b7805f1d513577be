/** Screens of a terminal, as text with escape codes for their styles, as a moving SVG picture. */
import { textWidth } from "../src/faces/tui/width.ts";

const columnWidth = 8.4;
const rowHeight = 18;
const fontSize = 14;
const margin = 14;

export interface Theme {
  foreground: string;
  background: string;
}

export const dark: Theme = { foreground: "#d5d9e0", background: "#16191f" };
export const light: Theme = { foreground: "#1f2328", background: "#ffffff" };

/** Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones. */
const colors = [
  ...["#3b4252", "#f0717b", "#8fd17f", "#e8bf6a", "#7aa6f0", "#c792ea", "#6cc7d4", "#d5d9e0"],
  ...["#6b7486", "#ff8b94", "#a9e39b", "#ffd88a", "#98bdff", "#dcb0ff", "#8ae0ec", "#ffffff"],
];

interface Style {
  color: string | null;
  behind: string | null;
  isBold: boolean;
  isReversed: boolean;
}

interface Run {
  text: string;
  style: Style;
  column: number;
  /** In columns. */
  width: number;
}

const plain: Style = { color: null, behind: null, isBold: false, isReversed: false };

interface Size {
  columns: number;
  rows: number;
}

/**
 * Shows the screens one after the other, each for `seconds`, for ever. What several screens share is drawn
 * once. Knows the colors of a table of 256, bold and reversed.
 */
export function toMovingSvg(screens: string[], size: Size, seconds: number, theme: Theme = dark): string {
  const shownIn = new Map<string, boolean[]>();
  for (const [index, screen] of screens.entries()) {
    for (const run of drawRuns(screen, size, theme)) {
      if (!shownIn.has(run)) shownIn.set(run, screens.map(() => false));
      shownIn.get(run)![index] = true;
    }
  }
  const runsByMoments = Map.groupBy(
    shownIn,
    ([, isShown]) => isShown.map((is) => is ? "visible" : "hidden").join(";"),
  );
  const duration = `dur="${seconds * screens.length}s" repeatCount="indefinite" calcMode="discrete"`;
  const drawn = [...runsByMoments].map(([moments, runs]) => {
    const animation = moments.includes("hidden")
      ? `<animate attributeName="visibility" values="${moments}" ${duration}/>`
      : "";
    return `<g>${animation}${runs.map(([run]) => run).join("")}</g>`;
  });
  return draw(drawn, size, theme);
}

/** Each piece of text of the screen as SVG, at its place. */
function drawRuns(screen: string, { rows }: Size, theme: Theme): string[] {
  let style = plain;
  return screen.split("\n").slice(0, rows).flatMap((line, row) => {
    const read = readLine(line, style);
    style = read.style;
    return read.runs.map((run) => drawRun(run, row, theme)).filter((drawn) => drawn !== "");
  });
}

function draw(drawn: string[], { columns, rows }: Size, theme: Theme): string {
  const width = Math.ceil(columns * columnWidth + 2 * margin);
  const height = rows * rowHeight + 2 * margin;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<rect width="100%" height="100%" rx="8" fill="${theme.background}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${fontSize}"` +
    ` fill="${theme.foreground}" xml:space="preserve">`,
    ...drawn,
    "</g>",
    "</svg>",
    "",
  ].join("\n");
}

/** Styles go on from line to line. */
function readLine(line: string, before: Style): { runs: Run[]; style: Style } {
  const runs: Run[] = [];
  let style = before;
  let column = 0;
  for (const [index, part] of line.split("\x1b[").entries()) {
    const end = index === 0 ? -1 : part.indexOf("m");
    if (index > 0) style = codesOf(part.slice(0, end)).reduce(withCode, style);
    for (const text of pieces(part.slice(end + 1))) {
      const width = textWidth(text);
      runs.push({ text, style, column, width });
      column += width;
    }
  }
  return { runs, style };
}

/** What can be drawn at one place without leaving its columns: wide letters alone, words, gaps. */
function pieces(text: string): string[] {
  const graphemes = [...new Intl.Segmenter("en").segment(text)].map(({ segment }) => segment);
  const result: string[] = [];
  let isOpen = false;
  for (const grapheme of graphemes) {
    const isWide = textWidth(grapheme) > 1;
    const isGap = grapheme === " ";
    if (isOpen && !isWide && isGap === (result.at(-1)?.at(-1) === " ")) result[result.length - 1] += grapheme;
    else result.push(grapheme);
    isOpen = !isWide;
  }
  return result;
}

/** What stands between semicolons, but that "38;5;28" is one code. */
function codesOf(codes: string): string[] {
  return codes.match(/[34]8;5;\d+|\d+/g) ?? ["0"];
}

/** Of the table of 256: the sixteen, a cube of six steps a side, and greys. */
function colorOf(index: number): string {
  if (index < 16) return colors[index] as string;
  if (index >= 232) return `rgb(${Array(3).fill(8 + 10 * (index - 232)).join()})`;
  const step = (size: number) => [0, 95, 135, 175, 215, 255][Math.floor((index - 16) / size) % 6];
  return `rgb(${[step(36), step(6), step(1)].join()})`;
}

function withCode(style: Style, code: string): Style {
  const [kind, , index] = code.split(";");
  if (index !== undefined) {
    return { ...style, [kind === "38" ? "color" : "behind"]: colorOf(Number(index)) };
  }
  const number = Number(code);
  switch (number) {
    case 0:
      return plain;
    case 1:
      return { ...style, isBold: true };
    case 22:
      return { ...style, isBold: false };
    case 7:
      return { ...style, isReversed: true };
    case 27:
      return { ...style, isReversed: false };
    case 39:
      return { ...style, color: null };
    case 49:
      return { ...style, behind: null };
  }
  if (number >= 30 && number <= 37) return { ...style, color: colors[number - 30] as string };
  if (number >= 90 && number <= 97) return { ...style, color: colors[number - 90 + 8] as string };
  if (number >= 40 && number <= 47) return { ...style, behind: colors[number - 40] as string };
  if (number >= 100 && number <= 107) return { ...style, behind: colors[number - 100 + 8] as string };
  throw new Error(`The picture does not know the style code ${code}.`);
}

function drawRun({ text, style, column, width }: Run, row: number, theme: Theme): string {
  const color = style.isReversed ? style.behind ?? theme.background : style.color;
  const behind = style.isReversed ? style.color ?? theme.foreground : style.behind;
  const x = round(margin + column * columnWidth);
  const y = margin + row * rowHeight;
  const length = round(width * columnWidth);
  // A little wider than it is, so that no seams show.
  const box = behind === null
    ? ""
    : `<rect x="${x}" y="${y}" width="${round(length + 0.5)}" height="${rowHeight}" fill="${behind}"/>`;
  if (text.trim() === "") return box;
  const look = (color === null ? "" : ` fill="${color}"`) + (style.isBold ? ` font-weight="bold"` : "");
  const place = `x="${x}" y="${y + 13}" textLength="${length}" lengthAdjust="spacingAndGlyphs"`;
  return `${box}<text ${place}${look}>${escape(text)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
