/** The library: the tables `sample` and `sample_creator`, and the search in them. */
import { type DatabaseSync, UserError } from "livecue/service";
import type { Creator, Sample, SampleStatus, StoredFiles } from "./sample.ts";
import { sampleOf, select } from "./sample_row.ts";
import { cursorOf, folded, queryOf, type Search } from "./search.ts";

export interface SampleRequest {
  /** The link in its canonical form. */
  url: string;
  /** null if it is not known yet, as of a short link: then `identify` sets it. */
  videoKey: string | null;
  /** For people: a viewer's name, "command" or "HTTP". */
  requestedBy: string;
}

/** What the source tells about the video. */
export interface Description {
  creator: Creator | null;
  description: string;
  tags: readonly string[];
  views: number | null;
  likes: number | null;
  seconds: number | null;
}

/** What is known at the end. */
export interface Result {
  seconds: number;
  bpm: number | null;
  halfBpm: number | null;
  doubleBpm: number | null;
  key: Sample["key"];
  keyStrength: number | null;
  loudnessLufs: number | null;
  files: StoredFiles;
}

export interface Page {
  samples: Sample[];
  /** For the next page; null on the last one. */
  nextCursor: string | null;
}

/** One request of a sample. A retry has a higher number than the try before. */
export interface NewRequest {
  id: number;
  request: number;
}

/** The most requested samples that wait. */
export const maxWaiting = 1000;
/** The most requests that are items of the queue at the same time: the others wait in the table, in their order. */
const maxAnnounced = 20;
const defaultLimit = 50;

/** Thrown when too many requests wait. */
export class TooManyWaiting extends UserError {}

export class Samples {
  readonly #database: DatabaseSync;
  readonly #onChange: (id: number) => void;
  readonly #now: () => number;

  /** `onChange` is called with the id of each sample that this object changes. */
  constructor(
    database: DatabaseSync,
    { onChange = () => {}, now = Date.now }: { onChange?(id: number): void; now?(): number } = {},
  ) {
    this.#database = database;
    this.#onChange = onChange;
    this.#now = now;
  }

  /**
   * The sample of the video, which becomes a new request if there is none yet, or if the last one failed. Throws
   * `TooManyWaiting`.
   */
  request({ url, videoKey, requestedBy }: SampleRequest): { sample: Sample; isNew: boolean } {
    return this.#once(() => {
      const row = this.#database.prepare(
        `${select} WHERE sample.deleted_at IS NULL AND (sample.video_key = :videoKey OR sample.source_url = :url
           OR sample.id IN (SELECT sample_id FROM sample_alias WHERE source_url = :url))
         ORDER BY sample.video_key = :videoKey DESC, sample.id LIMIT 1`,
      ).get({ videoKey, url });
      const known = row === undefined ? null : sampleOf(row);
      if (known?.status === "failed") {
        this.#requestAgain(known.id);
        return { sample: this.#require(known.id), isNew: true };
      }
      if (known !== null) return { sample: known, isNew: false };
      this.#checkRoom();
      const { lastInsertRowid } = this.#database.prepare(
        `INSERT INTO sample (source_url, video_key, requested_by, created_at)
         VALUES (:url, :videoKey, :requestedBy, :now)`,
      ).run({ url, videoKey, requestedBy, now: this.#now() });
      const id = Number(lastInsertRowid);
      this.#index(id);
      this.#onChange(id);
      return { sample: this.#require(id), isNew: true };
    });
  }

  /**
   * Requests a sample again that failed, or whose work does not go on because its item was discarded. An item of the
   * request before has nothing to do any more. Throws a `UserError` if there is no such sample, or if it is done, and
   * `TooManyWaiting`.
   */
  retry(id: number): Sample {
    return this.#once(() => {
      const sample = this.find(id);
      if (sample === null) throw new UserError(`There is no sample ${id}.`);
      if (sample.status === "done") throw new UserError(`Sample ${id} is done.`);
      this.#requestAgain(sample.id);
      return this.#require(sample.id);
    });
  }

  /** Whether no later request of the sample has taken the place of this one. */
  isLatest({ id, request }: NewRequest): boolean {
    const row = this.#database.prepare("SELECT requests FROM sample WHERE id = ?").get(id);
    return row === undefined || Number(row["requests"]) === request;
  }

  /**
   * Sets the video's key. If another sample has the key, that sample is returned, and this one gives way to it: the
   * same video is not done twice.
   */
  identify(id: number, videoKey: string): Sample | null {
    return this.#once(() => {
      const other = this.#database.prepare(
        `${select} WHERE sample.deleted_at IS NULL AND sample.video_key = ? AND sample.id <> ?`,
      ).get(videoKey, id);
      if (other !== undefined) {
        this.#giveWay(id, sampleOf(other));
        return sampleOf(other);
      }
      this.#update(id, { video_key: videoKey });
      return null;
    });
  }

  /** The sample, also by the id of one that gave way to it. */
  find(id: number): Sample | null {
    const alias = this.#database.prepare("SELECT sample_id FROM sample_alias WHERE id = ?").get(id);
    return this.get(alias === undefined ? id : Number(alias["sample_id"]));
  }

  get(id: number): Sample | null {
    const row = this.#database.prepare(`${select} WHERE sample.id = ? AND sample.deleted_at IS NULL`).get(id);
    return row === undefined ? null : sampleOf(row);
  }

  /** Throws a `UserError` if the cursor is wrong. */
  list(search: Search = {}): Page {
    const { where, value, order, values } = queryOf(search);
    const limit = search.limit ?? defaultLimit;
    const rows = this.#database.prepare(
      `SELECT sample.*, sample_creator.name AS creator_name, ${value} AS order_value FROM sample
       LEFT JOIN sample_creator ON sample_creator.id = sample.creator_id
       WHERE ${where} ORDER BY ${order} LIMIT ?`,
    ).all(...values, limit + 1);
    const samples = rows.slice(0, limit).map(sampleOf);
    const last = rows[limit - 1];
    const isMore = rows.length > limit && last !== undefined;
    return {
      samples,
      nextCursor: isMore
        ? cursorOf(search.sort ?? "newest", Number(last["order_value"]), Number(last["id"]))
        : null,
    };
  }

  counts(): Record<SampleStatus, number> {
    const counts = { requested: 0, running: 0, done: 0, failed: 0 };
    const rows = this.#database.prepare(
      "SELECT status, count(*) AS count FROM sample WHERE deleted_at IS NULL GROUP BY status",
    ).all();
    for (const { status, count } of rows) counts[status as SampleStatus] = Number(count);
    return counts;
  }

  running(): Sample[] {
    return this.list({ status: "running", sort: "oldest", limit: 20 }).samples;
  }

  /** The oldest requests that should become events now. */
  unannounced(): NewRequest[] {
    const announced = Number(
      this.#database.prepare(
        `SELECT count(*) AS count FROM sample
         WHERE status = 'requested' AND announced_at IS NOT NULL AND deleted_at IS NULL`,
      ).get()?.["count"],
    );
    return this.#database.prepare(
      `SELECT id, requests FROM sample
       WHERE status IN ('requested', 'running') AND announced_at IS NULL AND deleted_at IS NULL
       ORDER BY id LIMIT ?`,
    ).all(Math.max(0, maxAnnounced - announced)).map((row) => ({
      id: Number(row["id"]),
      request: Number(row["requests"]),
    }));
  }

  /** The request is an event. */
  announce(id: number): void {
    this.#update(id, { announced_at: this.#now() });
  }

  /** Its work begins, or goes on after a crash. null if the sample was deleted, or is done. */
  begin(id: number): Sample | null {
    const sample = this.get(id);
    if (sample === null || sample.status === "done") return null;
    this.#update(id, { status: "running", error: null });
    return this.get(id);
  }

  report(id: number, { step, progress }: { step: string; progress: number | null }): void {
    this.#update(id, { step, progress });
  }

  describe(id: number, info: Description): void {
    this.#once(() => {
      if (info.creator !== null) this.#keepCreator(info.creator);
      const { description, tags, views, likes, seconds } = info;
      const creator_id = info.creator?.id ?? null;
      this.#update(id, { creator_id, description, tags: JSON.stringify(tags), views, likes, seconds });
      this.#index(id);
    });
  }

  finish(id: number, result: Result): void {
    this.#update(id, {
      seconds: result.seconds,
      bpm: result.bpm,
      half_bpm: result.halfBpm,
      double_bpm: result.doubleBpm,
      key: result.key,
      key_strength: result.keyStrength,
      loudness_lufs: result.loudnessLufs,
      files: JSON.stringify(result.files),
      status: "done",
      step: null,
      progress: null,
      error: null,
      finished_at: this.#now(),
    });
  }

  fail(id: number, { step, error }: { step: string; error: string }): void {
    this.#update(id, { status: "failed", step, progress: null, error, finished_at: this.#now() });
  }

  countDownload(id: number): void {
    this.#database.prepare("UPDATE sample SET downloads = downloads + 1 WHERE id = ?").run(id);
    this.#onChange(id);
  }

  /** Hides the sample, so that its files can be deleted; then `remove` follows, if need be after a restart. */
  hide(id: number): void {
    this.#update(id, { deleted_at: this.#now() });
  }

  /** Hidden samples whose files may still be stored. */
  hidden(): Sample[] {
    return this.#database.prepare(`${select} WHERE sample.deleted_at IS NOT NULL`).all().map(sampleOf);
  }

  /** Samples that failed before a time, Unix milliseconds: nobody has asked for them again. */
  failedBefore(before: number): number[] {
    return this.#database.prepare(
      "SELECT id FROM sample WHERE status = 'failed' AND finished_at < ? AND deleted_at IS NULL ORDER BY id",
    ).all(before).map(({ id }) => Number(id));
  }

  /** Creators of no sample. */
  removeUnnamedCreators(): void {
    this.#database.exec(
      "DELETE FROM sample_creator WHERE id NOT IN (SELECT creator_id FROM sample WHERE creator_id IS NOT NULL)",
    );
  }

  remove(id: number): void {
    this.#database.prepare("DELETE FROM sample_text WHERE rowid = ?").run(id);
    this.#database.prepare("DELETE FROM sample WHERE id = ?").run(id);
    this.#onChange(id);
  }

  /** Every video names its creator, so nobody has to ask for the creator. */
  #keepCreator({ id, name }: Creator): void {
    const before = this.#database.prepare("SELECT name FROM sample_creator WHERE id = ?").get(id)?.["name"];
    this.#database.prepare(
      `INSERT INTO sample_creator (id, name, folded_name, folded_id, fetched_at)
       VALUES (:id, :name, :foldedName, :foldedId, :fetchedAt)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded_name = excluded.folded_name,
         fetched_at = excluded.fetched_at`,
    ).run({
      id,
      name,
      foldedName: folded(name),
      foldedId: folded(id),
      fetchedAt: this.#now(),
    });
    if (before === name) return;
    const samples = this.#database.prepare("SELECT id FROM sample WHERE creator_id = ?").all(id);
    for (const sample of samples) this.#index(Number(sample["id"]));
  }

  /** A running sample stays one, because an item may be at work on it. */
  #requestAgain(id: number): void {
    this.#checkRoom();
    this.#database.prepare(
      `UPDATE sample SET requests = requests + 1, announced_at = NULL,
         status = CASE status WHEN 'running' THEN 'running' ELSE 'requested' END WHERE id = ?`,
    ).run(id);
    this.#update(id, { step: null, progress: null, error: null, finished_at: null });
  }

  #giveWay(id: number, other: Sample): void {
    const { sourceUrl } = this.#require(id);
    this.remove(id);
    this.#database.prepare("UPDATE sample_alias SET sample_id = ? WHERE sample_id = ?").run(other.id, id);
    this.#database.prepare("INSERT INTO sample_alias (id, source_url, sample_id) VALUES (?, ?, ?)")
      .run(id, sourceUrl, other.id);
  }

  #checkRoom(): void {
    if (this.counts().requested < maxWaiting) return;
    throw new TooManyWaiting(`${maxWaiting} requested samples are waiting: try again when some are done`);
  }

  #update(id: number, values: Record<string, string | number | null>): void {
    const columns = Object.keys(values).map((column) => `${column} = ?`).join(", ");
    this.#database.prepare(`UPDATE sample SET ${columns} WHERE id = ?`).run(...Object.values(values), id);
    this.#onChange(id);
  }

  /** Writes the sample's texts into the index for the search. */
  #index(id: number): void {
    const { description, tags, creator } = this.#require(id);
    this.#database.prepare("DELETE FROM sample_text WHERE rowid = ?").run(id);
    this.#database.prepare(
      "INSERT INTO sample_text (rowid, description, creator, tags) VALUES (?, ?, ?, ?)",
    ).run(
      id,
      folded(description),
      folded(creator === null ? "" : `${creator.name} ${creator.id}`),
      folded(tags.join(" ")),
    );
  }

  #require(id: number): Sample {
    const row = this.#database.prepare(`${select} WHERE sample.id = ?`).get(id);
    if (row === undefined) throw new UserError(`Sample ${id} was deleted`);
    return sampleOf(row);
  }

  /** In a transaction, because a command of another process may write at the same time. */
  #once<Value>(run: () => Value): Value {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const value = run();
      this.#database.exec("COMMIT");
      return value;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}
