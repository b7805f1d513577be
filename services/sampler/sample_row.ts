/** Rows of the table `sample` as samples. */
import type { Sample, SampleStatus } from "./sample.ts";

export const select = `SELECT sample.*, sample_creator.name AS creator_name FROM sample
  LEFT JOIN sample_creator ON sample_creator.id = sample.creator_id`;

type Row = Record<string, unknown>;

export function sampleOf(row: Row): Sample {
  const number = (column: string) => row[column] as number | null;
  return {
    id: Number(row["id"]),
    sourceUrl: String(row["source_url"]),
    videoKey: row["video_key"] as string | null,
    creator: row["creator_id"] === null
      ? null
      : { id: String(row["creator_id"]), name: String(row["creator_name"]) },
    description: String(row["description"]),
    tags: JSON.parse(String(row["tags"])),
    views: number("views"),
    likes: number("likes"),
    seconds: number("seconds"),
    bpm: number("bpm"),
    halfBpm: number("half_bpm"),
    doubleBpm: number("double_bpm"),
    key: row["key"] as Sample["key"],
    keyStrength: number("key_strength"),
    loudnessLufs: number("loudness_lufs"),
    files: JSON.parse(String(row["files"])),
    status: row["status"] as SampleStatus,
    step: row["step"] as string | null,
    progress: number("progress"),
    error: row["error"] as string | null,
    requestedBy: String(row["requested_by"]),
    downloads: Number(row["downloads"]),
    createdAt: Number(row["created_at"]),
    finishedAt: number("finished_at"),
  };
}
