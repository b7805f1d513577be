/**
 * A stand-in for OBS that speaks obs-websocket 5 as its protocol document has it: Hello, Identify with the
 * answer to a challenge, Identified, requests with status codes and comments, events of scene collections, close
 * codes. It remembers what was changed, in words that a test can await.
 */
import { randomBytes } from "node:crypto";
import { Buffer } from "node:buffer";
import { type Data, FakeObsContent, RequestError } from "./fake_obs_content.ts";
import type { ObsInTest, Setup } from "./obs_setup.ts";

/** Additionally, what only the stand-in can be told. */
export interface FakeSetup extends Setup {
  hotkeys?: string[];
  password?: string;
  /** Default: as Debian's OBS. */
  platform?: string;
  inputKinds?: string[];
  /** The size of the picture. */
  width?: number;
  height?: number;
}

export interface Behavior {
  /** "4": no subprotocol and no Hello, as obs-websocket 4. "mute": accepts, and never says Hello. */
  version?: "5" | "4" | "mute";
  /** The oldest and the newest protocol version that it speaks. */
  rpcVersions?: { oldest: number; newest: number };
}

const closeCodes = {
  missingDataField: 4003,
  unknownOpCode: 4006,
  notIdentified: 4007,
  alreadyIdentified: 4008,
  authenticationFailed: 4009,
  unsupportedRpcVersion: 4010,
};

/** Those of Debian's OBS that a test needs. */
const debianKinds = ["image_source", "color_source_v3", "ffmpeg_source", "text_ft2_source_v2"];

/** The event subscription of scene collections. */
const configEvents = 2;

export class FakeObs implements ObsInTest {
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
  readonly #collections = new Map<string, FakeObsContent>();
  #collection = "Show";
  #isStudioMode = false;
  readonly #hotkeys: string[];
  readonly #computer: { platform: string; inputKinds: string[]; width: number; height: number };
  readonly password: string | undefined;
  /** Of the connections that follow. */
  readonly behavior: Required<Behavior>;
  /** With the events that each wants. */
  readonly #sockets = new Map<WebSocket, number>();
  readonly #waiting: { test: () => boolean; resolve: () => void }[] = [];
  #server: Deno.HttpServer<Deno.NetAddr> | null = null;
  #port = 0;

  constructor(setup: FakeSetup = {}, behavior: Behavior = {}) {
    this.behavior = { version: "5", rpcVersions: { oldest: 1, newest: 1 }, ...behavior };
    this.password = setup.password;
    this.#hotkeys = setup.hotkeys ?? ["OBSBasic.Screenshot"];
    const { platform = "debian", inputKinds = debianKinds, width = 640, height = 360 } = setup;
    this.#computer = { platform, inputKinds, width, height };
    for (const [name, collection] of Object.entries({ Show: setup, ...setup.collections })) {
      this.#collections.set(
        name,
        new FakeObsContent(collection, inputKinds, (change) => void this.changes.push(change)),
      );
    }
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
    for (const socket of this.#sockets.keys()) socket.close(code === 1001 ? 1000 : code, reason);
    this.#sockets.clear();
  }

  get #content(): FakeObsContent {
    return this.#collections.get(this.#collection) as FakeObsContent;
  }

  get onAir(): string {
    return this.#content.onAir;
  }

  set onAir(scene: string) {
    this.#content.onAir = scene;
  }

  sceneOnAir(): string {
    return this.onAir;
  }

  putOnAir(scene: string): void {
    this.onAir = scene;
  }

  setShown(scene: string, source: string, isShown: boolean): void {
    this.#content.setShown(scene, source, isShown);
  }

  isShown(scene: string, source: string, nth = 0): boolean {
    return this.#content.isShown(scene, source, nth);
  }

  isFilterOn(source: string, filter: string): boolean | undefined {
    return this.#content.isFilterOn(source, filter);
  }

  isMuted(input: string): boolean | undefined {
    return this.#content.isMuted(input);
  }

  textOf(input: string): unknown {
    return this.#content.textOf(input);
  }

  settingsOf(input: string): Record<string, unknown> {
    return this.#content.settingsOf(input);
  }

  itemsOf(scene: string): Record<string, boolean> {
    return this.#content.itemsOf(scene);
  }

  setText(input: string, text: string): void {
    this.#content.setText(input, text);
  }

  setFile(input: string): void {
    Object.assign(this.settingsOf(input), { local_file: "silence.wav", file: "silence.wav" });
  }

  setStudioMode(isOn: boolean): void {
    this.#isStudioMode = isOn;
    for (const content of this.#collections.values()) content.duplicateOnAir(isOn);
  }

  switchTo(collection: string): Promise<void> {
    this.#tell("CurrentSceneCollectionChanging", { sceneCollectionName: this.#collection });
    this.#collection = collection;
    this.#tell("CurrentSceneCollectionChanged", { sceneCollectionName: collection });
    return Promise.resolve();
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
    const { version } = this.behavior;
    const protocol = version === "4" ? {} : { protocol: "obswebsocket.json" };
    const { socket, response } = Deno.upgradeWebSocket(request, { ...protocol, idleTimeout: 0 });
    const authentication = this.password === undefined
      ? undefined
      : { challenge: randomText(), salt: randomText() };
    let isIdentified = false;
    this.connections.tried++;
    socket.onopen = () => {
      this.#sockets.set(socket, 0);
      this.#moved();
      if (version !== "5") return;
      const rpcVersion = this.behavior.rpcVersions.newest;
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
      const expected = await sha256(await sha256(this.password + salt) + challenge);
      if (d["authentication"] !== expected) {
        return close(closeCodes.authenticationFailed, "Authentication failed.");
      }
    }
    const rpcVersion = d["rpcVersion"];
    if (typeof rpcVersion !== "number") {
      return close(closeCodes.missingDataField, "Your payload's data is missing an `rpcVersion`.");
    }
    const { oldest, newest } = this.behavior.rpcVersions;
    if (rpcVersion < oldest || rpcVersion > newest) {
      const reason = "Your requested RPC version is not supported by this server.";
      return close(closeCodes.unsupportedRpcVersion, reason);
    }
    this.#sockets.set(socket, Number(d["eventSubscriptions"] ?? 0));
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
      case "GetSceneCollectionList":
        return {
          currentSceneCollectionName: this.#collection,
          sceneCollections: [...this.#collections.keys()],
        };
      case "GetStudioModeEnabled":
        return { studioModeEnabled: this.#isStudioMode };
      case "GetVersion":
        return { platform: this.#computer.platform, obsVersion: "31.0.0" };
      case "GetVideoSettings":
        return { baseWidth: this.#computer.width, baseHeight: this.#computer.height };
      case "GetInputKindList":
        return { inputKinds: this.#computer.inputKinds };
      case "GetHotkeyList":
        return { hotkeys: this.#hotkeys };
      case "TriggerHotkeyByName":
        if (!this.#hotkeys.includes(String(data["hotkeyName"]))) {
          throw new RequestError(600, "No hotkeys were found by that name.");
        }
        this.changes.push(`hotkey ${data["hotkeyName"]}`);
        return;
      default:
        return this.#content.perform(type, data);
    }
  }

  /** Sends an event of the config's kind to those who asked for such. */
  #tell(eventType: string, eventData: Data): void {
    for (const [socket, subscriptions] of this.#sockets) {
      if ((subscriptions & configEvents) !== 0) {
        send(socket, 5, { eventType, eventIntent: configEvents, eventData });
      }
    }
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
