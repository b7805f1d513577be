/** Hashes of files, read piece by piece. */
import { createHash } from "node:crypto";

/**
 * Reads a file in pieces of `pieceBytes`; the last one may be shorter. A piece is overwritten by the next one. An
 * empty file gives no piece.
 */
export async function* pieces(
  path: string,
  pieceBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(pieceBytes);
  for (;;) {
    let filled = 0;
    for (let count: number | null = 0; count !== null && filled < pieceBytes; filled += count ?? 0) {
      signal.throwIfAborted();
      count = await file.read(buffer.subarray(filled));
    }
    if (filled > 0) yield buffer.subarray(0, filled);
    if (filled < pieceBytes) return;
  }
}

/** The size and the SHA-256 of a file. */
export async function hashFile(
  path: string,
  signal: AbortSignal,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const piece of pieces(path, 1 << 20, signal)) {
    hash.update(piece);
    bytes += piece.length;
  }
  return { bytes, sha256: hash.digest("hex") };
}
