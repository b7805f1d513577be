/** OBS itself in a test, with the test's scene collections, and the same words as the stand-in's. */
import { Buffer } from "node:buffer";
import { OBSWebSocket } from "obs-websocket-js/json";
import { collectionFile } from "./obs_collection_file.ts";
import { obsPassword, type ObsProcess } from "./obs_process.ts";
import type { ObsInTest, Setup } from "./obs_setup.ts";
import { silentWav } from "./silent_wav.ts";

/** All but those that come many times a second. */
const everyEvent = 2047;

let lastTest = 0;

export class RealObs implements ObsInTest {
  readonly password = obsPassword;
  readonly changes: string[] = [];
  readonly #process: ObsProcess;
  /** Tests share an OBS, and each has its own collections. */
  readonly #suffix = ` ${++lastTest}`;
  readonly #waiting: { test: () => boolean; resolve: () => void }[] = [];
  #noted: Promise<void> = Promise.resolve();
  #socket = new OBSWebSocket();
  #collection = "Show";

  private constructor(process: ObsProcess) {
    this.#process = process;
  }

  static async open(process: ObsProcess, { collections, ...show }: Setup): Promise<RealObs> {
    const obs = new RealObs(process);
    const media = process.fileNamed("silence.wav");
    await Deno.writeFile(media, silentWav(2));
    for (const [name, collection] of Object.entries({ Show: show, ...collections })) {
      const fullName = name + obs.#suffix;
      await Deno.writeTextFile(process.pathOf(fullName), collectionFile(fullName, collection, media));
    }
    await obs.#connect();
    // OBS looks for collections when it makes one.
    await obs.#socket.call("CreateSceneCollection", { sceneCollectionName: `New${obs.#suffix}` });
    await obs.switchTo("Show");
    await obs.setStudioMode(false);
    obs.changes.length = 0;
    return obs;
  }

  get port(): number {
    return this.#process.port;
  }

  /** How often this was changed. */
  countOf(change: string): number {
    return this.changes.filter((each) => each === change).length;
  }

  async changed(change: string, times = 1): Promise<void> {
    const [, input, text] = /^text (.*?) = ([^]*)$/.exec(change) ?? [];
    // OBS 29 does not tell when a text changes.
    if (input !== undefined) { while (await this.textOf(input) !== text); }
    else await this.#until(() => this.countOf(change) >= times);
  }

  async sceneOnAir(): Promise<string> {
    return (await this.#socket.call("GetSceneList")).currentProgramSceneName;
  }

  async putOnAir(sceneName: string): Promise<void> {
    await this.#socket.call("SetCurrentProgramScene", { sceneName });
  }

  async isShown(scene: string, source: string, nth = 0): Promise<boolean> {
    const item = await this.#item(scene, source, nth);
    return (await this.#socket.call("GetSceneItemEnabled", item)).sceneItemEnabled;
  }

  async setShown(scene: string, source: string, isShown: boolean): Promise<void> {
    const item = await this.#item(scene, source, 0);
    await this.#socket.call("SetSceneItemEnabled", { ...item, sceneItemEnabled: isShown });
  }

  async isFilterOn(sourceName: string, filterName: string): Promise<boolean> {
    return (await this.#socket.call("GetSourceFilter", { sourceName, filterName })).filterEnabled;
  }

  async isMuted(inputName: string): Promise<boolean> {
    return (await this.#socket.call("GetInputMute", { inputName })).inputMuted;
  }

  async textOf(inputName: string): Promise<unknown> {
    return (await this.settingsOf(inputName))["text"];
  }

  async settingsOf(inputName: string): Promise<Record<string, unknown>> {
    return (await this.#socket.call("GetInputSettings", { inputName })).inputSettings;
  }

  async itemsOf(sceneName: string): Promise<Record<string, boolean>> {
    const { sceneItems } = await this.#socket.call("GetSceneItemList", { sceneName });
    return Object.fromEntries(
      sceneItems.map((item) => [String(item["sourceName"]), item["sceneItemEnabled"] === true]),
    );
  }

  async setText(inputName: string, text: string): Promise<void> {
    await this.#socket.call("SetInputSettings", { inputName, inputSettings: { text } });
  }

  /** The last column of the picture, from the left, in which a scene shows white; -1 for none. */
  async lastWhiteColumn(scene: string): Promise<number> {
    const { imageData } = await this.#socket.call("GetSourceScreenshot", {
      sourceName: scene,
      imageFormat: "bmp",
    });
    return lastWhiteColumn(new Uint8Array(Buffer.from(imageData.replace(/^.*,/, ""), "base64")));
  }

  async setFile(inputName: string): Promise<void> {
    const path = this.#process.fileNamed("silence.wav");
    const inputSettings = { local_file: path, file: path };
    await this.#socket.call("SetInputSettings", { inputName, inputSettings });
  }

  async switchTo(collection: string): Promise<void> {
    this.#collection = collection;
    const sceneCollectionName = collection + this.#suffix;
    const isOpen = this.changed(
      `collection ${sceneCollectionName}`,
      this.countOf(`collection ${sceneCollectionName}`) + 1,
    );
    await this.#socket.call("SetCurrentSceneCollection", { sceneCollectionName });
    await isOpen;
  }

  async setStudioMode(studioModeEnabled: boolean): Promise<void> {
    await this.#socket.call("SetStudioModeEnabled", { studioModeEnabled });
  }

  /** Has everything saved first, as OBS does when it quits. */
  async quit(): Promise<void> {
    const sceneName = `Saved${this.changes.length}`;
    await this.#socket.call("CreateScene", { sceneName });
    const path = this.#process.pathOf(this.#collection + this.#suffix);
    while (!(await Deno.readTextFile(path).catch(() => "")).includes(sceneName));
    await this.crash();
  }

  /** As an OBS that hangs. */
  async standStill(): Promise<void> {
    await this.#process.standStill();
  }

  goOn(): void {
    this.#process.goOn();
  }

  async crash(): Promise<void> {
    await this.#process.kill();
    await this.#socket.disconnect();
  }

  async open(): Promise<void> {
    await this.#process.open(this.#collection + this.#suffix);
    await this.#connect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#socket.disconnect();
  }

  async #connect(): Promise<void> {
    this.#socket = new OBSWebSocket();
    this.#listen(this.#socket);
    await this.#socket.connect(`ws://127.0.0.1:${this.port}`, obsPassword, {
      rpcVersion: 1,
      eventSubscriptions: everyEvent,
    });
  }

  #listen(socket: InstanceType<typeof OBSWebSocket>): void {
    // The event does not name the source.
    socket.on("SceneItemEnableStateChanged", ({ sceneName, sceneItemId, sceneItemEnabled }) => {
      const named = this.#sourceOf(socket, sceneName, sceneItemId);
      this.#note(named.then((source) => `${sceneItemEnabled ? "show" : "hide"} ${sceneName}/${source}`));
    });
    socket.on("CurrentProgramSceneChanged", ({ sceneName }) => this.#note(`scene ${sceneName}`));
    socket.on(
      "CurrentSceneCollectionChanged",
      (changed) => this.#note(`collection ${changed.sceneCollectionName}`),
    );
    socket.on("MediaInputActionTriggered", ({ inputName }) => this.#note(`play ${inputName}`));
    socket.on(
      "InputMuteStateChanged",
      ({ inputName, inputMuted }) => this.#note(`${inputMuted ? "mute" : "unmute"} ${inputName}`),
    );
    socket.on(
      "SourceFilterEnableStateChanged",
      ({ sourceName, filterName, filterEnabled }) =>
        this.#note(`filter ${sourceName}/${filterName} ${filterEnabled ? "on" : "off"}`),
    );
  }

  /** In the order of the events. */
  #note(change: string | Promise<string>): void {
    this.#noted = this.#noted.then(async () => {
      this.changes.push(await change);
      for (const waiter of [...this.#waiting]) {
        if (!waiter.test()) continue;
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        waiter.resolve();
      }
    });
  }

  async #sourceOf(socket: InstanceType<typeof OBSWebSocket>, sceneName: string, id: number): Promise<string> {
    const { sceneItems } = await socket.call("GetSceneItemList", { sceneName })
      .catch(() => socket.call("GetGroupSceneItemList", { sceneName })).catch(() => ({ sceneItems: [] }));
    return String(sceneItems.find((item) => item["sceneItemId"] === id)?.["sourceName"]);
  }

  #until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  async #item(sceneName: string, sourceName: string, nth: number) {
    const { sceneItemId } = await this.#socket.call("GetSceneItemId", {
      sceneName,
      sourceName,
      searchOffset: nth,
    });
    return { sceneName, sceneItemId };
  }
}

/** Of a BMP without compression. */
function lastWhiteColumn(bmp: Uint8Array<ArrayBuffer>): number {
  const view = new DataView(bmp.buffer);
  const [start, width, bytesPerPixel] = [
    view.getUint32(10, true),
    view.getInt32(18, true),
    view.getUint16(28, true) / 8,
  ];
  const bytesPerRow = Math.ceil(width * bytesPerPixel / 4) * 4;
  let last = -1;
  for (let row = start; row + bytesPerRow <= bmp.length; row += bytesPerRow) {
    for (let column = width - 1; column > last; column--) {
      const pixel = row + column * bytesPerPixel;
      if (bmp.subarray(pixel, pixel + 3).every((value) => value > 200)) last = column;
    }
  }
  return last;
}
