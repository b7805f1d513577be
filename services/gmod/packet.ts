/**
 * Packets of Valve's Source RCON protocol: size (of the rest), id and type, each a 32-bit little-endian integer, then
 * the body and two zero bytes. A command and the answer to a password have the same type; only the direction
 * distinguishes them.
 */
import { t } from "livecue/language";
export const packetType = { responseValue: 0, command: 2, authResponse: 2, auth: 3 } as const;

export interface Packet {
  id: number;
  type: number;
  body: Uint8Array;
}

const headBytes = 8;
const endBytes = 2;
/** The protocol's limit for the body of a request. */
export const maxBodyBytes = 4096 - headBytes - endBytes;
/** Minecraft cuts its replies at 4096 characters, which may be three times as many bytes. */
const maxReplyBytes = 65_536;

export function encodePacket(id: number, type: number, body = ""): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(body);
  const packet = new Uint8Array(4 + headBytes + bytes.length + endBytes);
  const view = new DataView(packet.buffer);
  view.setInt32(0, packet.length - 4, true);
  view.setInt32(4, id, true);
  view.setInt32(8, type, true);
  packet.set(bytes, 4 + headBytes);
  return packet;
}

/** Reassembles packets from a stream, which may split and join them anywhere. */
export class PacketReader {
  #rest = new Uint8Array();

  /** Returns the packets that this chunk completes. Throws a `RangeError` if the data cannot be RCON. */
  read(chunk: Uint8Array): Packet[] {
    const bytes = new Uint8Array(this.#rest.length + chunk.length);
    bytes.set(this.#rest);
    bytes.set(chunk, this.#rest.length);
    const view = new DataView(bytes.buffer);
    const packets: Packet[] = [];
    let start = 0;
    while (bytes.length - start >= 4) {
      const size = view.getInt32(start, true);
      if (size < headBytes || size > maxReplyBytes) throw new RangeError(t`a packet of ${size} bytes`);
      const end = start + 4 + size;
      if (end > bytes.length) break;
      packets.push({
        id: view.getInt32(start + 4, true),
        type: view.getInt32(start + 8, true),
        body: withoutZeros(bytes.subarray(start + 4 + headBytes, end)),
      });
      start = end;
    }
    this.#rest = bytes.slice(start);
    return packets;
  }
}

function withoutZeros(body: Uint8Array): Uint8Array {
  let end = body.length;
  while (end > 0 && body[end - 1] === 0) end--;
  return body.slice(0, end);
}
