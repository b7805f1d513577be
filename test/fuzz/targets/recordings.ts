import assert from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { recordedLine, recordingHeader } from "../../../src/capture/replay/exported.ts";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import { encodeEvent } from "../../../src/capture/tiktok/encode.ts";
import { paymentEvents, sampleEvents } from "../../support/captured_events.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { assertCaptured, assertRefusal, assertSentence } from "../asserts.ts";
import { type Edit, editedText, editsOf, hostileJson, hostileNumber, hostileText } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Line {
  kind: "event" | "raw" | "header" | "json" | "text" | "nested" | "long";
  sample: number;
  edits: Edit<string>[];
  json: unknown;
  text: string;
  createdAt: number;
  roomId: string;
  size: number;
}

interface Input {
  lines: Line[];
  /** As bytes are put in a file: whole, or packed as no recording is, or cut off. */
  form: "plain" | "gzip" | "cut" | "utf16";
  end: "\n" | "\r\n";
}

const events = [...sampleEvents(), ...paymentEvents()];
const raws = sampleEvents().map((event) => {
  const { payload, ...rest } = encodeEvent(event, "ana.live");
  return JSON.stringify({ ...rest, payload: payload.toBase64() });
});
const folder = Deno.makeTempDirSync({ prefix: "livecue-fuzz-" });
globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));

const line = fc.record({
  kind: fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom<Line["kind"]>("event", "raw", "header", "json", "text") },
    { weight: 1, arbitrary: fc.constantFrom<Line["kind"]>("nested", "long") },
  ),
  sample: fc.nat(),
  edits: fc.oneof({ weight: 2, arbitrary: fc.constant<Edit<string>[]>([]) }, editsOf(hostileText, 3)),
  json: hostileJson,
  text: hostileText,
  createdAt: hostileNumber,
  roomId: hostileText,
  size: fc.oneof({ weight: 20, arbitrary: fc.nat({ max: 200_000 }) }, fc.constant(50_000_000)),
}, { noNullPrototype: true });

export const target: Target<Input> = {
  holds:
    "a recording gives events as the types say and tells of its other lines, or is refused in a sentence",
  inputs: fc.record({
    lines: fc.array(line, { maxLength: 12 }),
    form: fc.oneof(
      { weight: 6, arbitrary: fc.constant("plain" as const) },
      fc.constantFrom("gzip", "cut", "utf16"),
    ),
    end: fc.constantFrom("\n", "\r\n"),
  }, { noNullPrototype: true }) as fc.Arbitrary<Input>,
  async check(input) {
    const path = join(folder, "recording.jsonl");
    Deno.writeFileSync(path, bytesOf(input));
    try {
      await replay(path);
    } catch (error) {
      assertRefusal(error);
    }
  },
};

async function replay(path: string): Promise<void> {
  const source = createReplaySource({ path, speed: "max", keepGaps: false, clock: new FakeClock() });
  let ends = 0;
  for await (const item of source.open(new AbortController().signal)) {
    if (item.kind === "event") {
      assertCaptured(item.event);
      assert.equal(ends, 0, "an event after the end");
    }
    if (item.kind === "notice") assertSentence(item.text);
    if (item.kind === "end") ends++;
  }
  assert.equal(ends, 1);
}

function bytesOf({ lines, form, end }: Input): Uint8Array {
  const text = lines.map(textOf).join(end) + end;
  const bytes = new TextEncoder().encode(text);
  switch (form) {
    case "plain":
      return bytes;
    case "gzip":
      return gzipSync(bytes).subarray(0, -4);
    case "cut":
      return bytes.subarray(0, Math.floor(bytes.length * 0.7));
    case "utf16":
      return new Uint8Array(
        Uint16Array.from(text.slice(0, 100_000), (letter) => letter.charCodeAt(0)).buffer,
      );
  }
}

function textOf(line: Line): string {
  const { kind, sample, edits, json, text, createdAt, roomId, size } = line;
  switch (kind) {
    case "event": {
      const event = events[sample % events.length]!;
      return editedText(recordedLine({ ...event, createdAt, roomId }), edits);
    }
    case "raw":
      return editedText(raws[sample % raws.length]!, edits);
    case "header":
      return editedText(recordingHeader({ username: text, roomId }), edits);
    case "json":
      return JSON.stringify(json);
    case "text":
      return text;
    case "nested":
      return `{"type":"CommentEvent","data":${"[".repeat(size)}`;
    case "long":
      return `{"method":"${"a".repeat(size)}`;
  }
}
