/** Reads a text file line by line, so that a file of any size takes little memory. */

/** A message of a live takes a few kilobytes, so a longer line is not from a recording. */
const maxLineBytes = 8 * 1024 * 1024;
/** About 150 messages of a live: one read can be written in one transaction. */
const chunkBytes = 256 * 1024;
const lineFeed = 10;
const decoder = new TextDecoder();

export interface Line {
  /** From 1. */
  number: number;
  /** Without line break and surrounding white space; null if the line is too long. */
  text: string | null;
}

/**
 * Yields the lines of each read together, so that many lines need only one await. Each read lets the event loop run,
 * for signals and timers. Throws what `Deno.open` throws.
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
  /** The start of an incomplete line. */
  #parts: Uint8Array[] = [];
  #length = 0;
  #number = 0;

  /** Consume all lines before the chunk changes. */
  *push(chunk: Uint8Array): Generator<Line> {
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#keep(chunk.subarray(start, end));
      yield this.#take();
      start = end + 1;
    }
    // Copied, because the chunk's buffer is reused.
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

/** The decoder removes a byte order mark, and `trim` the CR of a CRLF. */
function decode(parts: Uint8Array[], length: number): string {
  // Most lines are within one read and need no copy.
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
