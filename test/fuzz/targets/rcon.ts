import assert from "node:assert/strict";
import fc from "fast-check";
import { encodePacket, PacketReader } from "../../../services/gmod/packet.ts";
import { type Edit, editedBytes, editsOf, hostileNumber, hostileText, joined } from "../inputs.ts";
import type { Target } from "../target.ts";

interface Input {
  packets: { id: number; type: number; body: string }[];
  edits: Edit<Uint8Array>[];
  /** Where the stream is cut into chunks. */
  cuts: number[];
}

export const target: Target<Input> = {
  holds: "what a game server sends is read the same however it is cut, or told as no RCON",
  inputs: fc.record({
    packets: fc.array(fc.record({ id: hostileNumber, type: hostileNumber, body: hostileText }), {
      maxLength: 6,
    }),
    edits: fc.oneof(fc.constant<Edit<Uint8Array>[]>([]), editsOf(fc.uint8Array({ maxLength: 16 }))),
    cuts: fc.array(fc.nat({ max: 10_000 }), { maxLength: 20 }),
  }, { noNullPrototype: true }),
  check({ packets, edits, cuts }) {
    const stream = editedBytes(
      joined(...packets.map(({ id, type, body }) => encodePacket(id | 0, type | 0, body))),
      edits,
    );
    const whole = read([stream]);
    assert.deepEqual(read(chunksOf(stream, cuts)), whole);
    const isTooLong = packets.some(({ body }) => body.length > 16_000);
    if (edits.length > 0 || isTooLong) return;
    const last = (text: string) => text.toWellFormed().replace(/\0+$/, "");
    assert.deepEqual(
      whole.packets.map((body) => body.replace(/\0+$/, "")),
      packets.map(({ body }) => last(body)),
    );
  },
};

interface Read {
  packets: string[];
  isRcon: boolean;
}

function read(chunks: Uint8Array[]): Read {
  const reader = new PacketReader();
  const packets: string[] = [];
  try {
    for (const chunk of chunks) {
      packets.push(
        ...reader.read(chunk).map(({ body }) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(body)),
      );
    }
    return { packets, isRcon: true };
  } catch (error) {
    if (!(error instanceof RangeError) || !/^a packet of -?\d+ bytes$/.test(error.message)) throw error;
    // How much was read before it depends on where it was cut.
    return { packets: [], isRcon: false };
  }
}

function chunksOf(stream: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)), stream.length].toSorted((a, b) =>
    a - b
  );
  return places.slice(1).map((end, index) => stream.slice(places[index], end));
}
