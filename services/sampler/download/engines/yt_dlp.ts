/** The user's own yt-dlp. Its connections go through a guarding proxy. */
import { join } from "node:path";
import { cleanText } from "livecue/clean_text";
import { FinalError, UserError } from "livecue/service";
import { megabytes } from "../body.ts";
import { GuardProxy } from "../guard_proxy.ts";
import type { Guard } from "../guard.ts";
import type { FoundInfo } from "../source_info.ts";
import { run } from "./program.ts";

export interface YtDlpWork {
  program: string;
  guard: Guard;
  /** The program writes here, and nowhere else. */
  folder: string;
  maxBytes: number;
  maxSeconds: number;
  timeoutMs: number;
  signal: AbortSignal;
  onProgress?: ((fraction: number) => void) | undefined;
}

/** What yt-dlp says where a further try cannot help, as a sentence. */
const finalTroubles: { pattern: RegExp; told: string }[] = [
  { pattern: /private/i, told: "The video is private. Use another one." },
  {
    pattern: /confirm your age|age.?restrict|inappropriate|not be comfortable for some/i,
    told: "The video has an age limit, so it needs a login. Use another one.",
  },
  {
    pattern: /log ?in|sign in|cookies|account to access/i,
    told: "The video needs a login. Use another one.",
  },
  {
    pattern: /in your (?:country|region|location)|geo.?restrict|geographic/i,
    told: "The video is not available in your region. Use another one.",
  },
  {
    pattern: /redirection to url .* is not allowed/i,
    told: "The link redirects to an address that is not one of the web.",
  },
  {
    pattern: /infinite loop/i,
    told: "The link redirects in a circle. Check it in a browser.",
  },
  {
    pattern: /unsupported url/i,
    told: "yt-dlp does not support this link. Use the link of one video.",
  },
  {
    pattern:
      /HTTP Error 4(?:04|10)|removed|deleted|no longer available|not available|unavailable|does(?:n't| not) exist/i,
    told: "The video is not available: it was removed, or the link is wrong.",
  },
  { pattern: /IP address is blocked/i, told: "TikTok blocks your IP address for this video." },
  {
    pattern: /unable to extract|report this issue|unable to find video/i,
    told: "yt-dlp did not understand the answer, so it may be too old. Update it with: yt-dlp -U.",
  },
  {
    pattern: /no such option/i,
    told: "Your yt-dlp is too old for Livecue. Update it with: yt-dlp -U.",
  },
];

/** How yt-dlp says that its proxy did not connect. */
const refusedByProxy = /Socks5Error|not allowed by ruleset/i;

const outputFolder = "yt_dlp";
/** For the pages that yt-dlp reads before the video. */
const pageBytes = 20_000_000;

/** Resolves to the file and to what yt-dlp knows about it. Works in a folder of its own within `folder`. */
export async function downloadByYtDlp(
  url: string,
  work: YtDlpWork,
): Promise<{ file: string; info: FoundInfo }> {
  const cwd = join(work.folder, outputFolder);
  await Deno.mkdir(cwd, { recursive: true });
  await using proxy = new GuardProxy(work.guard, { maxBytes: 2 * work.maxBytes + pageBytes });
  const ended = await run({
    program: work.program,
    args: argumentsFor(url, { ...work, proxy: proxy.url }),
    cwd,
    timeoutMs: work.timeoutMs,
    signal: work.signal,
    onLine: (line) => showProgress(line, work.onProgress),
  });
  if (proxy.refusal !== null) throw proxy.refusal;
  if (ended.code !== 0 && proxy.absence !== null && refusedByProxy.test(ended.complaint)) throw proxy.absence;
  if (ended.code !== 0) throw troubleOf(ended.complaint);
  const metadata = metadataIn(ended.output);
  // yt-dlp ends without an error if it skips the video.
  if (metadata === null) {
    throw new FinalError(`The video is longer than ${work.maxSeconds} s ("max_seconds"). Use a shorter one.`);
  }
  const file = await newestFile(cwd);
  if (file === null) {
    throw new FinalError(
      `The video is larger than ${megabytes(work.maxBytes)} MB ("max_mb"). Use a shorter one.`,
    );
  }
  return { file: join(outputFolder, file), info: infoOf(url, metadata) };
}

/** yt-dlp's version, such as "2026.06.09". Throws a `UserError` if the program does not run. */
export async function ytDlpVersion(program: string, signal: AbortSignal): Promise<string> {
  const args = ["--ignore-config", "--version"];
  const { code, output } = await run({ program, args, cwd: Deno.cwd(), timeoutMs: 30_000, signal });
  const version = output.trim();
  if (code === 0 && /^\d{4}\.\d{2}\.\d{2}/.test(version)) return cleanText(version, 40);
  throw new UserError(`"${program}" is not yt-dlp. Write the path to yt-dlp into "program" of "yt_dlp".`);
}

function argumentsFor(url: string, { maxBytes, maxSeconds, proxy }: YtDlpWork & { proxy: string }): string[] {
  return [
    "--ignore-config",
    "--no-exec",
    "--no-playlist",
    "--no-cache-dir",
    "--no-mtime",
    "--newline",
    "--progress",
    "--progress-template=download:livecue %(progress.downloaded_bytes)s %(progress.total_bytes)s",
    "--print-json",
    "--no-simulate",
    "--fixup=never",
    "--socket-timeout=30",
    "--format=bestaudio/best",
    `--max-filesize=${Math.floor(maxBytes)}`,
    `--match-filters=duration <=? ${maxSeconds}`,
    `--proxy=${proxy}`,
    "--output=video.%(ext)s",
    "--",
    url,
  ];
}

function showProgress(line: string, onProgress: YtDlpWork["onProgress"]): void {
  const [, done, total] = /^livecue (\d+) (\d+)$/.exec(line) ?? [];
  if (done !== undefined && Number(total) > 0) onProgress?.(Math.min(1, Number(done) / Number(total)));
}

/** The last line of standard output that is JSON. */
function metadataIn(output: string): Record<string, unknown> | null {
  const line = output.split("\n").findLast((line) => line.startsWith("{"));
  if (line === undefined) return null;
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}

function infoOf(url: string, found: Record<string, unknown>): FoundInfo {
  return {
    url,
    videoId: found["id"],
    creatorId: found["uploader"] ?? found["uploader_id"],
    creatorName: found["channel"] ?? found["creator"] ?? found["uploader"],
    description: found["description"] ?? found["title"],
    views: found["view_count"],
    likes: found["like_count"],
    seconds: found["duration"],
  };
}

async function newestFile(folder: string): Promise<string | null> {
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && /^video\.\w+$/.test(name) && !/\.(?:part|ytdl|json|temp)$/.test(name)) return name;
  }
  return null;
}

function troubleOf(complaint: string): UserError {
  const lines = complaint.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  const said = lines.findLast((line) => /^(?:ERROR|yt-dlp: error):/i.test(line)) ?? lines.at(-1) ?? "";
  const quote = cleanText(
    said.replace(/^(?:ERROR|yt-dlp: error):\s*/i, "").replace(/;? please report.*$/i, ""),
    200,
  );
  // The words of an address are those of a stranger.
  const words = said.replace(/https?:\/\/\S+/gi, "");
  const known = finalTroubles.find(({ pattern }) => pattern.test(words));
  const isBusy = /HTTP Error (?:429|5\d\d)|timed out|connection|reset/i.test(words);
  if (known !== undefined && !isBusy) return new FinalError(`${known.told} (yt-dlp: ${quote})`);
  return new UserError(`yt-dlp failed: ${quote === "" ? "it gave no reason" : quote}. Try again later.`);
}
