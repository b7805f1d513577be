/** ID3 tags with one private frame: our own data in front of an MP3. Players skip it. */

const headerBytes = 10;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A tag with a frame of this owner. */
export function privateTag(owner: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = encoder.encode(`${owner}\0`);
  const frame = [
    ...encoder.encode("PRIV"),
    ...syncSafe(name.length + data.length),
    ...[0, 0],
  ];
  const tag = new Uint8Array(headerBytes + frame.length + name.length + data.length);
  tag.set([...encoder.encode("ID3"), 4, 0, 0, ...syncSafe(tag.length - headerBytes), ...frame]);
  tag.set(name, headerBytes + frame.length);
  tag.set(data, headerBytes + frame.length + name.length);
  return tag;
}

/** The length of the tag at the beginning of the bytes; 0 when there is none. */
export function tagLength(bytes: Uint8Array): number {
  if (bytes.length < headerBytes || decoder.decode(bytes.subarray(0, 3)) !== "ID3") return 0;
  return headerBytes + numberAt(bytes, 6);
}

/** The data of the tag at the beginning of the bytes; null when there is no tag of this owner. */
export function privateData(owner: string, bytes: Uint8Array): Uint8Array | null {
  const length = tagLength(bytes);
  const frame = bytes.subarray(headerBytes, length);
  if (frame.length < headerBytes || length > bytes.length) return null;
  const content = frame.subarray(headerBytes, headerBytes + numberAt(frame, 4));
  const name = encoder.encode(`PRIV${owner}\0`);
  const found = [...frame.subarray(0, 4), ...content.subarray(0, name.length - 4)];
  return name.every((byte, index) => found[index] === byte) ? content.subarray(name.length - 4) : null;
}

/** Four bytes of seven bits each, so that no byte looks like the beginning of a frame of MP3. */
function syncSafe(value: number): number[] {
  return [21, 14, 7, 0].map((shift) => (value >> shift) & 0x7f);
}

function numberAt(bytes: Uint8Array, place: number): number {
  return bytes.subarray(place, place + 4).reduce((value, byte) => (value << 7) | (byte & 0x7f), 0);
}
