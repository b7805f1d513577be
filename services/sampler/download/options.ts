/** The options of the sampler that say what may be downloaded, and how. */
import { secretGivenTwice, secretOptions } from "livecue/secret";
import { z } from "zod";
import { normalRule } from "./hosts.ts";

const hostRule = z.string().transform((text, context) => {
  const rule = normalRule(text);
  if (rule !== null) return rule;
  context.addIssue({
    code: "custom",
    message: 'expected a host such as "tiktok.com", or "*.tiktok.com" for all hosts below it',
  });
  return z.NEVER;
});

const privateHost = hostRule.refine((rule) => /^[^*]+:\d+$/.test(rule), {
  error: 'expected a host with its port, such as "192.168.1.5:9000"',
});

/** A JSON pointer (RFC 6901), such as "/data/play". */
const pointer = z.string().regex(/^(?:\/(?:[^~/]|~[01])*)*$/, {
  error: 'expected a JSON pointer, such as "/data/play"',
});

/** Where TikTok's videos and sounds are, and those of the default API. */
const defaultMediaHosts = [
  "tiktok.com",
  "*.tiktok.com",
  "*.tiktokcdn.com",
  "*.tiktokcdn-us.com",
  "*.tiktokcdn-eu.com",
  "*.tiktokv.com",
  "*.tiktokv.us",
  "*.tiktokv.eu",
  "*.byteoversea.com",
  "*.ibytedtos.com",
  "*.muscdn.com",
  "*.akamaized.net",
  "tikwm.com",
  "*.tikwm.com",
];

const ytDlpOptions = z.strictObject({
  /** The program's name, or the path to it. */
  program: z.string().min(1, "is empty: write the program's name or its path").default("yt-dlp"),
});

/** The defaults are those of RapidAPI's "Tiktok video no watermark". */
const rapidApiOptions = z.strictObject({
  host: hostRule.default("tiktok-video-no-watermark2.p.rapidapi.com"),
  /** "{url}" is replaced with the video's link. */
  path: z.string().startsWith("/", 'expected a path that starts with "/"')
    .refine((path) => path.includes("{url}"), 'expected "{url}" where the video\'s link belongs')
    .default("/?url={url}&hd=0"),
  ...secretOptions("key"),
  /** The sound is the whole song as MP3, which needs no ffmpeg; the video has what the viewer hears. */
  take: z.enum(["video", "sound"]).default("video"),
  /** Where the answer has the address of the video, of its sound as MP3, and the rest. */
  video: pointer.default("/data/play"),
  sound: pointer.default("/data/music"),
  id: pointer.default("/data/id"),
  description: pointer.default("/data/title"),
  seconds: pointer.default("/data/duration"),
  views: pointer.default("/data/play_count"),
  likes: pointer.default("/data/digg_count"),
  creator_id: pointer.default("/data/author/unique_id"),
  creator_name: pointer.default("/data/author/nickname"),
  /** What the API itself says if it found no video. */
  message: pointer.default("/msg"),
}).superRefine((options, context) => {
  const message = secretGivenTwice("key", options);
  if (message !== null) context.addIssue({ code: "custom", message });
});

export const downloadOptions = {
  /** What downloads TikTok's videos. "file" downloads only direct addresses of files. */
  engine: z.enum(["yt_dlp", "rapidapi", "file"]).default("yt_dlp"),
  /** Where links may lead. */
  hosts: z.array(hostRule).min(1).default(["tiktok.com", "*.tiktok.com"]),
  /** Where a listed host may redirect to, and where the videos and sounds may be. */
  media_hosts: z.array(hostRule).default(defaultMediaHosts),
  /** Hosts of the own network, by name and port, that may be reached nevertheless. */
  allow_private: z.array(privateHost).default([]),
  /** Whether POST /samples may name a file of this computer. */
  allow_files: z.boolean().default(false),
  max_mb: z.number().positive().max(10_000).default(200),
  max_seconds: z.number().positive().max(36_000).default(600),
  max_redirects: z.int().min(0).max(20).default(5),
  download_timeout_seconds: z.number().positive().max(86_400).default(600),
  idle_timeout_seconds: z.number().positive().max(3600).default(30),
  yt_dlp: ytDlpOptions.prefault({}),
  rapidapi: rapidApiOptions.prefault({}),
};

const downloadSchema = z.strictObject(downloadOptions);

export type DownloadOptions = z.output<typeof downloadSchema>;
