/** A survey of OBS's contents, to report names in the rules that do not exist in OBS. */
import type { Call } from "./connection.ts";
import { nearestName } from "livecue/nearest_names";
import type { Action } from "./options.ts";
import { isTextKind, quote, sourcesIn, whySilent } from "./things.ts";

export interface Survey {
  /** The sources of each scene, including those in its groups and in the scenes in it. */
  sourcesByScene: Map<string, string[]>;
  /** The kind of each input, by name. */
  inputs: Map<string, string>;
  /** Sources of "play" actions that cannot play, as a picture, with the reason. */
  silent: Map<string, string>;
  /** By source, only for sources that the actions name. */
  filters: Map<string, string[]>;
  /** Empty if no action needs them. */
  hotkeys: string[];
}

export async function takeSurvey(call: Call, actions: readonly Action[]): Promise<Survey> {
  const { scenes } = await call("GetSceneList");
  const sourcesByScene = new Map<string, string[]>();
  // OBS lists scenes from bottom to top.
  for (const scene of scenes.toReversed()) {
    const name = String(scene["sceneName"]);
    sourcesByScene.set(name, (await sourcesIn(call, name)).map(({ source }) => source));
  }
  const { inputs } = await call("GetInputList");
  const survey: Survey = {
    sourcesByScene,
    inputs: new Map(inputs.map((input) => [String(input["inputName"]), String(input["inputKind"])])),
    silent: new Map(),
    filters: new Map(),
    hotkeys: [],
  };
  for (const action of actions) {
    if (action.action !== "play" || !survey.inputs.has(action.source)) continue;
    const why = await whySilent(call, action.source);
    if (why !== null) survey.silent.set(action.source, why);
  }
  const filtered = new Set(actions.flatMap((each) => each.action === "filter" ? [each.source] : []));
  for (const source of filtered) {
    if (!allSources(survey).includes(source)) continue;
    const { filters } = await call("GetSourceFilterList", { sourceName: source });
    survey.filters.set(source, filters.map((filter) => String(filter["filterName"])));
  }
  if (actions.some(({ action }) => action === "hotkey")) {
    survey.hotkeys = (await call("GetHotkeyList")).hotkeys;
  }
  return survey;
}

/** Null if everything that the action names exists. */
export function mistakeIn(action: Action, survey: Survey): string | null {
  const { sourcesByScene, inputs, filters, hotkeys } = survey;
  switch (action.action) {
    case "scene":
      return missing("scene", action.scene, [...sourcesByScene.keys()]);
    case "show":
    case "hide": {
      const { scene, source } = action;
      if (scene === undefined) return missing("source", source, [...sourcesByScene.values()].flat());
      return missing("scene", scene, [...sourcesByScene.keys()]) ??
        missing("source", source, sourcesByScene.get(scene) ?? [], `in the scene ${quote(scene)}`);
    }
    case "text": {
      const texts = [...inputs].filter(([, kind]) => isTextKind(kind)).map(([name]) => name);
      return missing("text source", action.source, texts);
    }
    case "play":
      return survey.silent.get(action.source) ?? missing("source", action.source, [...inputs.keys()]);
    case "mute":
    case "unmute":
      return missing("source", action.source, [...inputs.keys()]);
    case "filter": {
      const { source, filter } = action;
      return missing("source", source, allSources(survey)) ??
        missing("filter", filter, filters.get(source) ?? [], `on ${quote(source)}`);
    }
    case "hotkey":
      return missing("hotkey", action.hotkey, hotkeys);
  }
}

/** Includes scenes, which have filters and can be placed in other scenes like sources. */
export function allSources({ sourcesByScene, inputs }: Survey): string[] {
  return [...inputs.keys(), ...sourcesByScene.keys(), ...[...sourcesByScene.values()].flat()];
}

const maxListed = 12;

function missing(what: string, name: string, known: readonly string[], where = "in OBS"): string | null {
  if (known.includes(name)) return null;
  const sentence = `There is no ${what} ${quote(name)} ${where}`;
  const meant = nearestName(name, known);
  if (meant !== null) return `${sentence}: did you mean ${quote(meant)}?`;
  const unique = [...new Set(known)];
  if (unique.length === 0) return `${sentence}, and there are no others.`;
  const listed = unique.slice(0, maxListed).map(quote).join(", ");
  return `${sentence}. Available: ${listed}${unique.length > maxListed ? ", …" : ""}.`;
}
