/** A scene collection of the stand-in for OBS: scenes, groups, inputs and filters, and the requests about them. */
import type { Collection, ItemsOfScene } from "./obs_setup.ts";

interface SceneItem {
  sceneItemId: number;
  sourceName: string;
  sceneItemEnabled: boolean;
  sourceType: string;
  isGroup: boolean | null;
}

interface Input {
  inputKind: string;
  inputSettings: Data;
  inputMuted: boolean;
}

export type Data = Record<string, unknown>;

export class RequestError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

export class FakeObsContent {
  onAir: string;
  readonly #scenes = new Map<string, SceneItem[]>();
  readonly #groups = new Map<string, SceneItem[]>();
  readonly #inputs = new Map<string, Input>();
  readonly #filters = new Map<string, Map<string, boolean>>();
  readonly #inputKinds: readonly string[];
  readonly #onChange: (change: string) => void;
  /** What viewers see, in Studio Mode: a copy of the scene, made when it came on air. Null without. */
  #copyOnAir: Set<string> | null = null;
  #lastItemId = 0;

  constructor(
    { scenes = { Main: {} }, groups = {}, inputs = {}, filters = {} }: Collection,
    inputKinds: readonly string[],
    onChange: (change: string) => void,
  ) {
    this.#inputKinds = inputKinds;
    this.#onChange = onChange;
    for (const [name, items] of Object.entries(groups)) this.#groups.set(name, this.#items(items, scenes));
    for (const [name, items] of Object.entries(scenes)) this.#scenes.set(name, this.#items(items, scenes));
    for (const [name, given] of Object.entries(inputs)) {
      const [inputKind, settings] = typeof given === "string" ? [given, {}] : given;
      const file = inputKind === "ffmpeg_source" ? { local_file: "silence.wav" } : {};
      this.#inputs.set(name, { inputKind, inputSettings: { ...file, ...settings }, inputMuted: false });
    }
    for (const [name, given] of Object.entries(filters)) {
      this.#filters.set(name, new Map(Object.entries(given)));
    }
    this.onAir = Object.keys(scenes)[0] as string;
    const placed = new Set(
      [...this.#scenes.values(), ...this.#groups.values()].flat().map((item) => item.sourceName),
    );
    for (const name of this.#inputs.keys()) {
      if (!placed.has(name)) this.#scenes.get(this.onAir)?.push(...this.#items({ [name]: true }, scenes));
    }
  }

  setShown(scene: string, source: string, isShown: boolean, nth = 0): void {
    this.#itemNamed(scene, source, nth).sceneItemEnabled = isShown;
  }

  isShown(scene: string, source: string, nth = 0): boolean {
    return this.#itemNamed(scene, source, nth).sceneItemEnabled;
  }

  isFilterOn(source: string, filter: string): boolean | undefined {
    return this.#filters.get(source)?.get(filter);
  }

  isMuted(input: string): boolean | undefined {
    return this.#inputs.get(input)?.inputMuted;
  }

  textOf(input: string): unknown {
    return this.#inputs.get(input)?.inputSettings["text"];
  }

  settingsOf(input: string): Data {
    return this.#input({ inputName: input }).inputSettings;
  }

  itemsOf(sceneName: string): Record<string, boolean> {
    const items = this.#sceneItems({ sceneName });
    return Object.fromEntries(items.map((item) => [item.sourceName, item.sceneItemEnabled]));
  }

  setText(input: string, text: string): void {
    this.#input({ inputName: input }).inputSettings["text"] = text;
  }

  perform(type: string, data: Data): Data | undefined {
    switch (type) {
      case "GetSceneList": {
        const scenes = [...this.#scenes.keys()].reverse().map((sceneName, sceneIndex) => ({
          sceneName,
          sceneIndex,
        }));
        return { currentProgramSceneName: this.onAir, currentPreviewSceneName: null, scenes };
      }
      case "SetCurrentProgramScene":
        this.#sceneItems(data, this.#scenes);
        this.onAir = String(data["sceneName"]);
        this.duplicateOnAir(this.#copyOnAir !== null);
        return this.#changed(`scene ${this.onAir}`);
      case "CreateScene":
        this.#refuseName(data["sceneName"], "scene");
        this.#scenes.set(String(data["sceneName"]), []);
        return {};
      case "GetSourceActive":
        return this.#activity(String(data["sourceName"]));
      default:
        if (type.includes("SceneItem")) return this.#performOnItems(type, data);
        return type.includes("Filter") ? this.#performOnFilter(type, data) : this.#performOnInput(type, data);
    }
  }

  #performOnItems(type: string, data: Data): Data | undefined {
    switch (type) {
      case "GetSceneItemList":
        return { sceneItems: this.#sceneItems(data, this.#scenes) };
      case "GetGroupSceneItemList":
        return { sceneItems: this.#sceneItems(data, this.#groups) };
      case "GetSceneItemId": {
        const found = this.#sceneItems(data).find(({ sourceName }) => sourceName === data["sourceName"]);
        if (found) return { sceneItemId: found.sceneItemId };
        throw new RequestError(
          600,
          "No scene items were found in the specified scene by that name or offset.",
        );
      }
      case "GetSceneItemEnabled":
        return { sceneItemEnabled: this.#sceneItem(data).sceneItemEnabled };
      case "SetSceneItemEnabled": {
        const item = this.#sceneItem(data);
        item.sceneItemEnabled = data["sceneItemEnabled"] === true;
        const verb = item.sceneItemEnabled ? "show" : "hide";
        return this.#changed(`${verb} ${data["sceneName"]}/${item.sourceName}`);
      }
      case "SetSceneItemTransform":
        Object.assign(this.#sceneItem(data), { sceneItemTransform: data["sceneItemTransform"] });
        return;
      case "CreateSceneItem":
        return this.#place(data, String(data["sourceName"]));
      default:
        throw new RequestError(204, "Your request type is not valid.");
    }
  }

  #createInput(data: Data): Data {
    const { inputName, inputKind, inputSettings = {} } = data;
    this.#sceneItems(data);
    this.#refuseName(inputName, "input");
    if (!this.#inputKinds.includes(String(inputKind))) {
      throw new RequestError(605, "Your specified input kind is not supported by OBS.");
    }
    this.#inputs.set(String(inputName), {
      inputKind: String(inputKind),
      inputSettings: inputSettings as Data,
      inputMuted: false,
    });
    return this.#place(data, String(inputName));
  }

  #refuseName(name: unknown, what: string): void {
    const names = [this.#scenes, this.#groups, this.#inputs].flatMap((each) => [...each.keys()]);
    if (names.includes(String(name))) {
      throw new RequestError(601, `A source already exists by that ${what} name.`);
    }
  }

  #place(data: Data, source: string): Data {
    const isShown = data["sceneItemEnabled"] !== false;
    const [item] = this.#items({ [source]: isShown }, Object.fromEntries(this.#scenes)) as [SceneItem];
    this.#sceneItems(data).push(item);
    return { sceneItemId: item.sceneItemId };
  }

  #performOnInput(type: string, data: Data): Data | undefined {
    if (type === "CreateInput") return this.#createInput(data);
    if (type === "GetInputList") {
      const inputs = [...this.#inputs].map(([inputName, { inputKind }]) => ({ inputName, inputKind }));
      return { inputs };
    }
    const input = this.#input(data);
    const name = String(data["inputName"]);
    switch (type) {
      case "GetInputSettings":
        return { inputKind: input.inputKind, inputSettings: input.inputSettings };
      case "SetInputSettings": {
        const settings = data["inputSettings"] as Data;
        input.inputSettings = data["overlay"] === false ? settings : { ...input.inputSettings, ...settings };
        return this.#changed(`text ${name} = ${settings["text"]}`);
      }
      case "GetInputMute":
        if (!hasSound(input)) throw new RequestError(604, "The specified input does not support audio.");
        return { inputMuted: input.inputMuted };
      case "SetInputMute":
        input.inputMuted = data["inputMuted"] === true;
        return this.#changed(`${input.inputMuted ? "mute" : "unmute"} ${name}`);
      case "GetMediaInputStatus":
        return isMedia(input) && !this.#isUnstarted(name, input)
          ? { mediaCursor: 0, mediaDuration: 2000, mediaState: "OBS_MEDIA_STATE_PLAYING" }
          : { mediaCursor: null, mediaDuration: null, mediaState: "OBS_MEDIA_STATE_NONE" };
      case "TriggerMediaInputAction":
        if (data["mediaAction"] !== "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART") {
          throw new RequestError(400, "You have specified an invalid media input action.");
        }
        return this.#changed(`play ${name}`);
      default:
        throw new RequestError(204, "Your request type is not valid.");
    }
  }

  #performOnFilter(type: string, data: Data): Data | undefined {
    const source = String(data["sourceName"]);
    const filters = this.#filters.get(source) ?? new Map<string, boolean>();
    if (type === "GetSourceFilterList") {
      return {
        filters: [...filters].map(([filterName, filterEnabled]) => ({ filterName, filterEnabled })),
      };
    }
    const name = String(data["filterName"]);
    if (type === "CreateSourceFilter") {
      this.#filters.set(source, filters.set(name, true));
      return;
    }
    const filterEnabled = filters.get(name);
    if (filterEnabled === undefined) {
      throw new RequestError(
        600,
        `No filter was found in the source \`${source}\` with the name \`${name}\`.`,
      );
    }
    if (type === "GetSourceFilter") return { filterEnabled, filterIndex: 0, filterSettings: {} };
    if (type === "SetSourceFilterSettings") return;
    filters.set(name, data["filterEnabled"] === true);
    this.#onChange(`filter ${source}/${name} ${filters.get(name) ? "on" : "off"}`);
  }

  #changed(change: string): undefined {
    this.#onChange(change);
  }

  /** One that starts when it is shown has no state before. */
  #isUnstarted(name: string, { inputSettings }: Input): boolean {
    return inputSettings["restart_on_activate"] === true && this.#activity(name)["videoActive"] === false;
  }

  /** Whether viewers see the source: it is visible in the scene on air, or in what is visible there. */
  #activity(source: string): Data {
    const videoActive = (this.#copyOnAir ?? this.#visibleIn(this.onAir)).has(source);
    return { videoActive, videoShowing: videoActive };
  }

  /** As OBS does in Studio Mode. */
  duplicateOnAir(isOn: boolean): void {
    this.#copyOnAir = isOn ? this.#visibleIn(this.onAir) : null;
  }

  #visibleIn(name: string): Set<string> {
    const items = (this.#scenes.get(name) ?? this.#groups.get(name) ?? []).filter((item) =>
      item.sceneItemEnabled
    );
    return new Set([name, ...items.flatMap(({ sourceName }) => [...this.#visibleIn(sourceName)])]);
  }

  #items(items: ItemsOfScene, scenes: Record<string, unknown>): SceneItem[] {
    return Object.entries(items).flatMap(([sourceName, shown]) =>
      [shown].flat().map((sceneItemEnabled) => {
        const isGroup = this.#groups.has(sourceName);
        const isScene = isGroup || sourceName in scenes;
        return {
          sceneItemId: ++this.#lastItemId,
          sourceName,
          sceneItemEnabled,
          sourceType: `OBS_SOURCE_TYPE_${isScene ? "SCENE" : "INPUT"}`,
          isGroup: isScene ? isGroup : null,
        };
      })
    );
  }

  #sceneItems({ sceneName }: Data, among?: Map<string, SceneItem[]>): SceneItem[] {
    const name = String(sceneName);
    const items = among ? among.get(name) : this.#scenes.get(name) ?? this.#groups.get(name);
    if (items) return items;
    throw new RequestError(600, `No source was found by the name of \`${name}\`.`);
  }

  #sceneItem(data: Data): SceneItem {
    const item = this.#sceneItems(data).find(({ sceneItemId }) => sceneItemId === data["sceneItemId"]);
    if (item) return item;
    throw new RequestError(600, "No scene items were found in the specified scene by that ID.");
  }

  #itemNamed(sceneName: string, source: string, nth: number): SceneItem {
    const item = this.#sceneItems({ sceneName }).filter(({ sourceName }) => sourceName === source)[nth];
    if (item) return item;
    throw new Error(`The test's OBS has no ${source} in ${sceneName}`);
  }

  #input({ inputName }: Data): Input {
    const input = this.#inputs.get(String(inputName));
    if (input) return input;
    throw new RequestError(600, `No source was found by the name of \`${inputName}\`.`);
  }
}

function hasSound({ inputKind }: Input): boolean {
  return !/^(?:text|image|color)_/.test(inputKind);
}

function isMedia({ inputKind }: Input): boolean {
  return inputKind === "ffmpeg_source" || inputKind === "vlc_source";
}
