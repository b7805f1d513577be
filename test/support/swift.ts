/** A real S3 server: OpenStack Swift with its S3 API, from Debian's packages. */
import { fileURLToPath } from "node:url";
import { AwsClient } from "aws4fetch";
import type { S3Options } from "../../services/sampler/storage/options.ts";

/** Debian's own Python has Debian's packages. */
const python = "/usr/bin/python3";
const packages = "swift-proxy, swift-account, swift-container and swift-object";

function isThere(): boolean {
  try {
    const args = [
      "-c",
      "import swift.proxy.server, swift.account.server, swift.container.server, swift.obj.server",
    ];
    return new Deno.Command(python, { args, stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

export const lacksSwift = !isThere();

/** A test that needs the server. */
export function testWithSwift(name: string, run: (swift: Swift) => Promise<void>): void {
  Deno.test({
    name: lacksSwift ? `${name} (there is no Swift: install ${packages})` : name,
    ignore: lacksSwift,
    fn: async () => {
      await using swift = await Swift.start();
      await run(swift);
    },
  });
}

export const swiftKeys = { accessKeyId: "test:tester", secretAccessKey: "testing" };

export class Swift implements AsyncDisposable {
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;

  private constructor(child: Deno.ChildProcess, folder: string, port: number) {
    this.#child = child;
    this.#folder = folder;
    this.port = port;
  }

  /** Starts the server with the bucket "music". */
  static async start(): Promise<Swift> {
    const folder = await Deno.makeTempDir({ prefix: "swift_" });
    const script = fileURLToPath(new URL("./swift_server.py", import.meta.url));
    const stdio = { stdin: "piped", stdout: "piped", stderr: "null" } as const;
    const child = new Deno.Command(python, { args: [script, `${folder}/swift`], ...stdio }).spawn();
    const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    for (let isDone = false; !isDone && !text.includes("\n");) {
      const read = await reader.read();
      isDone = read.done;
      text += read.value ?? "";
    }
    await reader.cancel();
    const swift = new Swift(child, folder, Number(text));
    await (await swift.fetch("PUT", "/music")).body?.cancel();
    return swift;
  }

  /** The options of the sampler's storage; `port` is that of a relay before the server. */
  options({ port = this.port, ...given }: Partial<S3Options> & { port?: number } = {}): S3Options {
    return {
      kind: "s3",
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      bucket: "music",
      style: "path",
      prefix: "samples",
      link_seconds: 3600,
      ...given,
    };
  }

  /** A signed request that does not go through the storage. */
  async fetch(method: string, path: string): Promise<Response> {
    const client = new AwsClient({ ...swiftKeys, service: "s3", region: "us-east-1", retries: 0 });
    return await client.fetch(`http://127.0.0.1:${this.port}${path}`, { method });
  }

  /** The keys of the unfinished uploads. */
  async unfinished(): Promise<string[]> {
    const text = await (await this.fetch("GET", "/music?uploads=")).text();
    return [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#child.stdin.close();
    this.#child.kill("SIGKILL");
    await this.#child.status;
    await Deno.remove(this.#folder, { recursive: true });
  }
}
