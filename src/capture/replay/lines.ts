/** Reads a text file line by line, so that files of any size take little memory. */

/** A message of a live takes a few kilobytes; what is longer than this is no recording's line. */
const maxLineBytes = 8 * 1024 * 1024;
/** Some 150 messages of a live: what is read at once can be written in one transaction. */
const chunkBytes = 256 * 1024;
const lineFeed = 10;
const decoder = new TextDecoder();

export interface Line {
  /** From 1. */
  number: number;
  /** Without its line break and blanks at both ends; null where the line is too long to be read. */
  text: string | null;
}

/**
 * Yields the lines of each read together: one wait for many of them. Each read lets the event loop turn, so that a
 * signal or a timer gets in between. Throws what `Deno.open` throws.
 */
export async function* readLines(path: string): AsyncGenerator<Iterable<Line>> {
  using file = await Deno.open(path);
  const splitter = new LineSplitter();
  const buffer = new Uint8Array(chunkBytes);
  for (let size = await file.read(buffer); size !== null; size = await file.read(buffer)) {
    yield splitter.push(buffer.subarray(0, size));
  }
  yield splitter.end();
}

class LineSplitter {
  /** The beginning of a line whose end is still to come. */
  #parts: Uint8Array[] = [];
  #length = 0;
  #number = 0;

  /** Is to be read to its end before the chunk changes. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#keep(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    // Copied, because the buffer under the chunk is used again.
    this.#keep(chunk.slice(start));
  }

  *end(): Generator<Line> {
    if (this.#length > 0) yield this.#take();
  }

  #keep(part: Uint8Array): void {
    this.#length += part.length;
    if (this.#length <= maxLineBytes) this.#parts.push(part);
    else this.#parts = [];
  }

  #take(): Line {
    const text = this.#length > maxLineBytes ? null : decode(this.#parts, this.#length);
    this.#parts = [];
    this.#length = 0;
    return { number: ++this.#number, text };
  }
}

/** A byte order mark goes, as the decoder does it, and so do the blanks of a CRLF. */
function decode(parts: Uint8Array[], length: number): string {
  // Most lines lie within one read, and need no copy.
  const bytes = parts.length === 1 ? parts[0] as Uint8Array : joined(parts, length);
  return decoder.decode(bytes).trim();
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
