/** Links to videos: finds them in the text of a viewer, and brings all forms of TikTok's to one. */
import { FinalError } from "livecue/service";
import { createHash } from "node:crypto";
import { cleanText } from "livecue/clean_text";
import { hostAndPort, hostOf, isListed } from "./hosts.ts";

export interface LinkSettings {
  hosts: readonly string[];
}

export interface Link {
  /** The canonical form. */
  url: string;
  /** The same for all links to the video; null for a short link, which has to be resolved first. */
  key: string | null;
}

/** The longest text that is searched, in characters. */
const longestText = 4000;
const longestUrl = 2000;

/** Ends at blanks, invisible characters, quotes and brackets. */
const wordPattern = /[^\s\p{Cf}<>"'“”‘’«»()[\]{}|\\^`]+/gu;
const schemePattern = /https?:\/\//i;
/** A host, maybe with a port, before a slash. Dots may be full-width ones. */
const barePattern = /(?<![\p{L}\p{N}\p{M}\-_.．。｡@/])[\p{L}\p{N}\p{M}\-_.．。｡@]+(?::\d{1,5})?\/.*/u;

const videoPath =
  /^\/(?:@([\w.-]*)\/(?:video|photo)|v|embed(?:\/v\d)?|player\/v1|share\/video)\/(\d{5,25})(?!\w)/i;
const shortPath = /^\/([A-Za-z0-9]{3,40})(?!\w)/;
const shortPathOfWww = /^\/t\/([A-Za-z0-9]{3,40})(?!\w)/;

/** The canonical form of the first link in a text that leads to a video on a listed host; null if there is none. */
export function findLink(text: string, settings: LinkSettings): string | null {
  for (const [word] of text.slice(0, longestText).matchAll(wordPattern)) {
    const candidate = candidateIn(word);
    if (candidate === null || !URL.canParse(candidate)) continue;
    const link = linkOf(new URL(candidate), settings);
    if (typeof link !== "string") return link.url;
  }
  return null;
}

/** Reads a link that somebody gave. Throws a `FinalError` that says why it may not be used. */
export function readLink(text: string, settings: LinkSettings): Link {
  const given = text.trim();
  const whole = schemePattern.exec(given)?.index === 0 || /^[a-z][a-z0-9+.-]*:\/\//i.test(given)
    ? given
    : `https://${given}`;
  const shown = cleanText(given, 200);
  if (given.length > longestUrl || !URL.canParse(whole)) {
    throw new FinalError(`"${shown}" is not a link. Copy the link of the video again.`);
  }
  const link = linkOf(new URL(whole), settings);
  if (typeof link === "string") throw new FinalError(`The link "${shown}" cannot be used: ${link}`);
  return link;
}

export function isTikTok(url: URL): boolean {
  return isListed(url, ["tiktok.com", "*.tiktok.com"]);
}

/** The link in its canonical form, or why it is refused. */
function linkOf(url: URL, { hosts }: LinkSettings): Link | string {
  if (url.protocol !== "https:" && url.protocol !== "http:") {
    return `it starts with "${url.protocol}". Use one that starts with "https:".`;
  }
  if (url.username !== "" || url.password !== "") return "it contains a user name. Use one without.";
  if (!isListed(url, hosts)) {
    return `the host ${hostName(url)} is not in the list "hosts". Add it there if you trust it.`;
  }
  if (!isTikTok(url)) return plainLink(url);
  return tikTokLink(url) ?? "it does not lead to a video. Use the link that TikTok's Share button gives.";
}

function hostName(url: URL): string {
  return url.port === "" ? hostOf(url) : hostAndPort(url);
}

function tikTokLink(url: URL): Link | null {
  const path = url.pathname.replace(/^\/%40/i, "/@");
  const [isVideo, user, id] = videoPath.exec(path) ?? [];
  if (isVideo !== undefined) {
    return { url: `https://www.tiktok.com/@${user || "_"}/video/${id}`, key: `tiktok:${id}` };
  }
  const host = hostOf(url);
  const isShortHost = host === "vm.tiktok.com" || host === "vt.tiktok.com";
  const code = (isShortHost ? shortPath : shortPathOfWww).exec(path)?.[1];
  if (code === undefined) return null;
  return { url: isShortHost ? `https://${host}/${code}/` : `https://www.tiktok.com/t/${code}/`, key: null };
}

function plainLink(from: URL): Link {
  const url = new URL(from);
  url.hash = "";
  url.hostname = hostOf(from);
  for (const name of [...url.searchParams.keys()]) {
    if (/^(?:utm_\w+|fbclid|gclid)$/i.test(name)) url.searchParams.delete(name);
  }
  return { url: url.href, key: `url:${createHash("sha256").update(url.href).digest("hex").slice(0, 32)}` };
}

/** The first thing in a word that may be a link, with or without its scheme. */
function candidateIn(word: string): string | null {
  const withScheme = schemePattern.exec(word)?.index ?? Infinity;
  const bare = barePattern.exec(word)?.index ?? Infinity;
  const at = Math.min(withScheme, bare);
  if (at === Infinity || word.length - at > longestUrl) return null;
  const found = word.slice(at).replace(/\p{Emoji_Presentation}.*$/u, "").replace(
    /[.,;:!?¡¿…。、！？*~]+$/u,
    "",
  );
  return withScheme < bare ? found : `https://${found}`;
}
