/** How long a machine that stands by takes to write when the owner of the database is lost. */
import { fileURLToPath } from "node:url";
import { canCutNetworks, CutNetwork, whyNetworksCannotBeCut } from "../../test/support/cut_network.ts";
import { type Postgres, startPostgres } from "../../test/support/postgres.ts";
import type { Figure } from "../benchmark.ts";

const program = fileURLToPath(new URL("owner.ts", import.meta.url));
const deno = ["run", "-A", "--no-prompt", "--no-check", "--quiet", program];

class Machine implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #text = "";

  constructor(command: string, args: string[]) {
    this.#child = new Deno.Command(command, { args, stdin: "null", stdout: "piped" }).spawn();
    this.#reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  async says(word: "owns" | "waits"): Promise<void> {
    while (!this.#text.includes(word)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error("A machine of the benchmark ended by itself.");
      this.#text += value;
    }
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.kill();
    } catch (error) {
      // It has been killed before.
      if (!(error instanceof TypeError)) throw error;
    }
    await this.#child.status;
    await this.#reader.cancel();
  }
}

/** The longest of some tries, each way. */
export async function* measureTakeovers(tries: number): AsyncGenerator<Figure> {
  const longest = async (takeover: () => Promise<number>) => {
    let seconds = 0;
    for (let number = 0; number < tries; number++) seconds = Math.max(seconds, await takeover());
    return seconds;
  };
  const killed = await longest(async () => {
    await using server = await startPostgres({ fsync: true });
    const address = await server.createDatabase();
    await using owner = new Machine(Deno.execPath(), [...deno, address, "owner"]);
    return await takeoverMs(owner, { address, lose: () => owner.kill() });
  });
  yield { name: "takeover after a kill, at most", value: killed, unit: "ms", target: { atMost: 3_000 } };
  if (!canCutNetworks) {
    console.error(`The takeover after a cut is not measured: ${whyNetworksCannotBeCut}.`);
    return;
  }
  const cut = await longest(afterCut);
  yield { name: "takeover after a cut, at most", value: cut, unit: "ms", target: { atMost: 6_000 } };
}

async function afterCut(): Promise<number> {
  await using network = await CutNetwork.make();
  await using server = await startPostgres({ fsync: true, reachableAt: network.hostAddress });
  const address = await server.createDatabase();
  const far = farAddress(server, { address, host: network.hostAddress });
  await using owner = new Machine(...network.command(Deno.execPath(), [...deno, far, "owner"]));
  return await takeoverMs(owner, { address, lose: () => network.cut() });
}

function farAddress(server: Postgres, { address, host }: { address: string; host: string }): string {
  return server.address(new URL(address).pathname.slice(1), host);
}

async function takeoverMs(
  owner: Machine,
  { address, lose }: { address: string; lose: () => void | Promise<void> },
): Promise<number> {
  await owner.says("owns");
  await using standby = new Machine(Deno.execPath(), [...deno, address, "standby"]);
  await standby.says("waits");
  const lostAt = performance.now();
  await lose();
  await standby.says("owns");
  return performance.now() - lostAt;
}
