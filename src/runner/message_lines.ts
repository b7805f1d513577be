/**
 * Messages as lines of text on a pipe. Each starts with a record separator, so that the reader can tell it from
 * whatever a service's process prints on the same pipe, with or without a line break, and loses neither.
 */
const separator = "\x1e";

/** A message's text as one line. JSON contains no raw line breaks and no raw separators. */
export function encodeLine(text: string): string {
  return `${separator}${text}\n`;
}

/** Returns a function that writes a message's text completely before it returns. */
export function lineWriter(writeSync: (bytes: Uint8Array) => number): (text: string) => void {
  // Kept before the service's code can replace it.
  const encoder = new TextEncoder();
  return (text) => {
    let bytes = encoder.encode(encodeLine(text));
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(bytes));
  };
}

export interface Line {
  /**
   * Printed text before the message on this line, or the whole line if it has no message; "" if nothing was printed.
   */
  printed: string;
  text: string | null;
}

/** A message is longer than `maxCharacters`. */
export class LineTooLong extends Error {
  override readonly name = "LineTooLong";
}

interface DecodeOptions {
  signal?: AbortSignal;
  /** The longest message, in characters. Longer printed text is split into lines of this length. */
  maxCharacters?: number;
}

/** Reads messages and printed lines until the stream ends or `signal` aborts, which throws. Throws a `LineTooLong`. */
export async function* decodeLines(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { maxCharacters = Infinity, ...piping }: DecodeOptions = {},
): AsyncGenerator<Line> {
  /**
   * Pieces of an unfinished line. They are joined once, because repeated joins of a long line would take quadratic
   * time.
   */
  let held: string[] = [];
  let heldCharacters = 0;
  const take = (last = "") => {
    const line = held.length === 0 ? last : [...held, last].join("");
    held = [];
    heldCharacters = 0;
    if (line.length > maxCharacters && line.includes(separator)) {
      throw new LineTooLong(`over ${maxCharacters} characters`);
    }
    return decodeLine(line);
  };
  // Otherwise the decoder would drop a byte order mark at the start of a chunk, which a viewer may have typed.
  const decoder = new TextDecoderStream("utf-8", { ignoreBOM: true });
  for await (const chunk of stream.pipeThrough(decoder, piping)) {
    const lines = chunk.split("\n");
    const rest = lines.pop() ?? "";
    for (const line of lines) yield take(line);
    held.push(rest);
    heldCharacters += rest.length;
    if (heldCharacters > maxCharacters) yield take();
  }
  if (heldCharacters > 0) yield { printed: held.join(""), text: null };
}

function decodeLine(line: string): Line {
  const at = line.lastIndexOf(separator);
  return at === -1 ? { printed: line, text: null } : { printed: line.slice(0, at), text: line.slice(at + 1) };
}
