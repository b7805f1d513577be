/** The things in OBS whose value a rule can change, and how to read and set them. */
import { t } from "livecue/language";
import type { Call } from "./connection.ts";
import { Refusal } from "./trouble.ts";

export type Thing =
  /** Which scene is on air. */
  | { kind: "scene" }
  /** Whether a source is visible at one place: an item of a scene or a group. Only within a collection are ids unique. */
  | { kind: "visibility"; scene: string; item: number }
  | { kind: "text"; source: string }
  | { kind: "filter"; source: string; filter: string }
  | { kind: "mute"; source: string };

export type Value = string | boolean;

export function keyOf(thing: Thing): string {
  return JSON.stringify(Object.values(thing));
}

export async function readThing(call: Call, thing: Thing): Promise<Value> {
  switch (thing.kind) {
    case "scene":
      return (await call("GetSceneList")).currentProgramSceneName;
    case "visibility": {
      const { scene, item } = thing;
      return (await call("GetSceneItemEnabled", { sceneName: scene, sceneItemId: item })).sceneItemEnabled;
    }
    case "text": {
      const { inputKind, inputSettings } = await call("GetInputSettings", { inputName: thing.source });
      if (!isTextKind(inputKind)) throw new Refusal(t`${quote(thing.source)} in OBS is not a text source.`);
      const text = inputSettings["text"];
      return typeof text === "string" ? text : "";
    }
    case "filter": {
      const { source, filter } = thing;
      const found = await call("GetSourceFilter", { sourceName: source, filterName: filter });
      return found.filterEnabled;
    }
    case "mute":
      return (await call("GetInputMute", { inputName: thing.source })).inputMuted;
  }
}

export async function writeThing(call: Call, thing: Thing, value: Value): Promise<void> {
  switch (thing.kind) {
    case "scene":
      await call("SetCurrentProgramScene", { sceneName: String(value) });
      return;
    case "visibility": {
      const item = { sceneName: thing.scene, sceneItemId: thing.item };
      await call("SetSceneItemEnabled", { ...item, sceneItemEnabled: value === true });
      return;
    }
    case "text":
      await call("SetInputSettings", { inputName: thing.source, inputSettings: { text: String(value) } });
      return;
    case "filter": {
      const { source, filter } = thing;
      const filterEnabled = value === true;
      await call("SetSourceFilterEnabled", { sourceName: source, filterName: filter, filterEnabled });
      return;
    }
    case "mute":
      await call("SetInputMute", { inputName: thing.source, inputMuted: value === true });
      return;
  }
}

/** All versions of text_gdiplus and text_ft2_source, and those of plugins, store their text as `text`. */
export function isTextKind(inputKind: string): boolean {
  return inputKind.startsWith("text_");
}

/** Sources of OBS itself that play nothing. Until a hidden media source is shown once, OBS says the same of it. */
const neverMedia = /^(?:image|color|text|browser)_|capture|input/;

/** Why a source cannot play anything, in a sentence. Null if it can, or if that cannot be known. */
export async function whySilent(call: Call, source: string): Promise<string | null> {
  const { inputKind, inputSettings } = await call("GetInputSettings", { inputName: source });
  const file = fileOf(inputKind, inputSettings);
  if (file !== undefined) {
    return hasContent(file)
      ? null
      : t`${quote(source)} in OBS has no file to play: choose one in its properties.`;
  }
  const { mediaState } = await call("GetMediaInputStatus", { inputName: source });
  if (mediaState !== "OBS_MEDIA_STATE_NONE") return null;
  const isSure = neverMedia.test(inputKind) ||
    (await call("GetSourceActive", { sourceName: source })).videoActive;
  return isSure ? t`${quote(source)} in OBS is not a media source.` : null;
}

/** Why nothing of a source would be seen, in a sentence. Null if something would, or if that cannot be known. */
export async function whyBlank(call: Call, source: string): Promise<string | null> {
  const { inputKind, inputSettings } = await call("GetInputSettings", { inputName: source });
  if (inputKind !== "image_source" || hasContent(inputSettings["file"] ?? "")) return null;
  return t`${quote(source)} in OBS has no picture: choose one in its properties.`;
}

/** The setting that has what a media source plays; undefined for other kinds. */
function fileOf(inputKind: string, settings: Record<string, unknown>): unknown {
  switch (inputKind.replace(/_v\d+$/, "")) {
    case "ffmpeg_source":
      return settings[settings["is_local_file"] === false ? "input" : "local_file"] ?? "";
    case "vlc_source":
      return settings["playlist"] ?? [];
    case "slideshow":
      return settings["files"] ?? [];
  }
}

function hasContent(file: unknown): boolean {
  return Array.isArray(file) ? file.length > 0 : file !== "" && file !== null;
}

export function quote(name: string): string {
  return `“${name}”`;
}
