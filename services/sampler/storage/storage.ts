/** Where samples are stored. */
import { FinalError } from "livecue/service";

export interface StoredFile {
  name: string;
  bytes: number;
  /** In hexadecimal. */
  sha256: string;
}

/** A file of this computer to store. */
export interface FileToStore {
  /** Absolute. */
  path: string;
  /** The name in the storage: "12/audio.mp3". */
  name: string;
  contentType: string;
}

export interface Work {
  signal: AbortSignal;
  /** From 0 to 1. */
  onProgress?(fraction: number): void;
}

/** In bytes from 0, like the range of an HTTP request: both ends belong to it, and no `end` means to the file's end. */
export interface ByteRange {
  start: number;
  end?: number | undefined;
}

export interface OpenedFile {
  body: ReadableStream<Uint8Array>;
  /** How many bytes `body` has; 0 if the range begins behind the file's end. */
  bytes: number;
  /** The size of the whole file. */
  totalBytes: number;
}

/**
 * All methods throw a `UserError` that says what to do: a `FinalError` if a further try cannot help. They also throw
 * a `FinalError` if a name is not one of segments of letters, digits and "._- ", separated by "/".
 */
export interface Storage {
  /** Says what is wrong with the settings before the first sample; resolves if files can be stored. */
  check(signal: AbortSignal): Promise<void>;
  /** A second call with the same content changes nothing. A call after an interruption continues the upload. */
  put(file: FileToStore, work: Work): Promise<StoredFile>;
  /** A URL that anybody can open for `seconds`; null if the storage has none: then `open` serves the file. */
  link(name: string, seconds: number): Promise<string | null>;
  /** The file's bytes, or a range of them; null if there is no such file. */
  open(name: string, range?: ByteRange): Promise<OpenedFile | null>;
  /** Also discards an unfinished upload of the name. A missing file is no error. */
  delete(name: string): Promise<void>;
}

/** Throws if a name could lead out of the storage, or is invalid for one of the storages. */
export function checkName(name: string): void {
  const isValid = name.length <= 500 &&
    name.split("/").every((segment) =>
      /^[\p{L}\p{N}_-][\p{L}\p{N}\p{M}._ -]*$/u.test(segment) && !/[. ]$/.test(segment)
    );
  if (isValid) return;
  throw new FinalError(
    `The storage cannot use the name ${
      JSON.stringify(name.slice(0, 100))
    }: use letters, digits, "-", "_", "." and "/"`,
  );
}
