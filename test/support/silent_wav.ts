/** A WAV file of silence, mono, 8 kHz, 16 bits. */
export function silentWav(seconds: number): Uint8Array<ArrayBuffer> {
  const dataLength = seconds * 16_000;
  const bytes = new Uint8Array(44 + dataLength);
  const view = new DataView(bytes.buffer);
  new TextEncoder().encodeInto("RIFF", bytes);
  view.setUint32(4, 36 + dataLength, true);
  new TextEncoder().encodeInto("WAVEfmt ", bytes.subarray(8));
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, 8000, true);
  view.setUint32(28, 16_000, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  new TextEncoder().encodeInto("data", bytes.subarray(36));
  view.setUint32(40, dataLength, true);
  return bytes;
}
