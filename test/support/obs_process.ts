/** OBS itself (Debian's obs-studio), on a screen that nobody sees, with a folder and a port of its own. */
import { join } from "node:path";

export const obsPassword = "secret-for-tests";

function isThere(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["--help"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch {
    return false;
  }
}

export const lacksObs = Deno.build.os !== "linux" || !isThere("Xvfb") || !isThere("obs");

export class ObsProcess {
  readonly port = freePort();
  readonly #home: string;
  readonly #screen: Deno.ChildProcess;
  readonly #display: string;
  #process: Deno.ChildProcess | null = null;

  private constructor(home: string, screen: Deno.ChildProcess, display: string) {
    this.#home = home;
    this.#screen = screen;
    this.#display = display;
  }

  static async start(): Promise<ObsProcess> {
    const home = await Deno.makeTempDir();
    const screen = new Deno.Command("Xvfb", {
      args: ["-displayfd", "1", "-screen", "0", "1280x720x24", "+extension", "GLX", "-nolisten", "tcp"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const display = await firstLine(screen.stdout);
    const obs = new ObsProcess(home, screen, display);
    await obs.#writeSettings();
    await obs.open("Untitled");
    return obs;
  }

  /** The file of a scene collection. OBS finds a new one when it looks for them the next time. */
  pathOf(collection: string): string {
    return join(this.#home, ".config/obs-studio/basic/scenes", `${collection}.json`);
  }

  /** A file in its folder. */
  fileNamed(name: string): string {
    return join(this.#home, name);
  }

  /** Resolves when it answers. */
  async open(collection: string): Promise<void> {
    // Its log is read up to the line that says that it answers. The process is OBS, not the shell.
    const script = `exec obs "$@" > >(grep -m1 "Server started"; exec cat >/dev/null) 2>&1`;
    const args = ["--multi", "--disable-updater", "--disable-shutdown-check", "--minimize-to-tray"]
      .concat(["--profile", "Untitled", "--collection", collection]);
    this.#process = new Deno.Command("bash", {
      args: ["-c", script, "obs", ...args],
      env: {
        HOME: this.#home,
        XDG_CONFIG_HOME: join(this.#home, ".config"),
        XDG_RUNTIME_DIR: join(this.#home, "xdg"),
        DISPLAY: `:${this.#display}`,
        LIBGL_ALWAYS_SOFTWARE: "1",
        QT_QPA_PLATFORM: "xcb",
      },
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    await firstLine(this.#process.stdout);
  }

  /** Resolves when all of its threads have stopped. On a busy machine, some go on for a while. */
  async standStill(): Promise<void> {
    const pid = this.#process?.pid;
    this.#process?.kill("SIGSTOP");
    for await (const { name } of Deno.readDir(`/proc/${pid}/task`)) {
      while (!/^State:\s+T/m.test(await Deno.readTextFile(`/proc/${pid}/task/${name}/status`)));
    }
  }

  goOn(): void {
    this.#process?.kill("SIGCONT");
  }

  /** SIGKILL: OBS has no time to save anything. */
  async kill(): Promise<void> {
    this.#process?.kill("SIGKILL");
    await this.#process?.status;
    this.#process = null;
  }

  async end(): Promise<void> {
    await this.kill();
    this.#screen.kill("SIGTERM");
    await this.#screen.status;
    await Deno.remove(this.#home, { recursive: true });
  }

  async #writeSettings(): Promise<void> {
    const settings = join(this.#home, ".config/obs-studio");
    await Deno.mkdir(join(settings, "basic/scenes"), { recursive: true });
    await Deno.mkdir(join(settings, "basic/profiles/Untitled"), { recursive: true });
    await Deno.mkdir(join(this.#home, "xdg"), { mode: 0o700 });
    const general = ["[General]", "FirstRun=true", "EnableAutoUpdates=false"];
    const server = ["[OBSWebSocket]", "FirstLoad=false", "ServerEnabled=true", `ServerPort=${this.port}`]
      .concat(["AlertsEnabled=false", "AuthRequired=true", `ServerPassword=${obsPassword}`]);
    await Deno.writeTextFile(join(settings, "global.ini"), [...general, ...server].join("\n"));
    const video = ["[General]", "Name=Untitled", "[Video]", "BaseCX=640", "BaseCY=360"]
      .concat(["OutputCX=640", "OutputCY=360", "FPSCommon=10"]);
    await Deno.writeTextFile(join(settings, "basic/profiles/Untitled/basic.ini"), video.join("\n"));
    // Since OBS 31 the server's settings are here.
    const plugin = join(settings, "plugin_config/obs-websocket");
    await Deno.mkdir(plugin, { recursive: true });
    const json = { server_enabled: true, server_port: this.port, auth_required: true, first_load: false };
    await Deno.writeTextFile(
      join(plugin, "config.json"),
      JSON.stringify({ ...json, server_password: obsPassword }),
    );
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Reads no further. */
async function firstLine(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  let text = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.includes("\n")) return text.trim();
  }
  throw new Error("The program ended before it was ready.");
}
