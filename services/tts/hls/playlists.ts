/** The texts that tell a player where the sound is (RFC 8216). */
import { frameMs } from "../mp3.ts";

/** What a player can choose from. */
export interface Variant {
  readonly uri: string;
  readonly name: string;
}

export interface ListedSegment {
  readonly uri: string;
  readonly frameCount: number;
  /** Its times begin anew. */
  readonly isDiscontinuous?: boolean;
}

export interface MediaPlaylist {
  readonly segments: readonly ListedSegment[];
  /** Of the first segment. */
  readonly number: number;
  /** How often the times had begun anew before the first segment. */
  readonly discontinuityNumber: number;
  /** Nothing follows. */
  readonly isWhole: boolean;
}

/** More than any segment has, in bits a second. */
export const mostBits = 96_000;

/** The first variant is the one that a player takes by itself. */
export function masterPlaylist(variants: readonly Variant[]): string {
  // Players choose by the bandwidth, and take two of the same for one.
  const lines = variants.flatMap(({ uri, name }, index) => [
    `#EXT-X-STREAM-INF:BANDWIDTH=${mostBits - index},CODECS="mp4a.40.34",NAME="${quotable(name)}"`,
    uri,
  ]);
  return textOf(["#EXTM3U", "#EXT-X-VERSION:6", "#EXT-X-INDEPENDENT-SEGMENTS", ...lines]);
}

export function mediaPlaylist({ segments, number, discontinuityNumber, isWhole }: MediaPlaylist): string {
  const longest = Math.max(...segments.map(({ frameCount }) => frameCount));
  const listed = segments.flatMap(({ uri, frameCount, isDiscontinuous }) => [
    ...(isDiscontinuous === true ? ["#EXT-X-DISCONTINUITY"] : []),
    `#EXTINF:${(frameCount * frameMs / 1000).toFixed(3)},`,
    uri,
  ]);
  return textOf([
    "#EXTM3U",
    "#EXT-X-VERSION:6",
    "#EXT-X-INDEPENDENT-SEGMENTS",
    `#EXT-X-TARGETDURATION:${Math.ceil(longest * frameMs / 1000)}`,
    `#EXT-X-MEDIA-SEQUENCE:${number}`,
    ...(isWhole ? ["#EXT-X-PLAYLIST-TYPE:VOD"] : [`#EXT-X-DISCONTINUITY-SEQUENCE:${discontinuityNumber}`]),
    ...listed,
    ...(isWhole ? ["#EXT-X-ENDLIST"] : []),
  ]);
}

/** A quoted text of a playlist has no way to hold these. */
function quotable(text: string): string {
  return text.replace(/["\p{Cc}]/gu, "");
}

function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
