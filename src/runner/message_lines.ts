/**
 * Messages as lines of text, for a pipe. Each starts with a record separator, so that what a service's
 * process prints on the same pipe, with or without an end of line, is told from them and is not lost.
 */
const separator = "\x1e";

/** A message's text as one line. JSON has no raw line ends and no raw separators. */
export function encodeLine(text: string): string {
  return `${separator}${text}\n`;
}

export interface Line<Message> {
  /** What was printed before the message, or all of the line; "" where nothing was. */
  printed: string;
  message: Message | null;
}

/**
 * Reads messages and printed lines to the end of the stream, or until `signal` aborts, which throws.
 * The messages' form is taken on trust.
 */
export async function* decodeLines<Message>(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal?: AbortSignal,
): AsyncGenerator<Line<Message>> {
  let held = "";
  for await (const chunk of stream.pipeThrough(new TextDecoderStream(), { signal })) {
    const lines = (held + chunk).split("\n");
    held = lines.pop() ?? "";
    for (const line of lines) yield decodeLine(line);
  }
  if (held !== "") yield { printed: held, message: null };
}

function decodeLine<Message>(line: string): Line<Message> {
  const at = line.lastIndexOf(separator);
  if (at === -1) return { printed: line, message: null };
  try {
    return { printed: line.slice(0, at), message: JSON.parse(line.slice(at + 1)) };
  } catch {
    return { printed: line, message: null };
  }
}
