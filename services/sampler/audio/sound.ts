/** Sound in pieces, so that a long file never has to fit into memory. */

/** All pieces of a sound have the same rate and number of channels. */
export interface SoundPiece {
  /** One array for each channel, all of the same length. Full scale is from -1 to 1. */
  readonly channels: readonly Float32Array[];
  /** Samples per second. */
  readonly rate: number;
}

/** The rate of the WAV and MP3 files that the sampler makes. */
export const sampleRate = 48_000;

/** Where a loudspeaker stands: left, right, center, low frequencies, at the left, at the right, at the back. */
type Speaker = "L" | "R" | "C" | "F" | "l" | "r" | "b";
type Order = "wav" | "vorbis";

/** The speakers of 3 to 8 channels, in the order of the channels. */
const speakers: Record<Order, readonly string[]> = {
  wav: ["LRC", "LRlr", "LRClr", "LRCFlr", "LRCFblr", "LRCFlrlr"],
  vorbis: ["LCR", "LRlr", "LCRlr", "LCRlrF", "LCRlrbF", "LCRlrlrF"],
};

/** What of a speaker's sound goes to the left and to the right. */
const shares: Record<Speaker, readonly [number, number]> = {
  L: [1, 0],
  R: [0, 1],
  C: [Math.SQRT1_2, Math.SQRT1_2],
  F: [0, 0],
  l: [Math.SQRT1_2, 0],
  r: [0, Math.SQRT1_2],
  b: [0.5, 0.5],
};

export const mostChannels = 8;

/** Mixes three to eight channels down to two. Returns one channel or two as they are. */
export function mixedDown(channels: readonly Float32Array[], order: Order): readonly Float32Array[] {
  if (channels.length <= 2) return channels;
  const layout = [...speakers[order][channels.length - 3] as string] as Speaker[];
  return [0, 1].map((side) => {
    const weights = layout.map((speaker) => shares[speaker][side] as number);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return (channels[0] as Float32Array).map((_, index) =>
      channels.reduce(
        (mixed, channel, number) => mixed + (channel[index] as number) * (weights[number] as number) / sum,
        0,
      )
    );
  });
}
