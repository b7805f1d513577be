/** What in OBS has a value that a rule can change: how it is read, and how it is set. */
import type { Call } from "./connection.ts";
import { Refusal } from "./trouble.ts";

export type Thing =
  /** Which scene is on air. */
  | { kind: "scene" }
  /** Whether a source is seen in its scene, or in its group. */
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
      if (!isTextKind(inputKind)) throw new Refusal(`${quote(thing.source)} in OBS is no text source.`);
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

/** The source in its scene; without a scene, in the one on air. It may lie in a group of that scene. */
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

/** text_gdiplus and text_ft2_source, in all their versions, keep it as `text`; so do those of plugins. */
export function isTextKind(inputKind: string): boolean {
  return inputKind.startsWith("text_");
}

/** Numbers of items are looked up each time: another scene collection has others. */
async function itemOf(call: Call, { scene, source }: { scene: string; source: string }) {
  const { sceneItemId } = await call("GetSceneItemId", { sceneName: scene, sourceName: source });
  return { sceneName: scene, sceneItemId };
}

export function quote(name: string): string {
  return `“${name}”`;
}
