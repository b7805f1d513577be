/**
 * Writes frames to the terminal: the rows that changed, each at its place. Ink would take each frame apart into styled
 * characters, measure them and join them again, which took half of the screen's time. The rows are fitted and colored
 * already, so comparing them is enough.
 */

export interface PaintedTerminal {
  write(text: string): unknown;
}

/** A terminal shows what is between these at once. */
const beginOfFrame = "\x1b[?2026h";
const endOfFrame = "\x1b[?2026l";
const home = "\x1b[H";
const emptyScreen = `${home}\x1b[J`;

export class Painter {
  readonly #terminal: PaintedTerminal;
  /** The rows that the terminal shows; null if that is not known. */
  #rows: readonly string[] | null = null;

  constructor(terminal: PaintedTerminal) {
    this.#terminal = terminal;
  }

  /** Forgets what the terminal shows, so that the next frame is painted whole. */
  forget(): void {
    this.#rows = null;
  }

  /** Shows these rows. Writes nothing if the terminal shows them already. */
  paint(rows: readonly string[]): void {
    const text = this.#rows?.length === rows.length ? changed(this.#rows, rows) : whole(rows);
    this.#rows = rows;
    // The cursor is hidden, and stays where no text that others write makes the terminal scroll.
    if (text !== "") this.#terminal.write(`${beginOfFrame}${text}${home}${endOfFrame}`);
  }
}

function whole(rows: readonly string[]): string {
  return emptyScreen + rows.join("\r\n");
}

function changed(before: readonly string[], after: readonly string[]): string {
  let text = "";
  for (const [index, row] of after.entries()) {
    // Erased first: after a row of the whole width, some terminals would erase its last character.
    if (row !== before[index]) text += `\x1b[${index + 1};1H\x1b[K${row}`;
  }
  return text;
}
