/** The body of an answer, decoded and bounded. */
import type { Readable } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { FinalError, UserError } from "livecue/service";
import { hostOf } from "./hosts.ts";

interface BodyFacts {
  url: URL;
  headers: Headers;
  /** As the server says; null if unknown. */
  bytes: number | null;
  maxBytes: number;
}

/** Counts what came and what became of it. A small body may decode to a huge one, so both have the limit. */
export async function* decodedBody(raw: Readable, facts: BodyFacts): AsyncGenerator<Uint8Array> {
  const { url, headers, bytes, maxBytes } = facts;
  const tooLarge = () =>
    new FinalError(
      `${hostOf(url)} sent more than ${megabytes(maxBytes)} MB ("max_mb"). Use a shorter video.`,
    );
  if (bytes !== null && bytes > maxBytes) throw tooLarge();
  let received = 0;
  async function* counted() {
    for await (const piece of raw) {
      received += piece.length;
      if (received > maxBytes) throw tooLarge();
      yield piece as Uint8Array;
    }
    if (bytes !== null && received < bytes) {
      throw new UserError(
        `${hostOf(url)} cut the connection after ${received} of ${bytes} bytes. Try again later.`,
      );
    }
  }
  let decoded = 0;
  for await (const piece of decodersOf(headers, url).reduce(decode, counted())) {
    decoded += piece.length;
    if (decoded > maxBytes) throw tooLarge();
    yield piece;
  }
}

type Decoder = "gzip" | "deflate" | "br";

function decodersOf(headers: Headers, url: URL): Decoder[] {
  const names = (headers.get("content-encoding") ?? "").toLowerCase().split(",").map((name) => name.trim());
  return names.filter((name) => name !== "" && name !== "identity").reverse().map((name) => {
    const plain = name.replace(/^x-/, "");
    if (plain === "gzip" || plain === "deflate" || plain === "br") return plain;
    throw new FinalError(
      `${hostOf(url)} sent the video with the encoding "${name}", which nobody asked for.`,
    );
  });
}

async function* decode(pieces: AsyncGenerator<Uint8Array>, decoder: Decoder): AsyncGenerator<Uint8Array> {
  const decoding = decoder === "gzip"
    ? createGunzip()
    : decoder === "deflate"
    ? createInflate()
    : createBrotliDecompress();
  const feeding = feed(pieces, decoding);
  try {
    yield* decoding;
    await feeding;
  } finally {
    decoding.destroy();
    await pieces.return(undefined);
    await feeding.catch(() => {});
  }
}

/** Waits whenever the decoder is full, so that a bomb never grows beyond one piece ahead of its reader. */
async function feed(
  pieces: AsyncGenerator<Uint8Array>,
  decoding: ReturnType<typeof createGunzip>,
): Promise<void> {
  try {
    for await (const piece of pieces) {
      if (decoding.destroyed) return;
      if (decoding.write(piece)) continue;
      await new Promise<void>((resolve) => {
        decoding.once("drain", resolve);
        decoding.once("close", resolve);
      });
    }
    decoding.end();
  } catch (error) {
    decoding.destroy(error as Error);
  }
}

export function megabytes(bytes: number): number {
  return Math.round(bytes / 10_000) / 100;
}
