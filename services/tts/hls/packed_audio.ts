/** A segment of a stream: frames of MP3, and before them the time at which they are to be heard. */
import { privateTag } from "../id3.ts";
import { filledUp, frameMs, joined } from "../mp3.ts";

const owner = "com.apple.streaming.transportStreamTimestamp";
/** A frame's length in the clock of streams, 90,000 a second: a whole number, so that nothing is ever rounded. */
const frameTicks = frameMs * 90;

/**
 * ffmpeg reads a kilobyte at a time. When it holds the end of a segment and the beginning of the next one, it gives the
 * time of the next one to both. Frames are multiples of 48 bytes: so is this.
 */
const blockBytes = 3 * 1024;

/** `at`: how many frames of the stream are before it. Their time has 33 bits: it is enough for 26 hours. */
export function packedAudio(frames: readonly Uint8Array[], at: number): Uint8Array<ArrayBuffer> {
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, BigInt(at * frameTicks));
  return joined([privateTag(owner, new Uint8Array(time.buffer)), ...filledUp(frames, blockBytes)]);
}
