/** Multipart uploads: begun, continued after an interruption, or discarded. */
import { createHash } from "node:crypto";
import { UserError } from "livecue/service";
import { pieces } from "./hashed.ts";
import type { S3Client } from "./s3_client.ts";
import { listOf, textOf, type XmlElement } from "./s3_refusal.ts";
import type { Work } from "./storage.ts";

const megabyte = 1 << 20;
/** S3's limit. */
const maxParts = 10_000;

export interface FileParts {
  path: string;
  key: string;
  bytes: number;
  sha256: string;
  /** The headers of the finished object. */
  headers: Record<string, string>;
}

export interface UnfinishedUpload {
  key: string;
  id: string;
  /** In milliseconds since 1970; NaN if the server names none. */
  startedAt: number;
}

interface Part {
  etag: string;
  bytes: number;
}

/**
 * 8 MB, and more for files over 80 GB. A size that depends on the file alone lets a later try continue; R2 wants all
 * parts but the last one to be of one size.
 */
export function partBytesFor(fileBytes: number): number {
  return megabyte * Math.max(8, Math.ceil(fileBytes / maxParts / megabyte));
}

/** Uploads a file in parts. Parts of an earlier, interrupted upload that have the same MD5 are not sent again. */
export async function uploadParts(client: S3Client, file: FileParts, work: Work): Promise<void> {
  const { signal } = work;
  const earlier = await newestUpload(client, file.key, signal);
  const parts = earlier === null ? new Map<number, Part>() : await listParts(client, earlier, signal);
  if (earlier !== null && parts.size > 0 && await hasPartsOf(file, parts, signal)) {
    return await sendMissing(client, file, { id: earlier.id, parts }, work);
  }
  // It belongs to another version of the file, or has nothing to save.
  if (earlier !== null) await abortUpload(client, earlier, signal);
  await sendMissing(client, file, { id: await createUpload(client, file, signal), parts: new Map() }, work);
}

/** Whether each part that the server has is a part of the file. */
async function hasPartsOf(file: FileParts, parts: Map<number, Part>, signal: AbortSignal): Promise<boolean> {
  let number = 0;
  let matching = 0;
  for await (const piece of pieces(file.path, partBytesFor(file.bytes), signal)) {
    const part = parts.get(++number);
    if (part !== undefined && isSame(part, piece)) matching++;
  }
  return matching === parts.size;
}

function isSame(part: Part, piece: Uint8Array): boolean {
  return part.bytes === piece.length && part.etag === createHash("md5").update(piece).digest("hex");
}

async function sendMissing(
  client: S3Client,
  file: FileParts,
  upload: { id: string; parts: Map<number, Part> },
  { signal, onProgress }: Work,
): Promise<void> {
  const hash = createHash("sha256");
  const etags: string[] = [];
  let sent = 0;
  for await (const piece of pieces(file.path, partBytesFor(file.bytes), signal)) {
    hash.update(piece);
    const number = etags.length + 1;
    const there = upload.parts.get(number);
    etags.push(
      there === undefined
        ? await sendPart(client, file.key, { id: upload.id, number, piece, signal })
        : there.etag,
    );
    sent += piece.length;
    onProgress?.(Math.min(1, sent / file.bytes));
  }
  if (hash.digest("hex") !== file.sha256) {
    throw new UserError(`The file ${file.path} changed during its upload: try again`);
  }
  await completeUpload(client, file.key, { id: upload.id, etags, signal });
}

interface PartToSend {
  id: string;
  number: number;
  piece: Uint8Array<ArrayBuffer>;
  signal: AbortSignal;
}

/** Returns the part's ETag. */
async function sendPart(
  client: S3Client,
  key: string,
  { id, number, piece, signal }: PartToSend,
): Promise<string> {
  const response = await client.send({
    method: "PUT",
    key,
    query: { partNumber: String(number), uploadId: id },
    headers: { "content-md5": createHash("md5").update(piece).digest("base64") },
    body: piece,
    permission: "s3:PutObject",
    signal,
  });
  await response.body?.cancel();
  const etag = unquoted(response.headers.get("etag") ?? "");
  if (etag === "") throw new UserError('The storage did not confirm a part (no ETag): check "endpoint"');
  return etag;
}

async function createUpload(
  client: S3Client,
  { key, headers }: FileParts,
  signal: AbortSignal,
): Promise<string> {
  const request = {
    method: "POST",
    key,
    query: { uploads: "" },
    headers,
    permission: "s3:PutObject",
    signal,
  } as const;
  const id = textOf(await client.sendForXml(request), "UploadId");
  if (id === "") throw new UserError('The storage began no upload (no UploadId): check "endpoint"');
  return id;
}

/** If the answer to an earlier try was lost, the upload is no longer there, and the caller looks at the object. */
async function completeUpload(
  client: S3Client,
  key: string,
  { id, etags, signal }: { id: string; etags: string[]; signal: AbortSignal },
): Promise<void> {
  const parts = etags.map((etag, index) =>
    `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${escaped(etag)}"</ETag></Part>`
  );
  const text = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${
    parts.join("")
  }</CompleteMultipartUpload>`;
  await client.sendForXml({
    method: "POST",
    key,
    query: { uploadId: id },
    headers: { "content-type": "application/xml" },
    body: new TextEncoder().encode(text),
    permission: "s3:PutObject",
    signal,
    expected: [404],
  });
}

/** Discards all but the newest one. */
async function newestUpload(
  client: S3Client,
  key: string,
  signal: AbortSignal,
): Promise<UnfinishedUpload | null> {
  const uploads = await uploadsOf(client, key, signal);
  uploads.sort((one, other) => (other.startedAt || 0) - (one.startedAt || 0));
  for (const upload of uploads.slice(1)) await abortUpload(client, upload, signal);
  return uploads[0] ?? null;
}

/** The unfinished uploads of one key. */
export async function uploadsOf(
  client: S3Client,
  key: string,
  signal: AbortSignal,
): Promise<UnfinishedUpload[]> {
  return (await listUploads(client, key, signal)).filter((upload) => upload.key === key);
}

/** The unfinished uploads of keys that begin with the prefix. MinIO lists only those whose key is the prefix. */
export async function listUploads(
  client: S3Client,
  prefix: string,
  signal: AbortSignal,
): Promise<UnfinishedUpload[]> {
  const found: UnfinishedUpload[] = [];
  for (let from: Record<string, string> | null = {}; from !== null;) {
    const answer: XmlElement = await client.sendForXml({
      method: "GET",
      key: "",
      query: { uploads: "", prefix, ...from },
      permission: "s3:ListBucketMultipartUploads",
      signal,
    });
    const uploads = listOf(answer, "Upload").map((upload) => ({
      key: textOf(upload, "Key"),
      id: textOf(upload, "UploadId"),
      startedAt: Date.parse(textOf(upload, "Initiated")),
    }));
    found.push(...uploads);
    const isMore = textOf(answer, "IsTruncated") === "true" && uploads.length > 0;
    from = isMore
      ? {
        "key-marker": textOf(answer, "NextKeyMarker"),
        "upload-id-marker": textOf(answer, "NextUploadIdMarker"),
      }
      : null;
  }
  return found;
}

async function listParts(
  client: S3Client,
  { key, id }: UnfinishedUpload,
  signal: AbortSignal,
): Promise<Map<number, Part>> {
  const found = new Map<number, Part>();
  for (let after: string | null = "0"; after !== null;) {
    const answer: XmlElement = await client.sendForXml({
      method: "GET",
      key,
      query: { uploadId: id, "part-number-marker": after },
      permission: "s3:ListMultipartUploadParts",
      signal,
    });
    const parts = listOf(answer, "Part");
    for (const part of parts) {
      const etag = unquoted(textOf(part, "ETag"));
      found.set(Number(textOf(part, "PartNumber")), { etag, bytes: Number(textOf(part, "Size")) });
    }
    const isMore = textOf(answer, "IsTruncated") === "true" && parts.length > 0;
    after = isMore ? textOf(answer, "NextPartNumberMarker") : null;
  }
  return found;
}

export async function abortUpload(
  client: S3Client,
  { key, id }: UnfinishedUpload,
  signal: AbortSignal,
): Promise<void> {
  const response = await client.send({
    method: "DELETE",
    key,
    query: { uploadId: id },
    permission: "s3:AbortMultipartUpload",
    signal,
    expected: [404],
  });
  await response.body?.cancel();
}

function unquoted(etag: string): string {
  return etag.replaceAll("&quot;", "").replaceAll('"', "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
