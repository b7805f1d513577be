/** Downloads an address into a file, and resumes where an earlier try was cut. */
import { join } from "node:path";
import { UserError } from "livecue/service";
import { type GuardedAnswer, guardedFetch, type GuardedRequest, throwUnlessFound } from "./guarded_fetch.ts";
import { hostOf } from "./hosts.ts";

export interface Transfer extends Omit<GuardedRequest, "headers" | "follow"> {
  folder: string;
  onProgress?: ((fraction: number) => void) | undefined;
}

/** What an unfinished file is the beginning of. */
interface Unfinished {
  url: string;
  /** The validator for `If-Range`. */
  etag: string;
}

const partName = "download.part";
const stateName = "download.part.json";
/** The finished file, before its container is known. */
export const transferredName = "download.bin";

/** Resolves to the number of bytes in the file `transferredName`. */
export async function transfer(request: Transfer): Promise<number> {
  const part = join(request.folder, partName);
  const unfinished = await readUnfinished(request);
  const headers = unfinished === null
    ? {}
    : { range: `bytes=${unfinished.bytes}-`, "if-range": unfinished.etag };
  const answer = await guardedFetch({ ...request, headers });
  // The file is longer than what the server has now.
  if (answer.status === 416 && unfinished !== null) {
    await answer[Symbol.asyncDispose]();
    await forget(request.folder);
    return transfer(request);
  }
  await using _ = answer;
  throwUnlessFound(answer);
  const startsAt = startOf(answer, unfinished?.bytes ?? 0);
  if (startsAt === 0) await remember(answer, request);
  const bytes = await write(answer, { path: part, startsAt, request });
  if (bytes === 0) throw new UserError(`${hostOf(answer.url)} sent an empty file. Try again later.`);
  await Deno.rename(part, join(request.folder, transferredName));
  await forget(request.folder);
  return bytes;
}

async function write(
  answer: GuardedAnswer,
  { path, startsAt, request }: { path: string; startsAt: number; request: Transfer },
): Promise<number> {
  using file = await Deno.open(path, { create: true, write: true });
  await file.truncate(startsAt);
  await file.seek(startsAt, Deno.SeekMode.Start);
  const total = answer.bytes === null ? null : startsAt + answer.bytes;
  let bytes = startsAt;
  for await (const piece of answer.body()) {
    for (let done = 0; done < piece.length;) done += await file.write(piece.subarray(done));
    bytes += piece.length;
    if (total !== null) request.onProgress?.(Math.min(1, bytes / total));
  }
  return bytes;
}

/** Where in the file the answer begins: only an answer with the right range continues the file. */
function startOf({ status, headers, url }: GuardedAnswer, asked: number): number {
  if (status !== 206) return 0;
  const start = Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1]);
  if (start === asked) return start;
  throw new UserError(`${hostOf(url)} sent another part of the file than the missing one. Try again later.`);
}

async function readUnfinished(
  { folder, url, maxBytes }: Transfer,
): Promise<(Unfinished & { bytes: number }) | null> {
  try {
    const state: Unfinished = JSON.parse(await Deno.readTextFile(join(folder, stateName)));
    const { size: bytes } = await Deno.stat(join(folder, partName));
    return state.url === url.href && bytes > 0 && bytes < maxBytes ? { ...state, bytes } : null;
  } catch {
    // There is none, or a kill left half of it.
    return null;
  }
}

/** An encoded answer, or one without a strong ETag, cannot be resumed. */
async function remember({ headers }: GuardedAnswer, { folder, url }: Transfer): Promise<void> {
  await forget(folder);
  const etag = headers.get("etag");
  if (etag === null || etag.startsWith("W/") || headers.has("content-encoding")) return;
  const state: Unfinished = { url: url.href, etag };
  await Deno.writeTextFile(join(folder, stateName), JSON.stringify(state));
}

/** The state goes first: a file without one is never continued. */
async function forget(folder: string): Promise<void> {
  for (const name of [stateName, partName]) {
    await Deno.remove(join(folder, name)).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }
}
