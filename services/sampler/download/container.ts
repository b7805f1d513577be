/** Tells what a file is by its first bytes, whatever its name and content type say. */
import { cleanText } from "livecue/clean_text";

export type Container = "mp4" | "m4a" | "webm" | "mp3" | "wav" | "ogg" | "flac";

/** How many of a file's first bytes are looked at. */
export const headBytes = 64 * 1024;

const longestQuote = 120;

/** The container; null if the bytes are none that holds sound. */
export function containerOf(head: Uint8Array): Container | null {
  const at = (start: number, text: string) => latin(head.subarray(start, start + text.length)) === text;
  if (at(4, "ftyp")) return containerOfBrand(latin(head.subarray(8, 12)));
  // Old QuickTime files begin with another box.
  if (["moov", "mdat", "wide"].some((box) => at(4, box))) return "mp4";
  if (head[0] === 0x1a && at(1, "\x45\xdf\xa3")) return "webm";
  if ((at(0, "RIFF") || at(0, "RF64")) && at(8, "WAVE")) return "wav";
  if (at(0, "OggS")) return "ogg";
  if (at(0, "fLaC")) return "flac";
  if (at(0, "ID3") || isMp3Frame(head)) return "mp3";
  return null;
}

/** What the bytes are instead, for a sentence: "an HTML page ("Log in")". */
export function describeBytes(head: Uint8Array): string {
  const at = (start: number, text: string) => latin(head.subarray(start, start + text.length)) === text;
  const isImage = at(0, "\x89PNG") || at(0, "\xff\xd8\xff") || at(0, "GIF8") || at(8, "WEBP") ||
    at(4, "ftyp");
  if (isImage) return "an image";
  if (at(0, "PK\x03\x04")) return "a ZIP archive";
  if (at(0, "\x1f\x8b")) return "a gzip file";
  if (at(0, "%PDF")) return "a PDF file";
  if (head.subarray(0, 512).includes(0)) return "a file of another kind";
  const text = new TextDecoder().decode(head).trimStart();
  if (/^(?:<!--[\s\S]*?-->\s*)*<(?:!doctype html|html|head|body|script|title)\b/i.test(text)) {
    const title = /<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? "";
    return `an HTML page${quoted(title.trim() || text.replace(/<[^>]*>/g, " "))}`;
  }
  if (/^#EXTM3U/.test(text)) return "a playlist";
  if (/^[[{]/.test(text)) return `JSON${quoted(text)}`;
  return `text${quoted(text)}`;
}

function quoted(text: string): string {
  const line = cleanText(text.slice(0, 4 * longestQuote).replace(/\s+/g, " ").trim(), longestQuote);
  return line === "" ? "" : ` ("${line}")`;
}

function containerOfBrand(brand: string): Container | null {
  if (/^(?:heic|heix|hevc|mif1|msf1|avif|avis)$/.test(brand)) return null;
  return /^M4[AB] $/.test(brand) ? "m4a" : "mp4";
}

/** The first frame of MPEG layer III, without an ID3 tag before it. */
function isMp3Frame([first = 0, second = 0, third = 0]: Uint8Array): boolean {
  const isSync = first === 0xff && (second & 0xe0) === 0xe0;
  const hasVersion = (second & 0x18) !== 0x08;
  const isLayerThree = (second & 0x06) === 0x02;
  return isSync && hasVersion && isLayerThree && (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
}

function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
