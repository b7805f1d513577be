/** Answers with a stored file, or a range of it. */
import { answer } from "livecue/pages";
import { type FileKind, type Sample, titleOf } from "../sample.ts";
import type { Storage } from "../storage/storage.ts";
import { type AskedRange, rangeOf } from "./byte_range.ts";
import { problem } from "./problem.ts";

const types: Record<FileKind, { contentType: string; ending: string }> = {
  mp3: { contentType: "audio/mpeg", ending: "mp3" },
  wav: { contentType: "audio/wav", ending: "wav" },
  waveform: { contentType: "image/png", ending: "png" },
};

/** Players ask for so many bytes to find out whether ranges are possible. */
const probeBytes = 2;
const longestName = 80;

export interface FileRequest {
  request: Request;
  sample: Sample;
  kind: FileKind;
  storage: Storage;
  /** How long a link to the file works; null: the file is sent from here, as pages may load nothing from elsewhere. */
  linkSeconds: number | null;
  /** Called when a download of the whole file begins, and not for the other ranges of it. */
  onDownload(): void;
}

export async function fileAnswer(asked: FileRequest): Promise<Response> {
  const { request, sample, kind, storage, linkSeconds } = asked;
  const file = sample.files[kind];
  if (file === undefined) return notReady(sample);
  const { contentType } = types[kind];
  const etag = `"${file.sha256}"`;
  if (request.headers.get("if-none-match")?.split(/\s*,\s*/).includes(etag)) {
    return withHeaders(new Response(null, { status: 304 }), { etag });
  }
  const range = rangeOf(request, { bytes: file.bytes, etag });
  if (range === "unsatisfiable") {
    const refused = problem(416, "The file has no such bytes.", `Ask for bytes from 0 to ${file.bytes - 1}.`);
    return withHeaders(refused, { "content-range": `bytes */${file.bytes}` });
  }
  const headers = { etag, ...headersOf(asked, range, file.bytes) };
  if (request.method === "HEAD") {
    return withHeaders(answer("", contentType, range === null ? 200 : 206), headers);
  }
  const link = linkSeconds === null ? null : await storage.link(file.name, linkSeconds);
  if (link !== null) {
    if (isDownload(range)) asked.onDownload();
    return withHeaders(answer("", "text/plain", 302), { location: link });
  }
  const opened = await storage.open(file.name, range ?? undefined);
  if (opened === null) {
    return problem(404, `The storage has no file ${file.name}.`, "Delete the sample, and request it again.");
  }
  if (isDownload(range)) asked.onDownload();
  return withHeaders(answer(opened.body, contentType, range === null ? 200 : 206), headers);
}

/** Whether the request begins a download: it has the first bytes, and is no probe. */
function isDownload(range: AskedRange | null): boolean {
  return range === null || (range.start === 0 && range.end >= probeBytes);
}

function headersOf({ sample, kind, linkSeconds }: FileRequest, range: AskedRange | null, bytes: number) {
  const title = titleOf(sample).replace(/[^\p{L}\p{N}]+/gu, " ").trim().slice(0, longestName);
  const name = encodeURIComponent(`${title || "sample"} ${sample.id}.${types[kind].ending}`.toWellFormed());
  return {
    "accept-ranges": "bytes",
    "content-length": String(range === null ? bytes : range.end - range.start + 1),
    ...(range === null ? {} : { "content-range": `bytes ${range.start}-${range.end}/${bytes}` }),
    ...(linkSeconds === null ? {} : { "content-disposition": `attachment; filename*=UTF-8''${name}` }),
  };
}

function withHeaders(response: Response, headers: Record<string, string>): Response {
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

function notReady({ id, status }: Sample): Response {
  return status === "failed"
    ? problem(409, `Sample ${id} failed, so it has no files.`, "Request it again.")
    : problem(
      409,
      `Sample ${id} is not done yet.`,
      `Ask again when GET /samples/${id} has the status "done".`,
    );
}
