/** What the rules need in OBS, and what of it is missing. */
import { t } from "livecue/language";
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

/** Lists only what OBS does not have. An existing source is only placed in scenes that a rule names. */
export function missingParts(
  actions: readonly Action[],
  pages: readonly Page[],
  contents: Contents,
): SceneList {
  const list: SceneList = { additions: [], notes: [] };
  addScenes(list, actions, contents);
  const missingPages = new Map<string, Page>();
  for (const page of pages) {
    const { pathname } = new URL(page.url);
    const shownBy = contents.shownPages.get(pathname);
    if (shownBy === undefined) missingPages.set(page.source, page);
    else list.notes.push(t`${quote(shownBy)} exists and shows the page ${pathname}.`);
  }
  const named = actions.flatMap((each) => "source" in each ? [each.source] : []);
  for (const source of new Set([...named, ...missingPages.keys()])) {
    addSource(list, source, {
      actions: actions.filter((each) => "source" in each && each.source === source),
      page: missingPages.get(source),
      contents,
    });
  }
  addFilters(list, actions, contents);
  return list;
}

function addScenes({ additions, notes }: SceneList, actions: readonly Action[], contents: Contents): void {
  for (const scene of namedScenes(actions)) {
    if (contents.sourcesByScene.has(scene)) notes.push(t`The scene ${quote(scene)} exists.`);
    else if (allSources(contents).includes(scene)) {
      notes.push(t`The scene ${quote(scene)} is not added, because a source has that name.`);
    } else additions.push({ kind: "scene", scene, shows: contents.sceneOnAir });
  }
}

/** What wants a source: the actions that name it, and a page that it is to show. */
interface Wants {
  actions: readonly Action[];
  page: Page | undefined;
  contents: Contents;
}

function addSource({ additions, notes }: SceneList, source: string, wants: Wants): void {
  const { actions, page, contents } = wants;
  let exists = allSources(contents).includes(source) ||
    additions.some((each) => each.kind === "scene" && each.scene === source);
  const form = formFor(wants);
  if (exists) notes.push(noteOf(source, wants));
  else if (form === null) {
    notes.push(
      t`${quote(source)} is not added, because only you know which device or source it is: add it in OBS.`,
    );
    return;
  }
  const isHidden = page?.isHidden === true || actions.some(({ action }) => action === "show");
  for (const scene of exists ? namedScenes(actions) : scenesFor(wants)) {
    if (contents.sourcesByScene.get(scene)?.includes(source)) continue;
    additions.push(
      exists || form === null
        ? { kind: "place", source, scene, isHidden }
        : { kind: "source", source, scene, form, isHidden },
    );
    exists = true;
  }
}

/** The scene on air, unless each action names another one, and those that the actions name. */
function scenesFor({ actions, contents }: Wants): Set<string> {
  const named = namedScenes(actions);
  return new Set([...actions.length > 0 && actions.every(namesScene) ? [] : [contents.sceneOnAir], ...named]);
}

function namesScene(action: Action): boolean {
  return "scene" in action && action.scene !== undefined;
}

function namedScenes(actions: readonly Action[]): Set<string> {
  return new Set(actions.flatMap((each) => "scene" in each && each.scene !== undefined ? [each.scene] : []));
}

/** Null if Livecue cannot know what the source is, as a camera or a microphone. */
function formFor({ actions, page }: Wants): Form | null {
  if (page !== undefined) return { kind: "page", url: page.url };
  const does = new Set(actions.map(({ action }) => action));
  if (does.has("text")) return { kind: "text" };
  if (does.has("play")) return { kind: "media" };
  return does.has("show") ? { kind: "picture" } : null;
}

function noteOf(source: string, { actions, page, contents }: Wants): string {
  const { sceneOnAir, sourcesByScene } = contents;
  const notes = [t`${quote(source)} exists and stays as it is.`];
  if (page !== undefined) notes.push(t`It does not show the page ${new URL(page.url).pathname}.`);
  const isForSceneOnAir = actions.some((each) => /show|hide|play/.test(each.action) && !namesScene(each));
  if (isForSceneOnAir && !sourcesByScene.get(sceneOnAir)?.includes(source)) {
    notes.push(t`It is not in the scene ${quote(sceneOnAir)}, which is on air.`);
  }
  notes.push(...new Set(actions.flatMap(({ action }) => whyUnfit(source, action, contents) ?? [])));
  return notes.join(" ");
}

/** Why an existing source is not what the action needs. */
function whyUnfit(
  source: string,
  action: Action["action"],
  { inputs, silent, blank }: Contents,
): string | null {
  const kind = inputs.get(source) ?? "scene";
  if (action === "text" && !isTextKind(kind)) {
    return t`But a rule needs a text source of this name: rename it, or change the rule.`;
  }
  if (action === "play" && kind === "scene") {
    return t`But a rule needs a media source of this name: rename it, or change the rule.`;
  }
  if (action === "show") return blank.get(source) ?? null;
  return action === "play" ? silent.get(source) ?? null : null;
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
      notes.push(t`The filter ${quote(filter)} of ${quote(source)} exists.`);
    } else additions.push({ kind: "filter", source, filter });
  }
}
