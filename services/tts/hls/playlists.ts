/** Writes HLS playlists (RFC 8216). */
import { frameMs } from "../mp3.ts";

/** One of the streams that a player can choose. */
export interface Variant {
  readonly uri: string;
  readonly name: string;
}

export interface ListedSegment {
  readonly uri: string;
  readonly frameCount: number;
  /** Whether its times begin at 0 again. */
  readonly isDiscontinuous?: boolean;
}

export interface MediaPlaylist {
  readonly segments: readonly ListedSegment[];
  /** The number of the first segment. */
  readonly number: number;
  /** The number of times that times began at 0 again before the first segment. */
  readonly discontinuityNumber: number;
  /** Whether no segment follows. */
  readonly isWhole: boolean;
}

/** No segment has more bits per second. */
export const mostBits = 96_000;

/** Players use the first variant unless the user chooses another. */
export function masterPlaylist(variants: readonly Variant[]): string {
  // Players choose by bandwidth. Some players merge two variants of the same bandwidth.
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

/** A quoted string of a playlist cannot contain quotes or control characters. */
function quotable(text: string): string {
  return text.replace(/["\p{Cc}]/gu, "");
}

function textOf(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
