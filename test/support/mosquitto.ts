/** Debian's MQTT broker and its clients, which Livecue is tried against. */
function isThere(program: string): boolean {
  try {
    new Deno.Command(program, { args: ["-h"], stdout: "null", stderr: "null" }).outputSync();
    return true;
  } catch {
    return false;
  }
}

// Debian keeps the broker where only an administrator's shell looks.
const broker = ["mosquitto", "/usr/sbin/mosquitto"].find(isThere);
const lacksMosquitto = broker === undefined || !isThere("mosquitto_pub") || !isThere("openssl");

/** A test that needs the packages mosquitto, mosquitto-clients and openssl. */
export function testWithMosquitto(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: lacksMosquitto ? `${name} (there is no mosquitto)` : name, ignore: lacksMosquitto, fn });
}

export interface MosquittoOptions {
  /** Default: a free one. */
  port?: number;
  /** websockets: over a second port. Its own clients do not speak it. */
  protocol?: "mqtt" | "websockets";
  /** Default: anybody may connect. */
  user?: { name: string; password: string };
  isEncrypted?: boolean;
}

interface Parts {
  options: MosquittoOptions;
  port: number;
  url: string;
  folder: string;
  process: Deno.ChildProcess;
  log: Promise<string>;
}

export class Mosquitto implements AsyncDisposable {
  readonly port: number;
  /** For Livecue. */
  readonly url: string;
  readonly folder: string;
  readonly #options: MosquittoOptions;
  readonly #process: Deno.ChildProcess;
  readonly #log: Promise<string>;

  private constructor({ options, port, url, folder, process, log }: Parts) {
    this.#options = options;
    this.port = port;
    this.url = url;
    this.folder = folder;
    this.#process = process;
    this.#log = log;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    const { port = freePort(), protocol = "mqtt", user, isEncrypted = false } = options;
    const folder = await Deno.makeTempDir();
    const socketPort = freePort();
    const lines = [`listener ${port} 127.0.0.1`, "log_dest stderr", "user root", "max_queued_messages 0"];
    if (user === undefined) lines.push("allow_anonymous true");
    else {
      await run("mosquitto_passwd", ["-b", "-c", `${folder}/users`, user.name, user.password]);
      lines.push(`password_file ${folder}/users`);
    }
    if (isEncrypted) {
      await makeCertificate(folder);
      lines.push(`certfile ${folder}/server.pem`, `keyfile ${folder}/server.key`);
    }
    if (protocol === "websockets") lines.push(`listener ${socketPort}`, "protocol websockets");
    await Deno.writeTextFile(`${folder}/broker.conf`, lines.join("\n"));
    const process = new Deno.Command(broker as string, {
      args: ["-c", `${folder}/broker.conf`],
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const [ready, log] = whenRunning(process.stderr);
    await ready;
    const isSocket = protocol === "websockets";
    const url = `${isSocket ? "ws" : isEncrypted ? "mqtts" : "mqtt"}://127.0.0.1:${
      isSocket ? socketPort : port
    }`;
    return new Mosquitto({ options, port, url, folder, process, log });
  }

  /** Resolves when the broker has the message. */
  async publish(topic: string, message: string, { isKept = false } = {}): Promise<void> {
    await run("mosquitto_pub", [
      ...this.#client(),
      ...["-t", topic, "-q", "1"],
      ...(message === "" ? ["-n"] : ["-m", message]),
      ...(isKept ? ["-r"] : []),
    ]);
  }

  /** Publishes a message for each line, all over one connection. */
  async flood(topic: string, lines: string[]): Promise<void> {
    const args = [...this.#client(), "-t", topic, "-q", "1", "-l"];
    const process = new Deno.Command("mosquitto_pub", { args, stdin: "piped", stdout: "null" }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(lines.join("\n") + "\n"));
    await writer.close();
    await process.status;
  }

  /** The kept message of a topic, or the next one. */
  async read(topic: string): Promise<string> {
    return (await run("mosquitto_sub", [...this.#client(), "-t", topic, "-C", "1"])).trim();
  }

  /** Resolves when the topic's kept message is this one. */
  async untilKept(topic: string, message: string): Promise<void> {
    while (await this.read(topic) !== message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await this.#log;
    await Deno.remove(this.folder, { recursive: true });
  }

  #client(): string[] {
    const { user, isEncrypted } = this.#options;
    return [
      ...["-h", "127.0.0.1", "-p", String(this.port)],
      ...(user === undefined ? [] : ["-u", user.name, "-P", user.password]),
      ...(isEncrypted ? ["--cafile", `${this.folder}/ca.pem`] : []),
    ];
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** When the broker says that it runs, and all that it says. */
function whenRunning(stream: ReadableStream<Uint8Array>): [Promise<void>, Promise<string>] {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const read = async () => {
    let text = "";
    const decoder = new TextDecoder();
    for await (const part of stream) {
      text += decoder.decode(part, { stream: true });
      if (text.includes(" running")) resolve();
    }
    reject(new Error(`The broker ended: ${text}`));
    return text;
  };
  return [promise, read()];
}

/** An authority, and a certificate for 127.0.0.1 that it signed. */
async function makeCertificate(folder: string): Promise<void> {
  const file = (name: string) => `${folder}/${name}`;
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await run("openssl", [
    ...["req", "-x509", ...key, "-days", "2", "-subj", "/CN=Test authority"],
    ...["-addext", "basicConstraints=critical,CA:TRUE"],
    ...["-keyout", file("ca.key"), "-out", file("ca.pem")],
  ]);
  await run("openssl", [
    ...["req", ...key, "-subj", "/CN=127.0.0.1", "-keyout", file("server.key"), "-out", file("server.csr")],
  ]);
  await Deno.writeTextFile(file("names"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n");
  await run("openssl", [
    ...["x509", "-req", "-in", file("server.csr"), "-CA", file("ca.pem"), "-CAkey", file("ca.key")],
    ...["-CAcreateserial", "-days", "2", "-extfile", file("names"), "-out", file("server.pem")],
  ]);
}

async function run(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
  if (!success) throw new Error(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}
