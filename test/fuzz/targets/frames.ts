import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { cleanMethod, decodeEvent } from "../../../src/capture/tiktok/decode.ts";
import { encodeEvent } from "../../../src/capture/tiktok/encode.ts";
import {
  decodeFrame,
  decodeMessage,
  encodeMessage,
  type Message,
} from "../../../src/capture/tiktok/schema.ts";
import { sampleEvents, sampleRoomId, streamEnd } from "../../support/captured_events.ts";
import { frameOf } from "../../support/fake_tiktok.ts";
import { assertCaptured, assertCleaned } from "../asserts.ts";
import { type Edit, editedBytes, editsOf, hostileNumber, hostileText, joined } from "../inputs.ts";
import type { Target } from "../target.ts";

type Input =
  | { kind: "bytes"; sample: number; edits: Edit<Uint8Array>[] }
  | { kind: "values"; sample: number; values: { at: number; text: string; number: number }[] }
  | { kind: "frame"; samples: number[]; gzips: number; edits: Edit<Uint8Array>[]; inner: Edit<Uint8Array>[] }
  | { kind: "long"; unit: Uint8Array; times: number; gzips: number; method: string };

const events = [...sampleEvents(), streamEnd()];
const samples = events.map((event) => encodeEvent(event, "ana.live"));
const methods = [...new Set(samples.map(({ method }) => method))];

/** A field of each kind of protobuf's wire, or any bytes. */
const part = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.constantFrom("08ffffffffffffffffff01", "0a05", "0aff", "0b0c", "00", "0880", "0a00", "32020a00").map((
    hex,
  ) => Uint8Array.fromHex(hex)),
  hostileText.map((text) => {
    const bytes = new TextEncoder().encode(text).slice(0, 100);
    return joined(new Uint8Array([0x1a, bytes.length]), bytes);
  }),
);
const sample = fc.nat({ max: samples.length - 1 });
const edits = editsOf(part as fc.Arbitrary<Uint8Array>);

export const target: Target<Input> = {
  holds: "whatever TikTok sends becomes an event as the types say, or is counted as corrupt",
  inputs: fc.oneof(
    { weight: 40, arbitrary: fc.record({ kind: fc.constant("bytes" as const), sample, edits }) },
    {
      weight: 40,
      arbitrary: fc.record({
        kind: fc.constant("values" as const),
        sample,
        values: fc.array(fc.record({ at: fc.nat(), text: hostileText, number: hostileNumber }), {
          maxLength: 6,
        }),
      }),
    },
    {
      weight: 20,
      arbitrary: fc.record({
        kind: fc.constant("frame" as const),
        samples: fc.array(sample, { maxLength: 5 }),
        gzips: fc.nat({ max: 3 }),
        edits,
        inner: edits,
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("long" as const),
        unit: part,
        times: fc.constantFrom(1_000, 100_000),
        gzips: fc.nat({ max: 2 }),
        method: fc.constantFrom(...methods),
      }),
    },
  ) as fc.Arbitrary<Input>,
  check(input) {
    switch (input.kind) {
      case "bytes": {
        const raw = samples[input.sample]!;
        return assertDecoded(raw.method, editedBytes(raw.payload, input.edits));
      }
      case "values": {
        const raw = samples[input.sample]!;
        const message = decodeMessage(raw.method, raw.payload);
        if (message === "corrupt" || message.method === null) return;
        const body = input.values.reduce((body, value) => withValue(body, value), message.body as unknown);
        return assertDecoded(raw.method, encoded({ method: message.method, body } as Message));
      }
      case "frame": {
        const messages = input.samples.map((index) => {
          const { method, payload } = samples[index]!;
          return { method, payload: editedBytes(payload, input.inner) };
        });
        return assertFrame(gzipped(editedBytes(frameOf(messages, "ana.live"), input.edits), input.gzips));
      }
      case "long": {
        const bytes = joined(...Array<Uint8Array>(input.times).fill(input.unit));
        assertFrame(gzipped(bytes, input.gzips));
        return assertDecoded(input.method, bytes);
      }
    }
  },
};

function assertFrame(bytes: Uint8Array): void {
  const frame = decodeFrame(bytes);
  if (frame === "corrupt") return;
  for (const { method, payload } of frame.messages) assertDecoded(method, payload);
}

function assertDecoded(method: string, payload: Uint8Array): void {
  assertCleaned(cleanMethod(method));
  const event = decodeEvent({ method, payload, createTime: null, streamer: "ana.live" }, sampleRoomId);
  if (event === "corrupt") return;
  assertCaptured(event);
  assert.notEqual(event.messageId, "");
}

function gzipped(bytes: Uint8Array, times: number): Uint8Array {
  return times === 0 ? bytes : gzipped(gzipSync(bytes), times - 1);
}

/** A value that cannot be encoded as protobuf cannot arrive as protobuf. */
function encoded(message: Message): Uint8Array {
  try {
    return encodeMessage(message);
  } catch {
    return new Uint8Array();
  }
}

/** The body with one of its texts or numbers changed, counted from the outside in. */
function withValue(body: unknown, given: { at: number; text: string; number: number }): unknown {
  let leaves = 0;
  const count = (value: unknown): void => {
    if (typeof value === "object" && value !== null) Object.values(value).forEach(count);
    else leaves++;
  };
  count(body);
  let left = given.at % Math.max(1, leaves);
  const change = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(change);
    if (typeof value === "object" && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, change(each)]));
    }
    if (left-- !== 0) return value;
    if (typeof value === "string") {
      return /^\d+$/.test(value) ? String(Math.trunc(given.number) || 0) : given.text;
    }
    return typeof value === "number" ? given.number : value;
  };
  return change(body);
}
