/** A survey of OBS's contents, to report names in the rules that do not exist in OBS. */
import { t } from "livecue/language";
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
  return t`${
    quote(source)
  } is not visible in any scene of OBS, so it would not play: make it visible, or put a "show" before the "play".`;
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
  return t`OBS is in Studio Mode. Unless “Duplicate Scene” is off in its menu, viewers see what a rule shows or hides in the scene on air only after the next transition.`;
}

/** Null if OBS has everything that the action needs. */
export function mistakeIn(action: Action, survey: Survey): string | null {
  return unfitFor(action, survey) ?? missingFor(action, survey);
}

/** Whether the action names what OBS does not have. */
export function isMissing(action: Action, survey: Survey): boolean {
  return missingFor(action, survey) !== null;
}

/** Why what the action names, and what OBS has, does not fit. */
function unfitFor(action: Action, survey: Survey): string | null {
  switch (action.action) {
    case "show":
    case "hide": {
      const blank = action.action === "show" ? survey.blank.get(action.source) : undefined;
      return blank ?? (action.scene === undefined ? unplaced(action.source, survey) : null);
    }
    case "play":
      if (!isContainer(action.source, survey)) return survey.silent.get(action.source) ?? null;
      return t`${quote(action.source)} in OBS is a scene or a group, which cannot be played.`;
    case "mute":
    case "unmute":
      if (survey.soundless.has(action.source)) {
        return t`${quote(action.source)} in OBS has no sound, so it cannot be muted.`;
      }
      return isContainer(action.source, survey)
        ? t`${quote(action.source)} in OBS is a scene or a group, which cannot be muted.`
        : null;
    default:
      return null;
  }
}

function missingFor(action: Action, survey: Survey): string | null {
  const { sourcesByScene, inputs, filters, hotkeys } = survey;
  const scenes = [...sourcesByScene.keys()];
  switch (action.action) {
    case "scene":
      return missing(action.scene, scenes, (name) => t`There is no scene ${name} in OBS`);
    case "show":
    case "hide": {
      const { scene, source } = action;
      if (scene === undefined) {
        return unplaced(source, survey) === null
          ? missing(source, [...sourcesByScene.values()].flat(), noSource)
          : null;
      }
      return missing(scene, scenes, (name) => t`There is no scene ${name} in OBS`) ??
        missing(
          source,
          sourcesByScene.get(scene) ?? [],
          (name) => t`There is no source ${name} in the scene ${quote(scene)}`,
        );
    }
    case "text": {
      const texts = [...inputs].filter(([, kind]) => isTextKind(kind)).map(([name]) => name);
      return missing(action.source, texts, (name) => t`There is no text source ${name} in OBS`);
    }
    case "play":
    case "mute":
    case "unmute":
      return isContainer(action.source, survey) ? null : missing(action.source, [...inputs.keys()], noSource);
    case "filter": {
      const { source, filter } = action;
      return missing(source, allSources(survey), noSource) ??
        missing(
          filter,
          filters.get(source) ?? [],
          (name) => t`There is no filter ${name} on ${quote(source)}`,
        );
    }
    case "hotkey":
      return missing(action.hotkey, hotkeys, (name) => t`There is no hotkey ${name} in OBS`);
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
  return t`${quote(source)} is in no scene of OBS, so it cannot be shown or hidden: add it to a scene.`;
}

/** A scene or a group. */
function isContainer(source: string, survey: Survey): boolean {
  return !survey.inputs.has(source) && allSources(survey).includes(source);
}

const maxListed = 12;

function noSource(name: string): string {
  return t`There is no source ${name} in OBS`;
}

/** `say`: that there is none of this name, without a full stop. */
function missing(name: string, known: readonly string[], say: (name: string) => string): string | null {
  if (known.includes(name)) return null;
  const sentence = say(quote(name));
  const meant = nearestName(name, known);
  if (meant !== null) return t`${sentence}: did you mean ${quote(meant)}?`;
  const unique = [...new Set(known)];
  if (unique.length === 0) return t`${sentence}, and there are no others.`;
  const listed = unique.slice(0, maxListed).map(quote).join(", ");
  return t`${sentence}. Available: ${unique.length > maxListed ? `${listed}, …` : listed}.`;
}
