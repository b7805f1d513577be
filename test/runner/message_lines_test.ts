import assert from "node:assert/strict";
import { decodeLines, encodeLine } from "../../src/runner/message_lines.ts";

async function decode(...chunks: string[]) {
  const lines = [];
  const bytes = ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());
  for await (const line of decodeLines(bytes)) lines.push(line);
  return lines;
}

Deno.test("Messages come out of a pipe as they went in, however it is cut", async () => {
  const log = { kind: "log", level: "info", text: "two\nlines, a \x1e, and 🎁" } as const;
  const text = encodeLine(JSON.stringify({ kind: "pong", heapBytes: 1 })) + encodeLine(JSON.stringify(log));
  const expected = [{ printed: "", message: { kind: "pong", heapBytes: 1 } }, { printed: "", message: log }];
  assert.deepEqual(await decode(text), expected);
  assert.deepEqual(await decode(text.slice(0, 9), text.slice(9, 20), text.slice(20)), expected);
});

Deno.test("What is printed between messages is told from them", async () => {
  const pong = { kind: "pong", heapBytes: 1 } as const;
  assert.deepEqual(
    await decode(`half a line${encodeLine(JSON.stringify(pong))}a line\n\x1enot json\nthe rest`),
    [
      { printed: "half a line", message: pong },
      { printed: "a line", message: null },
      { printed: "\x1enot json", message: null },
      { printed: "the rest", message: null },
    ],
  );
});
