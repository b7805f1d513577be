import assert from "node:assert/strict";
import process from "node:process";
import { decodeLines, encodeLine, LineTooLong } from "../../src/runner/message_lines.ts";

async function decode(...chunks: string[]) {
  const lines = [];
  const bytes = ReadableStream.from(chunks).pipeThrough(new TextEncoderStream());
  for await (const line of decodeLines(bytes)) lines.push(line);
  return lines;
}

Deno.test("Messages come out of a pipe as they went in, however it is cut", async () => {
  const log = { kind: "log", level: "info", text: "two\nlines, a \x1e, \ufeff and 🎁" } as const;
  const texts = [{ kind: "pong", heapBytes: 1 }, log].map((message) => JSON.stringify(message));
  const text = texts.map(encodeLine).join("");
  const expected = texts.map((text) => ({ printed: "", text }));
  assert.deepEqual(await decode(text), expected);
  for (let cut = 1; cut < text.length; cut++) {
    assert.deepEqual(await decode(text.slice(0, cut), text.slice(cut)), expected);
  }
});

Deno.test("Output between messages is told apart from them", async () => {
  const pong = '{"kind":"pong"}';
  assert.deepEqual(
    await decode(`half a line${encodeLine(pong)}a line\nthe rest`),
    [
      { printed: "half a line", text: pong },
      { printed: "a line", text: null },
      { printed: "the rest", text: null },
    ],
  );
});

Deno.test("A long line in many pieces takes no more time", async () => {
  const text = encodeLine(JSON.stringify({ text: "x".repeat(4_000_000) }));
  const cpuMs = async (pieces: number) => {
    const size = Math.ceil(text.length / pieces);
    const chunks = Array.from({ length: pieces }, (_, i) => text.slice(i * size, (i + 1) * size));
    const before = process.cpuUsage();
    await decode(...chunks);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  };
  // Each piece has a cost, but the characters before it have none. Quadratic reading took 50 times as long.
  const [few, many] = [await cpuMs(16), await cpuMs(1600)];
  assert.ok(many < few * 10 + 500, `${few} ms in 16 pieces, ${many} ms in 1,600`);
});

Deno.test("A message over the limit is refused, and printed text is cut", async () => {
  const read = async (text: string) => {
    const lines = [];
    const bytes = ReadableStream.from([text.slice(0, 80), text.slice(80)]).pipeThrough(
      new TextEncoderStream(),
    );
    for await (const { printed } of decodeLines(bytes, { maxCharacters: 100 })) lines.push(printed);
    return lines;
  };
  await assert.rejects(read(encodeLine(JSON.stringify("x".repeat(200)))), LineTooLong);
  assert.deepEqual(await read("y".repeat(150)), ["y".repeat(150)]);
});
