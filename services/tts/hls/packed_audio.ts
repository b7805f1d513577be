/** A segment of a stream: frames of MP3 after a tag with the time of the first frame. */
import { privateTag } from "../id3.ts";
import { filledUp, frameMs, joined } from "../mp3.ts";

const owner = "com.apple.streaming.transportStreamTimestamp";
/** A frame's length in ticks of the stream's clock (90 kHz). It is a whole number, so no time is rounded. */
const frameTicks = frameMs * 90;

/**
 * ffmpeg reads a kilobyte at a time. When a kilobyte has the end of one segment and the beginning of the next, ffmpeg
 * gives both the time of the next. So segments are whole kilobytes; and as frames are, multiples of 48 bytes.
 */
const blockBytes = 3 * 1024;

/** `at` is the number of frames before the segment. The time has 33 bits, which are enough for 26 hours. */
export function packedAudio(frames: readonly Uint8Array[], at: number): Uint8Array<ArrayBuffer> {
  const time = new DataView(new ArrayBuffer(8));
  time.setBigUint64(0, BigInt(at * frameTicks));
  return joined([privateTag(owner, new Uint8Array(time.buffer)), ...filledUp(frames, blockBytes)]);
}
