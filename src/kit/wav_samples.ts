/** Single samples of a WAV file, as numbers from -1 to 1: "livecue/wav_samples". `bytes` is the size of a sample. */

/** 4 or 8 bytes. */
export function readFloat(view: DataView, place: number, bytes: number): number {
  return bytes === 4 ? view.getFloat32(place, true) : view.getFloat64(place, true);
}

/** 1 to 4 bytes. A sample of one byte has no sign. A longer one has a sign. */
export function readInteger(view: DataView, place: number, bytes: number): number {
  if (bytes === 1) return (view.getUint8(place) - 128) / 128;
  if (bytes === 2) return view.getInt16(place, true) / 2 ** 15;
  if (bytes === 4) return view.getInt32(place, true) / 2 ** 31;
  return (view.getUint16(place, true) + view.getInt8(place + 2) * 2 ** 16) / 2 ** 23;
}
