import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gunzipSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { WebcastPushFrame } from "tiktok-live-connector";
import { decodeFrame, type Frame } from "../../../src/capture/tiktok/schema.ts";
import { frameOf } from "../../support/fake_tiktok.ts";

const message = fc.record({
  method: fc.constantFrom("WebcastChatMessage", "WebcastLinkMicMethod"),
  payload: fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // Larger than the room that a frame is given at first.
    fc.integer({ min: 60_000, max: 200_000 }).map((length) => new Uint8Array(length).fill(7)),
  ),
});

function messagesOf(bytes: Uint8Array): [string, Uint8Array][] {
  const frame = decodeFrame(bytes);
  assert.notEqual(frame, "corrupt");
  return (frame as Frame).messages.map(({ method, payload }) => [method, Uint8Array.from(payload)]);
}

Deno.test("A gzipped frame gives the same messages as a plain one, however large they are", () => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 5 }), (messages) => {
      const zipped = messagesOf(frameOf(messages, "ana", { isGzipped: true }));
      assert.deepEqual(zipped, messagesOf(frameOf(messages, "ana")));
      assert.deepEqual(zipped, messages.map(({ method, payload }) => [method, payload]));
    }),
    { numRuns: 30 },
  );
});

/** A gzipped frame whose payload was changed. */
function changed(change: (zipped: Uint8Array) => Uint8Array): Uint8Array {
  const message = { method: "WebcastChatMessage", payload: new Uint8Array(1000) };
  const frame = WebcastPushFrame.decode(frameOf([message], "ana", { isGzipped: true }));
  return WebcastPushFrame.encode({ ...frame, payload: Buffer.from(change(frame.payload)) }).finish();
}

Deno.test("A gzipped frame that lies about its length is corrupt, and costs nothing", () => {
  for (const length of [0, 1, 999, 0x7fff_ffff, 0xffff_ffff]) {
    const lying = changed((zipped) => {
      const bytes = zipped.slice();
      new DataView(bytes.buffer, bytes.byteOffset, bytes.length).setUint32(bytes.length - 4, length, true);
      return bytes;
    });
    assert.equal(decodeFrame(lying), "corrupt");
  }
});

Deno.test("A gzipped frame that is cut off anywhere is corrupt", () => {
  const { length } = WebcastPushFrame.decode(changed((zipped) => zipped)).payload;
  for (let kept = 3; kept < length; kept++) {
    assert.equal(decodeFrame(changed((zipped) => zipped.subarray(0, kept))), "corrupt");
  }
});

Deno.test("A frame that was gzipped in two parts is read whole", () => {
  const parts = changed((zipped) => {
    const bytes = gunzipSync(zipped);
    return Buffer.concat([gzipSync(bytes.subarray(0, 500)), gzipSync(bytes.subarray(500))]);
  });
  assert.deepEqual(messagesOf(parts).map(([, payload]) => payload.length), [1000]);
});
