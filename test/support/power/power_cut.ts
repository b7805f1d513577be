/**
 * The files of a folder as a power cut leaves them: what was synced is there; of what was written since, any sectors
 * may be there or not, in any order. The record of writes is made by `record_writes.c`.
 */
import { join } from "node:path";
import { Random } from "../../../src/capture/demo/random.ts";

export interface Write {
  kind: "write" | "truncate" | "sync" | "remove";
  name: string;
  /** Of a truncation: the new length. */
  offset: number;
  bytes: Uint8Array;
}

const kinds = { w: "write", t: "truncate", s: "sync", u: "remove" } as const;

/** Disks write these whole or not at all. */
const sectorBytes = 512;

export function readJournal(path: string): Write[] {
  const bytes = Deno.readFileSync(path);
  const decoder = new TextDecoder();
  const writes: Write[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const [kind, offset, length, ...name] = decoder.decode(bytes.subarray(at, end)).split(" ");
    const size = kind === "w" ? Number(length) : 0;
    at = end + 1 + size;
    writes.push({
      kind: kinds[kind as keyof typeof kinds],
      name: name.join(" "),
      offset: Number(offset),
      bytes: bytes.subarray(end + 1, at),
    });
  }
  return writes;
}

/** Bytes that grow. */
class Content {
  #bytes: Uint8Array;
  #length: number;

  constructor(bytes = new Uint8Array()) {
    this.#bytes = bytes;
    this.#length = bytes.length;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  resize(length: number): void {
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(length, this.#bytes.length * 2));
      grown.set(this.bytes);
      this.#bytes = grown;
    }
    if (length < this.#length) this.#bytes.fill(0, length, this.#length);
    this.#length = length;
  }

  put(offset: number, bytes: Uint8Array): void {
    if (offset + bytes.length > this.#length) this.resize(offset + bytes.length);
    this.#bytes.set(bytes, offset);
  }

  /** `isKept` is asked for each sector of a write, and once for the rest. */
  apply({ kind, offset, bytes }: Write, isKept: () => boolean = () => true): void {
    if (kind === "remove") this.resize(0);
    if (kind === "truncate" && isKept()) this.resize(offset);
    for (let from = 0; from < bytes.length; from += sectorBytes) {
      if (isKept()) this.put(offset + from, bytes.subarray(from, from + sectorBytes));
    }
  }
}

/** A file as it is on the disk, with what has been done to it since it was synced last. */
class DiskFile {
  /** null: its name is not sure to be on the disk. */
  #synced: Content | null = null;
  #since: Write[] = [];

  take(write: Write): void {
    this.#since.push(write);
    if (write.kind !== "sync") return;
    this.#synced ??= new Content();
    for (const each of this.#since) this.#synced.apply(each);
    this.#since = [];
  }

  /** Its folder was synced: the name is there, or is gone. What was written is another matter. */
  syncName(): void {
    const removed = this.#since.findLastIndex(({ kind }) => kind === "remove");
    if (removed !== -1) {
      this.#synced = null;
      this.#since = this.#since.slice(removed + 1);
    }
    if (this.#since.length > 0) this.#synced ??= new Content();
  }

  /** null: it is not there. */
  afterCut(random: Random): Uint8Array | null {
    // Some cuts lose all that was not synced, some nothing, most some of it.
    const share = random.pick([0, 0.5, 0.9, 1]);
    const isKept = () => random.isBelow(share);
    if (this.#synced === null && !isKept()) return null;
    const content = new Content(this.#synced?.bytes.slice());
    let isThere = true;
    for (const write of random.isBelow(0.5) ? this.#since : shuffled(this.#since, random)) {
      if (write.kind === "remove" && !isKept()) continue;
      isThere = write.kind !== "remove";
      content.apply(write, isKept);
    }
    return isThere ? content.bytes : null;
  }
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.whole(0, left.length - 1), 1)[0] as Item);
}

/** Makes the folder's files as a cut after the first `count` writes leaves them. */
export function cutPower(writes: readonly Write[], count: number, folder: string, random: Random): void {
  const files = new Map<string, DiskFile>();
  for (const write of writes.slice(0, count)) {
    if (write.name === ".") {
      for (const file of files.values()) file.syncName();
      continue;
    }
    const file = files.get(write.name) ?? new DiskFile();
    files.set(write.name, file);
    file.take(write);
  }
  for (const [name, file] of files) {
    const content = file.afterCut(random);
    if (content !== null) Deno.writeFileSync(join(folder, name), content);
  }
}
