/**
 * Streams for any player (HTTP Live Streaming). /hls/live/ has all speech live, /hls/ID/ has one speech in each voice.
 * The addresses in a playlist are relative.
 */
import hlsPlayer from "hls.js/hls.light.min.mjs" with { type: "text" };
import { t } from "livecue/language";
import { answer, refuse, refuseMethod, type Route } from "livecue/pages";
import type { Clip } from "../clip.ts";
import { discontinuityNumber, type LiveTimeline } from "./live_timeline.ts";
import { packedAudio } from "./packed_audio.ts";
import { masterPlaylist, mediaPlaylist, type Variant } from "./playlists.ts";

/** A voice that a speech can be heard in. */
export interface HlsVoice {
  /** Its name in an address, such as "espeak:en-us". */
  readonly id: string;
  readonly name: string;
}

export interface HlsDesk {
  /** The speech's own voice first. Empty when there is no such speech. */
  voicesOf(speechId: number): readonly HlsVoice[];
  /** The clips of its segments. Empty when there is no such speech or voice. */
  clips(speechId: number, voiceId: string): Promise<readonly Pick<Clip, "frames">[]>;
}

const playlistType = "application/vnd.apple.mpegurl";
/** Six seconds. */
const longestPiece = 250;

export class Hls {
  readonly #desk: HlsDesk;
  readonly #live: LiveTimeline;

  constructor({ desk, live }: { desk: HlsDesk; live: LiveTimeline }) {
    this.#desk = desk;
    this.#live = live;
  }

  readonly route: Route = async (request, rest) => {
    if (!["GET", "HEAD"].includes(request.method)) return refuseMethod("GET");
    if (rest === "player.js") return answer(hlsPlayer, "text/javascript; charset=utf-8");
    const token = new URL(request.url).searchParams.get("token");
    const withToken = (uri: string) => token === null ? uri : `${uri}?token=${encodeURIComponent(token)}`;
    const [kind, ...path] = rest.split("/");
    const found = kind === "live"
      ? this.#answerLive(path.join("/"), withToken)
      : await this.#answerSpeech(idIn(kind), path, withToken);
    return found ?? refuse(404, t`There is no such stream, or this part of it no longer exists.`);
  };

  #answerLive(name: string, withToken: Addressing): Response | null {
    if (name === "master.m3u8") return master([{ uri: withToken("audio.m3u8"), name: "live" }]);
    if (name === "audio.m3u8") {
      const segments = this.#live.ask();
      const number = segments[0]?.number ?? 0;
      return playlist(mediaPlaylist({
        segments: segments.map(({ number, frames, isDiscontinuous }) => ({
          uri: withToken(`${number}.mp3`),
          frameCount: frames.length,
          isDiscontinuous,
        })),
        number,
        discontinuityNumber: discontinuityNumber(number),
        isWhole: false,
      }));
    }
    const number = numberIn(name);
    const segment = number === null ? null : this.#live.segment(number);
    return segment === null ? null : sound(segment.frames, segment.at);
  }

  async #answerSpeech(
    id: number | null,
    [first, voice = "", name = "", ...others]: string[],
    withToken: Addressing,
  ): Promise<Response | null> {
    if (id === null || others.length > 0) return null;
    if (first === "master.m3u8") {
      const voices = this.#desk.voicesOf(id);
      if (voices.length === 0) return null;
      return master(voices.map(({ id, name }) => ({
        uri: withToken(`voice/${encodeURIComponent(id)}/audio.m3u8`),
        name,
      })));
    }
    const [voiceId, number] = [decoded(voice), numberIn(name)];
    if (first !== "voice" || voiceId === null || (name !== "audio.m3u8" && number === null)) return null;
    const clips = await this.#clips(id, voiceId);
    return clips instanceof Response ? clips : partOf(piecesOf(clips), number, withToken);
  }

  async #clips(id: number, voiceId: string): Promise<readonly Pick<Clip, "frames">[] | Response> {
    try {
      return await this.#desk.clips(id, voiceId);
    } catch (error) {
      return refuse(
        503,
        t`The speech could not be synthesized: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
}

/** The piece with this number, or the list of all pieces. */
function partOf(pieces: readonly Piece[], number: number | null, withToken: Addressing): Response | null {
  if (number !== null) {
    const piece = pieces[number];
    return piece === undefined ? null : sound(piece.frames, piece.at);
  }
  if (pieces.length === 0) return null;
  const segments = pieces.map(({ frames }, index) => ({
    uri: withToken(`${index}.mp3`),
    frameCount: frames.length,
  }));
  return playlist(mediaPlaylist({ segments, number: 0, discontinuityNumber: 0, isWhole: true }));
}

type Addressing = (uri: string) => string;

interface Piece {
  frames: readonly Uint8Array[];
  /** The number of frames before it. */
  at: number;
}

/** Cuts each clip into pieces of about the same length. */
function piecesOf(clips: readonly Pick<Clip, "frames">[]): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  for (const { frames } of clips) {
    const length = Math.ceil(frames.length / Math.ceil(frames.length / longestPiece));
    for (let start = 0; start < frames.length; start += length) {
      const piece = frames.slice(start, start + length);
      pieces.push({ frames: piece, at });
      at += piece.length;
    }
  }
  return pieces;
}

/** Null when the part is not an id. */
function idIn(part = ""): number | null {
  return /^\d{1,15}$/.test(part) ? Number(part) : null;
}

/** Null when the part is not well formed. */
function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}

/** Null when the name is not that of a segment. */
function numberIn(name: string): number | null {
  const digits = name.match(/^(\d{1,12})\.mp3$/)?.[1];
  return digits === undefined ? null : Number(digits);
}

function master(variants: readonly Variant[]): Response {
  return playlist(masterPlaylist(variants));
}

function playlist(text: string): Response {
  return answer(text, playlistType);
}

function sound(frames: readonly Uint8Array[], at: number): Response {
  return answer(packedAudio(frames, at), "audio/mpeg");
}
