/** What is known about a video beside its sound. All texts are those of strangers: cleaned, and of bounded length. */
import { cleanName, cleanText } from "livecue/clean_text";

export interface SourceInfo {
  url: string;
  videoId: string | null;
  creator: { id: string; name: string } | null;
  description: string;
  /** Without the "#". */
  tags: string[];
  views: number | null;
  likes: number | null;
  seconds: number | null;
}

/** As an engine found it: anything may be anything. */
export interface FoundInfo {
  url: string;
  videoId?: unknown;
  creatorId?: unknown;
  creatorName?: unknown;
  description?: unknown;
  views?: unknown;
  likes?: unknown;
  seconds?: unknown;
}

const longestDescription = 2000;
const maxTags = 50;

export function sourceInfo(found: FoundInfo): SourceInfo {
  const description = cleanText(textOf(found.description), longestDescription);
  const handle = /\/@([\w.-]+)\/video\//.exec(found.url)?.[1] ?? "_";
  const id = cleanName(textOf(found.creatorId).trim().replace(/^@/, "")) || (handle === "_" ? "" : handle);
  return {
    url: found.url,
    videoId: /^[\w.-]{1,64}$/.test(textOf(found.videoId))
      ? textOf(found.videoId)
      : /\/video\/(\d+)$/.exec(found.url)?.[1] ?? null,
    creator: id === "" ? null : { id, name: cleanName(textOf(found.creatorName)) || id },
    description,
    tags: tagsOf(description),
    views: countOf(found.views),
    likes: countOf(found.likes),
    seconds: secondsOf(found.seconds),
  };
}

export function secondsOf(value: unknown): number | null {
  const seconds = typeof value === "string" ? Number.parseFloat(value) : value;
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0 ? seconds : null;
}

function tagsOf(description: string): string[] {
  const tags = [...description.matchAll(/[#＃]([\p{L}\p{M}\p{N}_]{1,100})/gu)].map(([, tag = ""]) =>
    tag.toLowerCase()
  );
  return [...new Set(tags)].slice(0, maxTags);
}

function countOf(value: unknown): number | null {
  const count = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof count === "number" && Number.isSafeInteger(count) && count >= 0 ? count : null;
}

function textOf(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
