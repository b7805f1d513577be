/** A survey of OBS's contents, to report names in the rules that do not exist in OBS. */
import type { Call } from "./connection.ts";
import { nearestName } from "livecue/nearest_names";
import type { Action, Options } from "./options.ts";
import { type Containers, placedIn, readContainer } from "./scene_items.ts";
import { isTextKind, quote, whyBlank, whySilent } from "./things.ts";
import { codeOf } from "./trouble.ts";

/** obs-websocket's code for a request that makes no sense for its source. */
const invalidResourceState = 604;

export interface Survey {
  /** The sources of each scene, including those in its groups and in the scenes in it. */
  sourcesByScene: Map<string, string[]>;
  /** The kind of each input, by name. */
  inputs: Map<string, string>;
  /** Sources of "play" actions that would not play, as a picture, with the reason. */
  silent: Map<string, string>;
  /** Sources of "show" actions of which nothing would be seen, with the reason. */
  blank: Map<string, string>;
  /** Sources of "mute" actions that have no sound. */
  soundless: Set<string>;
  /** By source, only for sources that the actions name. */
  filters: Map<string, string[]>;
  /** Empty if no action needs them. */
  hotkeys: string[];
  isStudioMode: boolean;
}

export async function takeSurvey(call: Call, actions: readonly Action[]): Promise<Survey> {
  const { scenes } = await call("GetSceneList");
  const containers: Containers = new Map();
  // OBS lists scenes from bottom to top.
  const names = scenes.toReversed().map((scene) => String(scene["sceneName"]));
  for (const name of names) await readContainer(call, name, containers);
  const { inputs } = await call("GetInputList");
  const survey: Survey = {
    sourcesByScene: new Map(
      names.map((name) => [name, placedIn(containers, name).map(({ source }) => source)]),
    ),
    inputs: new Map(inputs.map((input) => [String(input["inputName"]), String(input["inputKind"])])),
    silent: new Map(),
    blank: new Map(),
    soundless: new Set(),
    filters: new Map(),
    hotkeys: [],
    isStudioMode: (await call("GetStudioModeEnabled")).studioModeEnabled,
  };
  const seen = names.flatMap((name) => placedIn(containers, name, { isShown: true })).map(({ source }) =>
    source
  );
  const shown = actions.flatMap((each) => each.action === "show" ? [each.source] : []);
  await surveySources(call, actions, { survey, canBeSeen: new Set([...seen, ...shown]) });
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

/** `canBeSeen`: the sources that are visible in a scene, or that an action shows. */
async function surveySources(
  call: Call,
  actions: readonly Action[],
  { survey: { inputs, silent, blank, soundless }, canBeSeen }: { survey: Survey; canBeSeen: Set<string> },
): Promise<void> {
  for (const each of actions) {
    if (!("source" in each) || !inputs.has(each.source)) continue;
    const { action, source } = each;
    if (action === "play") {
      const why = await whySilent(call, source) ?? (canBeSeen.has(source) ? null : whyHidden(source));
      if (why !== null) silent.set(source, why);
    }
    if (action === "show") {
      const why = await whyBlank(call, source);
      if (why !== null) blank.set(source, why);
    }
    if (action === "mute" || action === "unmute") {
      try {
        await call("GetInputMute", { inputName: source });
      } catch (error) {
        if (codeOf(error) !== invalidResourceState) throw error;
        soundless.add(source);
      }
    }
  }
}

function whyHidden(source: string): string {
  return `${quote(source)} is not visible in any scene of OBS, so it would not play: make it visible, ` +
    `or put a "show" before the "play".`;
}

/** The mistakes in the rules, each with the path of the first option that has it. */
export function mistakesIn(
  rules: Options["rules"],
  survey: Survey,
): Map<string, readonly (string | number)[]> {
  const mistakes = new Map<string, readonly (string | number)[]>();
  for (const [index, rule] of rules.entries()) {
    for (const [position, action] of rule.do.entries()) {
      const mistake = mistakeIn(action, survey) ?? (survey.isStudioMode ? lateInStudioMode(action) : null);
      if (mistake === null || mistakes.has(mistake)) continue;
      mistakes.set(mistake, ["rules", index, "do", position]);
    }
  }
  return mistakes;
}

/** OBS does not say whether it duplicates the scene on air, which it does unless the streamer has switched that off. */
function lateInStudioMode({ action }: Action): string | null {
  if (action !== "show" && action !== "hide") return null;
  return "OBS is in Studio Mode. Unless “Duplicate Scene” is off in its menu, viewers see what a rule shows or " +
    "hides in the scene on air only after the next transition.";
}

/** Null if OBS has everything that the action needs. */
export function mistakeIn(action: Action, survey: Survey): string | null {
  const { sourcesByScene, inputs, filters, hotkeys } = survey;
  switch (action.action) {
    case "scene":
      return missing("scene", action.scene, [...sourcesByScene.keys()]);
    case "show":
    case "hide": {
      const { scene, source } = action;
      const why = action.action === "show" ? survey.blank.get(source) : undefined;
      if (why !== undefined) return why;
      if (scene === undefined) {
        return unplaced(source, survey) ?? missing("source", source, [...sourcesByScene.values()].flat());
      }
      return missing("scene", scene, [...sourcesByScene.keys()]) ??
        missing("source", source, sourcesByScene.get(scene) ?? [], `in the scene ${quote(scene)}`);
    }
    case "text": {
      const texts = [...inputs].filter(([, kind]) => isTextKind(kind)).map(([name]) => name);
      return missing("text source", action.source, texts);
    }
    case "play":
      return survey.silent.get(action.source) ?? missingInput(action.source, survey, "cannot be played");
    case "mute":
    case "unmute":
      return survey.soundless.has(action.source)
        ? `${quote(action.source)} in OBS has no sound, so it cannot be muted.`
        : missingInput(action.source, survey, "cannot be muted");
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

/** As a microphone that is in OBS's audio settings. */
function unplaced(source: string, { inputs, sourcesByScene }: Survey): string | null {
  if (!inputs.has(source) || [...sourcesByScene.values()].some((sources) => sources.includes(source))) {
    return null;
  }
  return `${quote(source)} is in no scene of OBS, so it cannot be shown or hidden: add it to a scene.`;
}

/** `why`: what is wrong with a scene or group of this name. */
function missingInput(source: string, survey: Survey, why: string): string | null {
  if (survey.inputs.has(source) || !allSources(survey).includes(source)) {
    return missing("source", source, [...survey.inputs.keys()]);
  }
  return `${quote(source)} in OBS is a scene or a group, which ${why}.`;
}

const maxListed = 12;

/** Whether a mistake is a name that OBS does not have. */
export function isMissing(mistake: string): boolean {
  return mistake.startsWith("There is no ");
}

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
