/**
 * A stand-in for OBS that speaks obs-websocket 5 as its protocol document has it: Hello, Identify with the
 * answer to a challenge, Identified, requests with status codes and comments, close codes. It keeps scenes,
 * groups, inputs and filters, and remembers what was changed, in words that a test can await.
 */
import { randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";

interface SceneItem {
  sceneItemId: number;
  sourceName: string;
  sceneItemEnabled: boolean;
  isGroup: boolean;
}

interface Input {
  inputKind: string;
  inputSettings: Record<string, unknown>;
  inputMuted: boolean;
}

/** A test's description of an OBS. A source is visible unless its value is false. */
export interface Setup {
  scenes?: Record<string, Record<string, boolean>>;
  groups?: Record<string, Record<string, boolean>>;
  /** Kind by name. */
  inputs?: Record<string, string>;
  filters?: Record<string, Record<string, boolean>>;
  hotkeys?: string[];
  password?: string;
}

export interface Behavior {
  /** "4": no subprotocol and no Hello, as obs-websocket 4. "mute": accepts, and never says Hello. */
  version?: "5" | "4" | "mute";
  /** The oldest and the newest protocol version that it speaks. */
  rpcVersions?: { oldest: number; newest: number };
}

type Data = Record<string, unknown>;

class RequestError extends Error {
  constructor(readonly code: number, message: string) {
    super(message);
  }
}

const closeCodes = {
  missingDataField: 4003,
  unknownOpCode: 4006,
  notIdentified: 4007,
  alreadyIdentified: 4008,
  authenticationFailed: 4009,
  unsupportedRpcVersion: 4010,
};

export class FakeObs implements AsyncDisposable {
  onAir: string;
  /** Answers this code to every request, as while the scene collection changes (207). */
  refuseAllWith: number | null = null;
  /** Takes requests and does not answer them. */
  isStuck = false;
  /** How many connections were tried, and how many of them were accepted. */
  readonly connections = { tried: 0, identified: 0 };
  /** All changes, as "show Main/Rose", "hide …", "scene …", "text … = …", "filter …", "play …". */
  readonly changes: string[] = [];
  /** The types of all requests. */
  readonly requests: string[] = [];
  readonly #scenes = new Map<string, SceneItem[]>();
  readonly #groups = new Map<string, SceneItem[]>();
  readonly #inputs = new Map<string, Input>();
  readonly #filters = new Map<string, Map<string, boolean>>();
  readonly #hotkeys: string[];
  readonly #password: string | undefined;
  readonly #behavior: Required<Behavior>;
  readonly #sockets = new Set<WebSocket>();
  readonly #waiting: { test: () => boolean; resolve: () => void }[] = [];
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #port = 0;
  #lastItemId = 0;

  constructor(setup: Setup = {}, behavior: Behavior = {}) {
    this.#behavior = { version: "5", rpcVersions: { oldest: 1, newest: 1 }, ...behavior };
    this.#password = setup.password;
    this.#hotkeys = setup.hotkeys ?? [];
    for (const [name, items] of Object.entries(setup.groups ?? {})) {
      this.#groups.set(name, this.#items(items));
    }
    for (const [name, items] of Object.entries(setup.scenes ?? { Main: {} })) {
      this.#scenes.set(name, this.#items(items));
    }
    for (const [name, inputKind] of Object.entries(setup.inputs ?? {})) {
      this.#inputs.set(name, { inputKind, inputSettings: {}, inputMuted: false });
    }
    for (const [name, filters] of Object.entries(setup.filters ?? {})) {
      this.#filters.set(name, new Map(Object.entries(filters)));
    }
    this.onAir = [...this.#scenes.keys()][0] as string;
    this.open();
  }

  get port(): number {
    return this.#port;
  }

  /** Starts it, or starts it again at the same port. */
  open(): void {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: this.#port, onListen() {} },
      (request) => this.#accept(request),
    );
    this.#port = this.#server.addr.port;
  }

  /** Quits as OBS does. Its scenes and their state stay for the next start. */
  async quit(): Promise<void> {
    this.disconnect(1001, "Server stopping.");
    const server = this.#server;
    this.#server = null;
    await server?.shutdown();
  }

  /** Closes all connections. */
  disconnect(code: number, reason: string): void {
    for (const socket of this.#sockets) socket.close(code === 1001 ? 1000 : code, reason);
    this.#sockets.clear();
  }

  /** As a person with the mouse. */
  setShown(scene: string, source: string, isShown: boolean): void {
    this.#itemNamed(scene, source).sceneItemEnabled = isShown;
  }

  isShown(scene: string, source: string): boolean {
    return this.#itemNamed(scene, source).sceneItemEnabled;
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

  setText(input: string, text: string): void {
    this.#input({ inputName: input }).inputSettings["text"] = text;
  }

  /** Resolves when this was changed so often. */
  async changed(change: string, times = 1): Promise<void> {
    await this.#until(() => this.changes.filter((each) => each === change).length >= times);
  }

  /** Resolves when this was asked so often. */
  async asked(type: string, times: number): Promise<void> {
    await this.#until(() => this.requests.filter((each) => each === type).length >= times);
  }

  /** Resolves when so many connections were let in. */
  async identified(times: number): Promise<void> {
    await this.#until(() => this.connections.identified >= times);
  }

  /** Resolves when so many were asked for. */
  async tried(times: number): Promise<void> {
    await this.#until(() => this.connections.tried >= times);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.quit();
  }

  #items(items: Record<string, boolean>): SceneItem[] {
    return Object.entries(items).map(([sourceName, sceneItemEnabled]) => ({
      sceneItemId: ++this.#lastItemId,
      sourceName,
      sceneItemEnabled,
      isGroup: this.#groups.has(sourceName),
    }));
  }

  #until(test: () => boolean): Promise<void> {
    if (test()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ test, resolve }));
  }

  #moved(): void {
    for (const waiter of [...this.#waiting]) {
      if (!waiter.test()) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.resolve();
    }
  }

  #accept(request: Request): Response {
    const { version } = this.#behavior;
    const protocol = version === "4" ? {} : { protocol: "obswebsocket.json" };
    const { socket, response } = Deno.upgradeWebSocket(request, { ...protocol, idleTimeout: 0 });
    const authentication = this.#password === undefined
      ? undefined
      : { challenge: randomText(), salt: randomText() };
    let isIdentified = false;
    this.connections.tried++;
    socket.onopen = () => {
      this.#sockets.add(socket);
      this.#moved();
      if (version !== "5") return;
      const rpcVersion = this.#behavior.rpcVersions.newest;
      send(socket, 0, {
        obsStudioVersion: "31.0.0",
        obsWebSocketVersion: "5.5.4",
        rpcVersion,
        authentication,
      });
    };
    socket.onclose = () => this.#sockets.delete(socket);
    socket.onmessage = async ({ data }) => {
      if (version !== "5") return;
      const { op, d } = JSON.parse(data) as { op: number; d: Data };
      if (op === 1 && isIdentified) return socket.close(closeCodes.alreadyIdentified, "Already identified.");
      if (op === 1) isIdentified = await this.#identify(socket, d, authentication);
      else if (!isIdentified) socket.close(closeCodes.notIdentified, "You are not identified.");
      else if (op === 6) this.#answer(socket, d);
      else socket.close(closeCodes.unknownOpCode, `Unknown OpCode: ${op}`);
    };
    return response;
  }

  async #identify(
    socket: WebSocket,
    d: Data,
    authentication: { challenge: string; salt: string } | undefined,
  ): Promise<boolean> {
    const close = (code: number, reason: string) => {
      socket.close(code, reason);
      return false;
    };
    if (authentication !== undefined) {
      const { challenge, salt } = authentication;
      if (d["authentication"] === undefined) {
        const reason =
          "Your payload's data is missing an `authentication` string, however authentication is required.";
        return close(closeCodes.authenticationFailed, reason);
      }
      const expected = await sha256(await sha256(this.#password + salt) + challenge);
      if (d["authentication"] !== expected) {
        return close(closeCodes.authenticationFailed, "Authentication failed.");
      }
    }
    const rpcVersion = d["rpcVersion"];
    if (typeof rpcVersion !== "number") {
      return close(closeCodes.missingDataField, "Your payload's data is missing an `rpcVersion`.");
    }
    const { oldest, newest } = this.#behavior.rpcVersions;
    if (rpcVersion < oldest || rpcVersion > newest) {
      const reason = "Your requested RPC version is not supported by this server.";
      return close(closeCodes.unsupportedRpcVersion, reason);
    }
    send(socket, 2, { negotiatedRpcVersion: rpcVersion });
    this.connections.identified++;
    this.#moved();
    return true;
  }

  #answer(socket: WebSocket, { requestType, requestId, requestData }: Data): void {
    this.requests.push(String(requestType));
    if (this.isStuck) return this.#moved();
    const answer = (requestStatus: Data, responseData?: Data) =>
      send(socket, 7, { requestType, requestId, requestStatus, responseData });
    try {
      if (this.refuseAllWith !== null) throw new RequestError(this.refuseAllWith, "OBS is not ready.");
      const responseData = this.#perform(String(requestType), requestData as Data ?? {});
      answer({ result: true, code: 100 }, responseData);
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      answer({ result: false, code: error.code, comment: error.message });
    }
    this.#moved();
  }

  #perform(type: string, data: Data): Data | undefined {
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
        this.changes.push(`scene ${this.onAir}`);
        return;
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
        this.changes.push(`${verb} ${data["sceneName"]}/${item.sourceName}`);
        return;
      }
      case "GetHotkeyList":
        return { hotkeys: this.#hotkeys };
      case "TriggerHotkeyByName":
        if (!this.#hotkeys.includes(String(data["hotkeyName"]))) {
          throw new RequestError(600, "No hotkeys were found by that name.");
        }
        this.changes.push(`hotkey ${data["hotkeyName"]}`);
        return;
      default:
        return type.includes("Filter") ? this.#performOnFilter(type, data) : this.#performOnInput(type, data);
    }
  }

  #performOnInput(type: string, data: Data): Data | undefined {
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
        this.changes.push(`text ${name} = ${settings["text"]}`);
        return;
      }
      case "GetInputMute":
        if (input.inputKind.startsWith("text_")) {
          throw new RequestError(604, "The specified input does not support audio.");
        }
        return { inputMuted: input.inputMuted };
      case "SetInputMute":
        input.inputMuted = data["inputMuted"] === true;
        this.changes.push(`${input.inputMuted ? "mute" : "unmute"} ${name}`);
        return;
      case "TriggerMediaInputAction":
        if (data["mediaAction"] !== "OBS_WEBSOCKET_MEDIA_INPUT_ACTION_RESTART") {
          throw new RequestError(400, "You have specified an invalid media input action.");
        }
        this.changes.push(`play ${name}`);
        return;
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
    const filterEnabled = filters.get(name);
    if (filterEnabled === undefined) {
      throw new RequestError(
        600,
        `No filter was found in the source \`${source}\` with the name \`${name}\`.`,
      );
    }
    if (type === "GetSourceFilter") return { filterEnabled, filterIndex: 0, filterSettings: {} };
    filters.set(name, data["filterEnabled"] === true);
    this.changes.push(`filter ${source}/${name} ${filters.get(name) ? "on" : "off"}`);
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

  #itemNamed(sceneName: string, source: string): SceneItem {
    const item = this.#sceneItems({ sceneName }).find(({ sourceName }) => sourceName === source);
    if (item) return item;
    throw new Error(`The test's OBS has no ${source} in ${sceneName}`);
  }

  #input({ inputName }: Data): Input {
    const input = this.#inputs.get(String(inputName));
    if (input) return input;
    throw new RequestError(600, `No source was found by the name of \`${inputName}\`.`);
  }
}

function send(socket: WebSocket, op: number, d: Data): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ op, d }));
}

function randomText(): string {
  return randomBytes(32).toString("base64");
}

async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Buffer.from(digest).toString("base64");
}
