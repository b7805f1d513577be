/** What the rules need in OBS, and what of it is missing. */
import type { Action } from "./options.ts";
import type { Form } from "./source_forms.ts";
import { allSources, type Survey } from "./survey.ts";
import { isTextKind, quote } from "./things.ts";

/** One thing to add to OBS. */
export type Addition =
  /** It shows the scene that is on air, so that viewers see no empty picture. */
  | { kind: "scene"; scene: string; shows: string }
  | { kind: "source"; source: string; scene: string; form: Form; isHidden: boolean }
  /** An existing source, or one that is added before, in one more scene. */
  | { kind: "place"; source: string; scene: string; isHidden: boolean }
  /** A filter that is off. */
  | { kind: "filter"; source: string; filter: string };

export interface SceneList {
  /** In this order. */
  additions: Addition[];
  /** A sentence for each thing that is not added. */
  notes: string[];
}

/** A page of the overlays. */
export interface Page {
  source: string;
  url: string;
  isHidden: boolean;
}

/** What OBS has, and which pages its browser sources show, without the settings in their addresses. */
export interface Contents extends Survey {
  sceneOnAir: string;
  shownPages: Map<string, string>;
}

/** Names nothing that exists already, except to place it in a scene that a rule names. */
export function missingParts(
  actions: readonly Action[],
  pages: readonly Page[],
  contents: Contents,
): SceneList {
  const list: SceneList = { additions: [], notes: [] };
  addScenes(list, actions, contents);
  for (const source of namedSources(actions)) addSource(list, source, actions, contents);
  for (const page of pages) addPage(list, page, contents);
  addFilters(list, actions, contents);
  return list;
}

function addScenes({ additions, notes }: SceneList, actions: readonly Action[], contents: Contents): void {
  const named = actions.flatMap((each) => "scene" in each && each.scene !== undefined ? [each.scene] : []);
  for (const scene of new Set(named)) {
    if (contents.sourcesByScene.has(scene)) notes.push(`The scene ${quote(scene)} exists.`);
    else if (allSources(contents).includes(scene)) {
      notes.push(`The scene ${quote(scene)} is not added, because a source has that name.`);
    } else additions.push({ kind: "scene", scene, shows: contents.sceneOnAir });
  }
}

function namedSources(actions: readonly Action[]): Set<string> {
  return new Set(actions.flatMap((each) => "source" in each ? [each.source] : []));
}

function addSource(list: SceneList, source: string, all: readonly Action[], contents: Contents): void {
  const actions = all.filter((each) => "source" in each && each.source === source);
  let exists = allSources(contents).includes(source) ||
    list.additions.some((each) => each.kind === "scene" && each.scene === source);
  const form = formFor(actions);
  if (exists) list.notes.push(noteOf(source, actions, contents));
  else if (form === null) {
    list.notes.push(`${quote(source)} is not added: only you know which device or source it is.`);
    return;
  }
  const isHidden = actions.some(({ action }) => action === "show");
  for (const scene of exists ? namedScenes(actions) : scenesOf(actions, contents)) {
    if (contents.sourcesByScene.get(scene)?.includes(source)) continue;
    list.additions.push(
      exists || form === null
        ? { kind: "place", source, scene, isHidden }
        : { kind: "source", source, scene, form, isHidden },
    );
    exists = true;
  }
}

/** The scene on air, if an action names none, and those that the actions name. */
function scenesOf(actions: readonly Action[], { sceneOnAir }: Contents): Set<string> {
  const isOnAir = actions.some((each) => !("scene" in each) || each.scene === undefined);
  return new Set([...isOnAir ? [sceneOnAir] : [], ...namedScenes(actions)]);
}

function namedScenes(actions: readonly Action[]): Set<string> {
  return new Set(actions.flatMap((each) => "scene" in each && each.scene !== undefined ? [each.scene] : []));
}

/** Null if Livecue cannot know what the source is, as a camera or a microphone. */
function formFor(actions: readonly Action[]): Form | null {
  const does = new Set(actions.map(({ action }) => action));
  if (does.has("text")) return { kind: "text" };
  if (does.has("play")) return { kind: "media" };
  return does.has("show") ? { kind: "picture" } : null;
}

function noteOf(source: string, actions: readonly Action[], contents: Contents): string {
  const wrong = actions.map(({ action }) => whyUnfit(source, action, contents)).find((each) => each !== null);
  const note = `${quote(source)} exists and stays as it is.`;
  return wrong === undefined ? note : `${note} ${wrong}`;
}

/** Why an existing source is not what the action needs. */
function whyUnfit(source: string, action: Action["action"], { inputs, silent }: Contents): string | null {
  const kind = inputs.get(source) ?? "scene";
  if (action === "text" && !isTextKind(kind)) {
    return "But a rule needs a text source of this name: rename it, or change the rule.";
  }
  if (action === "play" && kind === "scene") {
    return "But a rule needs a media source of this name: rename it, or change the rule.";
  }
  return action === "play" ? silent.get(source) ?? null : null;
}

function addPage({ additions, notes }: SceneList, { source, url, isHidden }: Page, contents: Contents): void {
  const { pathname } = new URL(url);
  const shownBy = contents.shownPages.get(pathname);
  if (shownBy !== undefined) notes.push(`${quote(shownBy)} exists and shows the page ${pathname}.`);
  else if (allSources(contents).includes(source)) {
    notes.push(`The page ${pathname} is not added, because a source is named ${quote(source)}.`);
  } else {
    const form = { kind: "page" as const, url };
    additions.push({ kind: "source", source, scene: contents.sceneOnAir, form, isHidden });
  }
}

function addFilters({ additions, notes }: SceneList, actions: readonly Action[], contents: Contents): void {
  const known = new Set([
    ...allSources(contents),
    ...additions.map((each) => each.kind === "scene" ? each.scene : each.source),
  ]);
  for (const each of actions) {
    if (each.action !== "filter" || !known.has(each.source)) continue;
    const { source, filter } = each;
    const isPlanned = additions.some((other) =>
      other.kind === "filter" && other.source === source && other.filter === filter
    );
    if (isPlanned) continue;
    if (contents.filters.get(source)?.includes(filter)) {
      notes.push(`The filter ${quote(filter)} of ${quote(source)} exists.`);
    } else additions.push({ kind: "filter", source, filter });
  }
}
