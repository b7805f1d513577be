/** The things in OBS whose value a rule can change, and how to read and set them. */
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
      if (!isTextKind(inputKind)) throw new Refusal(`${quote(thing.source)} in OBS is not a text source.`);
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

/** A source at one place: in a scene or in a group. */
export interface Placed {
  source: string;
  place: Thing;
}

/** What is in a scene, in its groups, and in the scenes that are in it. */
export async function sourcesIn(call: Call, scene: string): Promise<Placed[]> {
  const { sceneItems } = await call("GetSceneItemList", { sceneName: scene });
  return await placedBy(call, { scene, sceneItems }, new Set([scene]));
}

/** `seen`: the scenes and groups so far, each of which is looked through once. */
async function placedBy(
  call: Call,
  { scene, sceneItems }: { scene: string; sceneItems: Record<string, unknown>[] },
  seen: Set<string>,
): Promise<Placed[]> {
  const placed: Placed[] = [];
  for (const { sourceName, sceneItemId, sourceType, isGroup } of sceneItems) {
    const source = String(sourceName);
    placed.push({ source, place: { kind: "visibility", scene, item: Number(sceneItemId) } });
    const isContainer = isGroup === true || sourceType === "OBS_SOURCE_TYPE_SCENE";
    if (!isContainer || seen.has(source)) continue;
    seen.add(source);
    const list = isGroup === true ? "GetGroupSceneItemList" : "GetSceneItemList";
    const inner = await call(list, { sceneName: source });
    placed.push(...await placedBy(call, { scene: source, sceneItems: inner.sceneItems }, seen));
  }
  return placed;
}

/** Every place of a source in a scene (without `scene`, in the one on air). */
export async function placesOf(
  call: Call,
  { scene, source }: { scene?: string | undefined; source: string },
): Promise<Thing[]> {
  const sceneName = scene ?? (await call("GetSceneList")).currentProgramSceneName;
  const placed = await sourcesIn(call, sceneName);
  const places = placed.filter((each) => each.source === source).map(({ place }) => place);
  if (places.length > 0) return places;
  throw new Refusal(`The scene ${quote(sceneName)} in OBS has no source ${quote(source)}.`);
}

/** All versions of text_gdiplus and text_ft2_source, and those of plugins, store their text as `text`. */
export function isTextKind(inputKind: string): boolean {
  return inputKind.startsWith("text_");
}

/** Why a source cannot play anything, in a sentence. Null if it can. */
export async function whySilent(call: Call, source: string): Promise<string | null> {
  const { inputKind, inputSettings } = await call("GetInputSettings", { inputName: source });
  if (lacksFile(inputKind, inputSettings)) {
    return `${quote(source)} in OBS has no file to play: choose one in its properties.`;
  }
  const { mediaState } = await call("GetMediaInputStatus", { inputName: source });
  return mediaState === "OBS_MEDIA_STATE_NONE" ? `${quote(source)} in OBS is not a media source.` : null;
}

/** After a restart, OBS says that a media source without a file is playing. */
function lacksFile(inputKind: string, settings: Record<string, unknown>): boolean {
  if (inputKind !== "ffmpeg_source") return false;
  return !settings[settings["is_local_file"] === false ? "input" : "local_file"];
}

export function quote(name: string): string {
  return `“${name}”`;
}
