/** What is in OBS's scenes and groups. */
import { t } from "livecue/language";
import type { Call } from "./connection.ts";
import { quote, readThing, type Thing } from "./things.ts";
import { Refusal } from "./trouble.ts";

/** A source at one place: in a scene or in a group. */
export interface Placed {
  source: string;
  place: Thing;
  /** Whether its eye is open. The scene or group that it is in may be hidden itself. */
  isShown: boolean;
}

/** What is directly in each scene and group, by the name of the scene or group. */
export type Containers = Map<string, Placed[]>;

/** Adds a scene or group to `containers`, and the groups and scenes in it. Reads each only once. */
export async function readContainer(
  call: Call,
  name: string,
  containers: Containers = new Map(),
  list: "GetSceneItemList" | "GetGroupSceneItemList" = "GetSceneItemList",
): Promise<Containers> {
  if (containers.has(name)) return containers;
  const placed: Placed[] = [];
  containers.set(name, placed);
  const { sceneItems } = await call(list, { sceneName: name });
  for (const { sourceName, sceneItemId, sourceType, isGroup, sceneItemEnabled } of sceneItems) {
    const source = String(sourceName);
    const place: Thing = { kind: "visibility", scene: name, item: Number(sceneItemId) };
    placed.push({ source, place, isShown: sceneItemEnabled !== false });
    if (isGroup === true) await readContainer(call, source, containers, "GetGroupSceneItemList");
    else if (sourceType === "OBS_SOURCE_TYPE_SCENE") await readContainer(call, source, containers);
  }
  return containers;
}

/** Everything in a scene, also in its groups and in the scenes in it; with `isShown`, only what viewers would see. */
export function placedIn(containers: Containers, scene: string, { isShown = false } = {}): Placed[] {
  const seen = new Set([scene]);
  const placed: Placed[] = [];
  // A set goes on with what is added meanwhile.
  for (const name of seen) {
    const inside = (containers.get(name) ?? []).filter((each) => each.isShown || !isShown);
    placed.push(...inside);
    for (const { source } of inside) if (containers.has(source)) seen.add(source);
  }
  return placed;
}

/** Every place of a source in a scene (without `scene`, in the one on air). */
export async function placesOf(
  call: Call,
  { scene, source }: { scene?: string | undefined; source: string },
): Promise<Thing[]> {
  const sceneName = scene ?? (await call("GetSceneList")).currentProgramSceneName;
  const placed = placedIn(await readContainer(call, sceneName), sceneName);
  const places = placed.filter((each) => each.source === source).map(({ place }) => place);
  if (places.length > 0) return places;
  throw new Refusal(t`The scene ${quote(sceneName)} in OBS has no source ${quote(source)}.`);
}

export const studioModeAdvice = () => t`In OBS, switch off Studio Mode, or “Duplicate Scene” in its menu.`;

/** Why viewers do not see a source that is visible in the scene on air, in a sentence. Null if they do. */
export async function whyUnseen(call: Call, source: string): Promise<string | null> {
  if ((await call("GetSourceActive", { sourceName: source })).videoActive) return null;
  // Its time may be over.
  const places = await placesOf(call, { source });
  const isVisible = await Promise.all(places.map((place) => readThing(call, place)));
  if (!isVisible.includes(true)) return null;
  const { studioModeEnabled } = await call("GetStudioModeEnabled");
  return studioModeEnabled
    ? t`Viewers see ${
      quote(source)
    } only after the next transition, because OBS is in Studio Mode. ${studioModeAdvice()}`
    : t`Viewers do not see ${quote(source)}, because the group or the scene that it is in is hidden.`;
}
