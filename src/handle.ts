/** TikTok handles as people type or paste them. */
import { t } from "./language.ts";

/**
 * The lower-case handle in "ana", "@Ana" or "https://www.tiktok.com/@ana/live"; "" for an empty text; null if it is
 * not a handle.
 */
export function bareHandle(text: string): string | null {
  const address = /^(?:https?:\/\/)?(?:[a-z]+\.)?tiktok\.com\/@([^/?#]+)(?:[/?#].*)?$/i.exec(text.trim());
  const handle = (address?.[1] ?? text.trim().replace(/^@/, "")).toLowerCase();
  if (handle === "" && text.trim() === "") return "";
  return /^[\p{L}\p{N}_.-]{1,64}$/u.test(handle) ? handle : null;
}

/** A sentence for a text that is not a handle. */
export function notAHandle(text: string): string {
  return t`${JSON.stringify(text)} is not a TikTok user. Enter ${handleWords()}.`;
}

export const handleWords = () => t`a TikTok handle, as "ana", "@ana" or "https://www.tiktok.com/@ana/live"`;
