/** Reads the beginning of an MP3 file. */

const tagHeadBytes = 10;
const syncMask = 0xffe0;

/** The bytes of the tag before the sound, which may have a picture in it; 0 if there is no tag. */
export function tagBytes(head: Uint8Array): number {
  if (head.length < tagHeadBytes || String.fromCharCode(...head.subarray(0, 3)) !== "ID3") return 0;
  return tagHeadBytes + head.subarray(6, tagHeadBytes).reduce((size, byte) => size * 128 + (byte & 0x7f), 0);
}

/** Whether the first frame has one channel. The decoder makes two of it. */
export function isMono(sound: Uint8Array): boolean {
  const view = new DataView(sound.buffer, sound.byteOffset, sound.byteLength);
  for (let place = 0; place + 4 <= sound.length; place++) {
    const hasLayer = ((sound[place + 1] as number) & 0x06) !== 0;
    const hasRate = ((sound[place + 2] as number) & 0x0c) !== 0x0c &&
      (sound[place + 2] as number) >> 4 !== 15;
    if ((view.getUint16(place) & syncMask) === syncMask && hasLayer && hasRate) {
      return (sound[place + 3] as number) >> 6 === 3;
    }
  }
  return false;
}
