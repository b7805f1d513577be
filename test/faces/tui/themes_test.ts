import assert from "node:assert/strict";
import { plainFailure } from "../../../src/failure.ts";
import { frameRows } from "../../../src/faces/tui/view/frame.ts";
import { themeNames, usualScreen } from "../../../src/screen_settings.ts";
import { sampleService, sampleSnapshot } from "../../support/fake_control.ts";
import { Driven } from "./drive.ts";

type Color = readonly number[];

/** The first 16 colors of xterm. */
const basic: Color[] = [
  ...[[0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205]],
  ...[[229, 229, 229], [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255]],
  ...[[255, 0, 255], [0, 255, 255], [255, 255, 255]],
];
const steps = [0, 95, 135, 175, 215, 255];

/** Red, green and blue of a number of the table of 256. */
function colorOf(number: number): Color {
  if (number < 16) return basic[number] as Color;
  const [rest, grey] = [number - 16, 8 + 10 * (number - 232)];
  if (number >= 232) return [grey, grey, grey];
  return [steps[Math.floor(rest / 36)], steps[Math.floor(rest / 6) % 6], steps[rest % 6]] as Color;
}

/** The contrast of two colors by WCAG 2, from 1 to 21. */
function contrastOf(one: Color, other: Color): number {
  const luminance = (color: Color) => {
    const [red = 0, green = 0, blue = 0] = color.map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

interface Piece {
  text: string;
  color: Color | null;
  behind: Color | null;
}

/** The texts of a frame, each with its colors; null: the terminal's. */
function piecesOf(rows: string[]): Piece[] {
  return rows.flatMap((row) => {
    let [color, behind]: (Color | null)[] = [null, null];
    // deno-lint-ignore no-control-regex
    return row.split(/(\x1b\[[\d;]*m)/).flatMap((part): Piece[] => {
      if (!part.startsWith("\x1b")) return part.trim() === "" ? [] : [{ text: part, color, behind } as Piece];
      const codes = part.slice(2, -1).split(";").map(Number);
      const [first = 0, , index = 0] = codes;
      if (first === 38) color = colorOf(index);
      else if (first === 48) behind = colorOf(index);
      else if (first === 39) color = null;
      else if (first === 49) behind = null;
      else if (first >= 30 && first < 38) color = colorOf(first - 30);
      else if (first >= 90 && first < 98) color = colorOf(first - 82);
      else if (first >= 40 && first < 48) behind = colorOf(first - 40);
      return [];
    });
  });
}

const services = [
  sampleService({ slug: "full", phase: "switched off", pending: 490, maxQueueSize: 500, failed: 3 }),
  sampleService({ slug: "half", phase: "backing off", failure: plainFailure("It broke."), pending: 350 }),
  sampleService({ slug: "fine", phase: "starting", pending: 1 }),
];

/** Frames with each pane focused, and with what needs attention. */
function framesOf(theme: typeof themeNames[number]): string[][] {
  const settings = { ...usualScreen, theme };
  return [{ columns: 80, rows: 24 }, { columns: 120, rows: 40 }, { columns: 200, rows: 50 }].flatMap(
    (size) => {
      const driven = new Driven(sampleSnapshot({ services, settings, configError: "A mistake." }), size);
      return [[], ["2"], ["down"], ["3"], ["4"], ["up"], ["enter"], ["esc", "2", "e"]]
        .map((keys) => frameRows(driven.press(...keys).state, true));
    },
  );
}

const black: Color = [0, 0, 0];
const white: Color = [255, 255, 255];

for (const theme of themeNames) {
  Deno.test(`In the theme ${theme} every text is readable, also in the selected row`, () => {
    const pieces = framesOf(theme).flatMap(piecesOf);
    assert.ok(pieces.some(({ behind }) => behind !== null));
    for (const { text, color, behind } of pieces) {
      // Colors that are the terminal's own are for the terminal to choose.
      if (behind === null && (color === null || theme === "terminal")) continue;
      const grounds = behind === null ? [black, white] : [behind];
      for (const ground of grounds) {
        const contrast = contrastOf(color as Color, ground);
        assert.ok(contrast >= (behind === null ? 3.9 : 4.5), `${text}: ${color} on ${ground}: ${contrast}`);
      }
    }
  });

  Deno.test(`In the theme ${theme} the gauge of a selected row has a color of its own, and is not inverted`, () => {
    const driven = new Driven(
      sampleSnapshot({ services, settings: { ...usualScreen, theme } }),
      { columns: 120, rows: 40 },
    );
    const rows = frameRows(driven.press("2").state, true);
    const selected = piecesOf(rows.filter((row) => row.includes("▸ ")));
    const gauge = selected.find(({ text }) => /█████░/.test(text));
    const plain = selected.find(({ text }) => text.startsWith("full"));
    assert.ok(gauge && plain);
    assert.notDeepEqual(gauge.color, plain.color);
    assert.deepEqual(gauge.behind, plain.behind);
    assert.ok(!rows.join("").includes("\x1b[7m"));
  });
}

for (const theme of ["dark", "midnight", "light", "paper"] as const) {
  Deno.test(`The theme ${theme} covers the whole window with its background`, () => {
    for (const rows of framesOf(theme)) {
      for (const row of rows) assert.ok(row.startsWith("\x1b[48;5;") && row.endsWith("\x1b[49m"), row);
    }
  });
}

Deno.test("T shows the next theme, and a theme in the config takes its place", () => {
  const driven = new Driven(sampleSnapshot()).press("T");
  assert.equal(driven.state.theme, "dark");
  assert.match(
    frameRows(driven.state, false).join("\n"),
    /The theme is dark\. To keep it, write "theme": "dark"/,
  );
  driven.send({ kind: "snapshot", snapshot: sampleSnapshot({ takenMs: 2_000_000 }) });
  assert.equal(driven.state.theme, "dark");
  driven.send({
    kind: "snapshot",
    snapshot: sampleSnapshot({ settings: { ...usualScreen, theme: "paper" } }),
  });
  assert.equal(driven.state.theme, null);
});

Deno.test("Without color no theme has an escape code", () => {
  for (const theme of themeNames) {
    const { state } = new Driven(sampleSnapshot({ settings: { ...usualScreen, theme } }));
    assert.ok(!frameRows(state, false).join("\n").includes("\x1b"));
  }
});
