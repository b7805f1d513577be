import assert from "node:assert/strict";
import fc from "fast-check";
import { Painter } from "../../../src/faces/tui/painter.ts";

/** A terminal that knows the codes of the painter alone, and never scrolls. */
class RowsOfTerminal {
  rows: string[] = [];
  writes = 0;
  #row = 0;

  write(text: string): void {
    this.writes++;
    // deno-lint-ignore no-control-regex
    for (const [part, , row] of text.matchAll(/\x1b\[((\d+);1H|[HJK]|\?2026[hl])|\r\n|[^\x1b\r]+/g)) {
      if (row !== undefined) this.#row = Number(row) - 1;
      else if (part === "\x1b[H") this.#row = 0;
      else if (part === "\x1b[J") this.rows = [];
      else if (part === "\x1b[K") this.rows[this.#row] = "";
      else if (part === "\r\n") this.#row++;
      else if (!part.startsWith("\x1b")) this.rows[this.#row] = (this.rows[this.#row] ?? "") + part;
    }
  }

  shown(count: number): string[] {
    return Array.from({ length: count }, (_, index) => this.rows[index] ?? "");
  }
}

Deno.test("After any frames a terminal shows the last one, also in another height", () => {
  const anyRows = fc.array(fc.constantFrom("", "a", "ab", "ba", "longer than that"), { maxLength: 6 });
  fc.assert(fc.property(fc.array(anyRows, { minLength: 1 }), (frames) => {
    const terminal = new RowsOfTerminal();
    const painter = new Painter(terminal);
    for (const rows of frames) {
      painter.paint(rows);
      assert.deepEqual(terminal.shown(rows.length), rows);
    }
  }));
});

Deno.test("The same frame is written once, and again when something else was on the terminal", () => {
  const terminal = new RowsOfTerminal();
  const painter = new Painter(terminal);
  painter.paint(["one", "two"]);
  painter.paint(["one", "two"]);
  assert.equal(terminal.writes, 1);
  terminal.rows = ["a shell's prompt"];
  painter.forget();
  painter.paint(["one", "two"]);
  assert.deepEqual(terminal.shown(2), ["one", "two"]);
});

Deno.test("The cursor never stays in the last row, where a line break would scroll the frame", () => {
  let written = "";
  const painter = new Painter({ write: (text) => written = text });
  for (const rows of [["one", "two"], ["one", "three"]]) {
    painter.paint(rows);
    assert.match(written, /.\[H.\[\?2026l$/);
  }
});
