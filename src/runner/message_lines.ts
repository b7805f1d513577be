/**
 * Messages as lines of text, for a pipe. Each starts with a record separator, so that what a service's
 * process prints on the same pipe, with or without an end of line, is told from them and is not lost.
 */
const separator = "\x1e";

/** A message's text as one line. JSON has no raw line ends and no raw separators. */
export function encodeLine(text: string): string {
  return `${separator}${text}\n`;
}

/** Writes messages' texts, each whole before anything else happens. */
export function lineWriter(writeSync: (bytes: Uint8Array) => number): (text: string) => void {
  // Kept before a service can change it.
  const encoder = new TextEncoder();
  return (text) => {
    let bytes = encoder.encode(encodeLine(text));
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(bytes));
  };
}

export interface Line {
  /** What was printed before the message's text, or all of the line; "" where nothing was. */
  printed: string;
  text: string | null;
}

/** A line's message is longer than its reader takes. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

interface DecodeOptions {
  signal?: AbortSignal;
  /** Letters of a message. What is printed is cut into lines of no more. */
  maxLetters?: number;
}

/**
 * Reads messages and printed lines to the end of the stream, or until `signal` aborts, which throws. Throws a
 * `LineTooLong`.
 */
export async function* decodeLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxLetters = Infinity, ...piping }: DecodeOptions = {},
): AsyncGenerator<Line> {
  /** Pieces of the line that has no end yet: they are put together once, or a long line would take quadratic time. */
  let held: string[] = [];
  let heldLetters = 0;
  const take = (last = "") => {
    const line = held.length === 0 ? last : [...held, last].join("");
    held = [];
    heldLetters = 0;
    if (line.length > maxLetters && line.includes(separator)) {
      throw new LineTooLong(`over ${maxLetters} letters`);
    }
    return decodeLine(line);
  };
  // Or a byte order mark at the beginning of a chunk would be lost, which a viewer may have typed.
  const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true });
  for await (const chunk of stream.pipeThrough(decoder, piping)) {
    const lines = chunk.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) yield take(line);
    held.push(rest);
    heldLetters += rest.length;
    if (heldLetters > maxLetters) yield take();
  }
  if (heldLetters > 0) yield { printed: held.join(""), text: null };
}

function decodeLine(line: string): Line {
  const at = line.lastIndexOf(separator);
  return at === -1 ? { printed: line, text: null } : { printed: line.slice(0, at), text: line.slice(at + 1) };
}
