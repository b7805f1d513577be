/** The kinds of sources that the setup adds, with settings that work in a live. */
import { t } from "livecue/language";
import { Refusal } from "./trouble.ts";

export type Form =
  | { kind: "text" }
  /** A picture, and no video. */
  | { kind: "picture" }
  /** A video or a sound. */
  | { kind: "media" }
  | { kind: "page"; url: string };

/** What this OBS can do. */
export interface Offer {
  inputKinds: readonly string[];
  /** As "windows", "macos", or the name of a Linux distribution. */
  platform: string;
  /** The size of the picture, in pixels. */
  width: number;
  height: number;
}

interface Font {
  inputKind: string;
  face: string;
  /** Which letters it has. */
  has: string;
}

type Json = string | number | boolean | { [key: string]: Json };

/** A new input, as OBS takes it. `place` is where it stands in its scene. */
export interface NewInput {
  inputKind: string;
  inputSettings: Record<string, Json>;
  place: Record<string, Json>;
}

/** OBS's flags for the left (1) and the top (4). */
const leftAndTop = 5;

/** `row`: how many texts are above it. Throws a `Refusal` if this OBS has no such source. */
export function inputFor(form: Form, { source, row, offer }: {
  source: string;
  row: number;
  offer: Offer;
}): NewInput {
  const { width, height } = offer;
  const whole = { boundsType: "OBS_BOUNDS_SCALE_INNER", boundsWidth: width, boundsHeight: height };
  switch (form.kind) {
    case "text":
      return textNamed(source, row, offer);
    case "picture":
      return { inputKind: "image_source", inputSettings: {}, place: whole };
    case "media":
      // A rule plays it: it does not start by itself when it is shown or its scene comes on air.
      return {
        inputKind: "ffmpeg_source",
        inputSettings: {
          is_local_file: true,
          restart_on_activate: false,
          looping: false,
          clear_on_media_end: true,
        },
        place: whole,
      };
    case "page":
      return {
        inputKind: browserKind,
        inputSettings: { url: form.url, width, height, shutdown: false, restart_when_active: false },
        place: {},
      };
  }
}

/** Until a rule changes it, the text is the source's name. */
function textNamed(source: string, row: number, offer: Offer): NewInput {
  const { width, height } = offer;
  const { inputKind, face } = fontFor(offer);
  const size = Math.round(Math.min(width, height) / 20);
  const font = { face, size, style: "Regular", flags: 0 };
  // The outline of a GDI+ text is white unless this says otherwise.
  const look = inputKind.startsWith("text_gdiplus")
    ? { outline: true, outline_size: 4, outline_color: 0 }
    : { outline: true };
  // In an upright picture, TikTok covers the top.
  const top = height > width ? 0.14 : 0.05;
  const line = Math.round(size * 1.6);
  // A text that is too long becomes smaller. OBS centers it in its bounds unless this says otherwise.
  const place = {
    positionX: Math.round(width * 0.05),
    positionY: Math.round(height * top) + row * line,
    boundsType: "OBS_BOUNDS_MAX_ONLY",
    boundsAlignment: leftAndTop,
    boundsWidth: Math.round(width * 0.9),
    boundsHeight: line,
  };
  return { inputKind, inputSettings: { text: source, font, ...look }, place };
}

export const browserKind = "browser_source";

/** OBS cannot list the fonts of its computer, so the font is one that the system has or that is easy to install. */
export function fontFor({ inputKinds, platform }: Offer): Font {
  const offered = (...kinds: string[]) => kinds.find((kind) => inputKinds.includes(kind));
  const gdi = offered("text_gdiplus_v3", "text_gdiplus_v2", "text_gdiplus");
  if (gdi !== undefined) {
    const has = t`Windows takes Chinese, Japanese, Korean and Arabic letters and emoji from its other fonts.`;
    return { inputKind: gdi, face: "Segoe UI", has };
  }
  const pango = offered("text_pango_source");
  if (pango !== undefined) {
    const has =
      t`Pango takes Chinese, Japanese, Korean and Arabic letters and emoji from other installed fonts.`;
    return { inputKind: pango, face: "Noto Sans", has };
  }
  const freeType = offered("text_ft2_source_v2", "text_ft2_source");
  if (freeType === undefined) throw new Refusal(t`This OBS has no text source.`);
  if (platform === "macos" || platform === "osx") {
    const has = t`It has Chinese, Japanese, Korean and Arabic letters, but no emoji.`;
    return { inputKind: freeType, face: "Arial Unicode MS", has };
  }
  const has =
    t`It has Chinese, Japanese and Korean letters, but no Arabic and no emoji: OBS on Linux takes all letters of a text from one font. If you see boxes, install the font (Debian and Ubuntu: sudo apt install fonts-noto-cjk) and restart OBS.`;
  return { inputKind: freeType, face: "Noto Sans CJK SC", has };
}
