import { createHash } from "node:crypto";
import { FinalError, UserError } from "livecue/service";
import { hashFile, pieces } from "./hashed.ts";
import type { S3Options } from "./options.ts";
import { S3Client, type S3Clock, type S3Keys } from "./s3_client.ts";
import { abortUpload, listUploads, uploadParts, uploadsOf } from "./s3_multipart.ts";
import {
  type ByteRange,
  checkName,
  type FileToStore,
  type OpenedFile,
  type Storage,
  type StoredFile,
  type Work,
} from "./storage.ts";

/** From this size on, a file is uploaded in parts. */
const multipartBytes = 8 << 20;
/** An unfinished upload of this age is given up: nobody continues it. */
const leftoverMs = 7 * 24 * 3600_000;
/** The object's own header with the SHA-256 of its bytes. */
const sha256Header = "x-amz-meta-sha256";
const never = new AbortController().signal;

/**
 * Stores files in a bucket of an S3 API. The server checks each request's body against its SHA-256, which is signed,
 * and against its MD5; a finished file is compared with its size and the SHA-256 in its metadata.
 */
export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #prefix: string;

  constructor(options: S3Options, keys: S3Keys, clock?: S3Clock) {
    this.#client = new S3Client(options, keys, clock);
    this.#prefix = options.prefix === "" ? "" : `${options.prefix}/`;
  }

  /** Stores, reads and deletes a small file, and discards uploads below the prefix that are over a week old. */
  async check(signal: AbortSignal): Promise<void> {
    const key = `${this.#prefix}livecue-check-${crypto.randomUUID()}`;
    const body = new TextEncoder().encode(key);
    await this.#putWhole(key, body, {}, signal);
    const answer = await this.#client.send({ method: "GET", key, permission: "s3:GetObject", signal });
    if (await answer.text() !== key) {
      throw new FinalError(
        'The storage gives back other bytes than it got, so it is not an S3 API: check "endpoint"',
      );
    }
    await this.#deleteObject(key, signal);
    await this.#abortLeftovers(signal);
  }

  async put({ path, name, contentType }: FileToStore, { signal, onProgress }: Work): Promise<StoredFile> {
    const key = this.#key(name);
    const { bytes, sha256 } = await hashFile(path, signal);
    const stored = { name, bytes, sha256 };
    if (!await this.#has(key, stored, signal)) {
      const headers = { "content-type": contentType, [sha256Header]: sha256 };
      if (bytes < multipartBytes) {
        await this.#putWhole(key, await readWhole(path, stored, signal), headers, signal);
      } else {
        const work = { signal, ...(onProgress && { onProgress }) };
        await uploadParts(this.#client, { path, key, bytes, sha256, headers }, work);
      }
      await this.#verify(key, stored, signal);
    }
    onProgress?.(1);
    return stored;
  }

  async link(name: string, seconds: number): Promise<string> {
    return await this.#client.signedUrl(this.#key(name), seconds);
  }

  async open(name: string, range?: ByteRange): Promise<OpenedFile | null> {
    const key = this.#key(name);
    const headers = range && { range: `bytes=${range.start}-${range.end ?? ""}` };
    const response = await this.#client.send({
      method: "GET",
      key,
      ...(headers && { headers }),
      permission: "s3:GetObject",
      signal: never,
      expected: [404, 416],
    });
    if (response.status === 416) return await this.#behindEnd(key, response);
    if (response.status === 404) {
      await response.body?.cancel();
      return null;
    }
    const bytes = Number(response.headers.get("content-length") ?? 0);
    const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
    return {
      body: response.body ?? emptyBody(),
      bytes,
      totalBytes: total === undefined ? bytes : Number(total),
    };
  }

  async delete(name: string): Promise<void> {
    const key = this.#key(name);
    for (const upload of await uploadsOf(this.#client, key, never)) {
      await abortUpload(this.#client, upload, never);
    }
    await this.#deleteObject(key, never);
  }

  #key(name: string): string {
    checkName(name);
    return this.#prefix + name;
  }

  async #putWhole(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    headers: Record<string, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const md5 = createHash("md5").update(body).digest("base64");
    const response = await this.#client.send({
      method: "PUT",
      key,
      headers: { ...headers, "content-md5": md5 },
      body,
      permission: "s3:PutObject",
      signal,
    });
    await response.body?.cancel();
  }

  async #deleteObject(key: string, signal: AbortSignal): Promise<void> {
    const request = { method: "DELETE", key, permission: "s3:DeleteObject", signal } as const;
    const response = await this.#client.send(request);
    await response.body?.cancel();
  }

  /** False also if the key may not ask: the upload itself then says what is wrong. */
  async #has(key: string, { bytes, sha256 }: StoredFile, signal: AbortSignal): Promise<boolean> {
    const { status, headers } = await this.#head(key, signal, [301, 400, 403, 404]);
    return status === 200 && isOf(headers, bytes, sha256);
  }

  async #verify(key: string, { name, bytes, sha256 }: StoredFile, signal: AbortSignal): Promise<void> {
    const { status, headers } = await this.#head(key, signal, [404]);
    if (status === 404) throw new UserError(`The storage discarded the upload of ${name}: try again`);
    if (isOf(headers, bytes, sha256)) return;
    // An upload of a file with the same beginning was continued. Without it, the next try starts at the beginning.
    await this.#deleteObject(key, signal);
    throw new UserError(`${name} has other bytes after its upload than before, and was deleted: try again`);
  }

  async #head(key: string, signal: AbortSignal, expected: number[]): Promise<Response> {
    return await this.#client.send({ method: "HEAD", key, permission: "s3:GetObject", signal, expected });
  }

  /** The range begins behind the end of the file. */
  async #behindEnd(key: string, response: Response): Promise<OpenedFile | null> {
    await response.body?.cancel();
    const { status, headers } = await this.#head(key, never, [404]);
    if (status === 404) return null;
    return { body: emptyBody(), bytes: 0, totalBytes: Number(headers.get("content-length") ?? 0) };
  }

  /** Without a prefix, the bucket may have uploads of other programs. */
  async #abortLeftovers(signal: AbortSignal): Promise<void> {
    if (this.#prefix === "") return;
    for (const upload of await listUploads(this.#client, this.#prefix, signal)) {
      if (this.#client.now - upload.startedAt > leftoverMs) await abortUpload(this.#client, upload, signal);
    }
  }
}

function isOf(headers: Headers, bytes: number, sha256: string): boolean {
  return headers.get("content-length") === String(bytes) && headers.get(sha256Header) === sha256;
}

/** A file below 8 MB. */
async function readWhole(
  path: string,
  { bytes, sha256 }: StoredFile,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  for await (const piece of pieces(path, multipartBytes, signal)) {
    if (piece.length === bytes && createHash("sha256").update(piece).digest("hex") === sha256) return piece;
    throw new UserError(`The file ${path} changed during its upload: try again`);
  }
  return new Uint8Array();
}

function emptyBody(): ReadableStream<Uint8Array> {
  return new Blob([]).stream();
}
