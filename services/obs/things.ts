/** The things in OBS whose value a rule can change, and how to read and set them. */
import type { Call } from "./connection.ts";
import { Refusal } from "./trouble.ts";

export type Thing =
  /** Which scene is on air. */
  | { kind: "scene" }
  /** Whether a source is visible in its scene or group. */
  | { kind: "visibility"; scene: string; source: string }
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
      const item = await itemOf(call, thing);
      return (await call("GetSceneItemEnabled", item)).sceneItemEnabled;
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
      const item = await itemOf(call, thing);
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

/** Finds a source in a scene (without `scene`, in the one on air) or in a group of that scene. */
export async function findSource(
  call: Call,
  { scene, source }: { scene?: string | undefined; source: string },
): Promise<Thing> {
  const sceneName = scene ?? (await call("GetSceneList")).currentProgramSceneName;
  const { sceneItems } = await call("GetSceneItemList", { sceneName });
  if (sceneItems.some((item) => item["sourceName"] === source)) {
    return { kind: "visibility", scene: sceneName, source };
  }
  for (const item of sceneItems.filter((item) => item["isGroup"] === true)) {
    const group = String(item["sourceName"]);
    const inGroup = await call("GetGroupSceneItemList", { sceneName: group });
    if (inGroup.sceneItems.some((item) => item["sourceName"] === source)) {
      return { kind: "visibility", scene: group, source };
    }
  }
  throw new Refusal(`The scene ${quote(sceneName)} in OBS has no source ${quote(source)}.`);
}

/** All versions of text_gdiplus and text_ft2_source, and those of plugins, store their text as `text`. */
export function isTextKind(inputKind: string): boolean {
  return inputKind.startsWith("text_");
}

/** Item ids are looked up each time, because they differ between scene collections. */
async function itemOf(call: Call, { scene, source }: { scene: string; source: string }) {
  const { sceneItemId } = await call("GetSceneItemId", { sceneName: scene, sourceName: source });
  return { sceneName: scene, sceneItemId };
}

export function quote(name: string): string {
  return `“${name}”`;
}
