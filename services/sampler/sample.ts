/** A sample, as the library, the commands and the HTTP interface show it. The schemas are also its documentation. */
import { z } from "zod";
import { keyNames } from "./music_key.ts";

export const statuses = ["requested", "running", "done", "failed"] as const;
export type SampleStatus = (typeof statuses)[number];

const storedFileSchema = z.strictObject({
  name: z.string().describe("The name in the storage."),
  bytes: z.int().min(0),
  sha256: z.string().describe("In hexadecimal."),
});

export const fileKinds = ["mp3", "wav", "waveform"] as const;
export type FileKind = (typeof fileKinds)[number];

const unixMs = z.int().min(0).describe("Unix time in milliseconds.");

export const creatorSchema = z.strictObject({
  id: z.string().describe("The creator's handle, without @."),
  name: z.string(),
});

export const sampleSchema = z.strictObject({
  id: z.int().min(1),
  sourceUrl: z.string(),
  videoKey: z.string().nullable().describe('Identifies the video: "tiktok:7301…". null until it is known.'),
  creator: creatorSchema.nullable(),
  description: z.string(),
  tags: z.array(z.string()),
  views: z.int().min(0).nullable(),
  likes: z.int().min(0).nullable(),
  seconds: z.number().min(0).nullable(),
  bpm: z.number().positive().nullable(),
  halfBpm: z.number().positive().nullable(),
  doubleBpm: z.number().positive().nullable(),
  key: z.enum(keyNames).nullable(),
  keyStrength: z.number().nullable().describe("From 0 (unclear) to 1."),
  loudnessLufs: z.number().nullable(),
  files: z.strictObject({
    mp3: storedFileSchema.optional(),
    wav: storedFileSchema.optional(),
    waveform: storedFileSchema.optional(),
  }),
  status: z.enum(statuses),
  step: z.string().nullable().describe("The current step, or the one that failed."),
  progress: z.number().min(0).max(1).nullable().describe("Of the current step."),
  error: z.string().nullable().describe("Why it failed, and what to do."),
  requestedBy: z.string(),
  downloads: z.int().min(0),
  createdAt: unixMs,
  finishedAt: unixMs.nullable(),
});

export type Sample = z.output<typeof sampleSchema>;
export type Creator = z.output<typeof creatorSchema>;
export type StoredFiles = Sample["files"];

/** The name for a person: the beginning of the description, or the creator, or the source. */
export function titleOf({ description, creator, sourceUrl }: Sample): string {
  return description.trim() || creator?.name || sourceUrl;
}

/** The data of a `SampleEvent`: without what only the library needs. */
export type SampleEventData = ReturnType<typeof sampleEventData>;

export function sampleEventData(sample: Sample) {
  const { sourceUrl: url, creator, description, seconds, bpm, key, files, requestedBy } = sample;
  return { sampleId: sample.id, url, creator, description, seconds, bpm, key, files, requestedBy };
}
