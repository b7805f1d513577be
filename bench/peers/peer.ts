/** The peers, and how to run a round of one: its program under Node and, if it needs one, a new server. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CapturedEvent } from "../../src/source.ts";
import { pathOf, type Program } from "./programs.ts";
import { type Server, type ServerOptions, startPostgresql, startRedis } from "./servers.ts";

export interface Peer {
  /** The name in the figures. */
  name: string;
  /** The file of its program, in this folder. */
  program: string;
  needs: readonly Program[];
  /** Whether each commit is on the disk before the peer answers it. */
  isSynced: boolean;
  startServer?(options: ServerOptions): Promise<Server>;
}

const redis: Program[] = ["npm", "redis-server"];

export const peers: readonly Peer[] = [
  { name: "plainjob", program: "plainjob.mjs", needs: ["npm"], isSynced: false },
  {
    name: "BullMQ, appendfsync everysec",
    program: "bullmq.mjs",
    needs: redis,
    isSynced: false,
    startServer: (options) => startRedis(options, "everysec"),
  },
  {
    name: "BullMQ, appendfsync always",
    program: "bullmq.mjs",
    needs: redis,
    isSynced: true,
    startServer: (options) => startRedis(options, "always"),
  },
  {
    name: "graphile-worker",
    program: "graphile_worker.mjs",
    needs: ["npm", "initdb", "pg_ctl"],
    isSynced: true,
    startServer: startPostgresql,
  },
];

export interface PeerRound {
  events: readonly CapturedEvent[];
  /** Events before the measured ones. */
  warmUp: number;
  /** The folders in which to look for programs. */
  folders: readonly string[];
  /** The folder in which the peers' packages are installed. */
  packages: string;
  signal: AbortSignal;
}

/** The output of a peer's program. */
interface RoundResult {
  seconds: number;
  /** Jobs of both queues in the peer's own store, including the warm-up. */
  completed: number;
  outOfOrder: number;
}

/** Events per second of one round with an empty store. Throws if the peer's store contains another number of jobs. */
export async function rateOf(peer: Peer, round: PeerRound): Promise<number> {
  const { events, warmUp } = round;
  const { seconds, completed, outOfOrder } = await runProgram(peer, round);
  const expected = 2 * (warmUp + events.length);
  if (completed !== expected) {
    throw new Error(`${peer.name} has ${completed} completed jobs in its store, and not ${expected}.`);
  }
  if (outOfOrder > 0) {
    console.error(
      `${peer.name} gave ${outOfOrder} jobs out of order to the consumer that takes one at a time.`,
    );
  }
  return events.length / seconds;
}

async function runProgram(peer: Peer, round: PeerRound): Promise<RoundResult> {
  await using folder = await TemporaryFolder.make();
  const serverFolder = join(folder.path, "server");
  await Deno.mkdir(serverFolder, { mode: 0o700 });
  await Deno.writeTextFile(join(folder.path, "events.json"), JSON.stringify(round.events));
  const paths = new Map<Program, string | null>();
  for (const program of peer.needs) paths.set(program, await pathOf(program, round.folders));
  const path = (program: Program) => paths.get(program) as string;
  await using server = await peer.startServer?.({ folder: serverFolder, path });
  const given = {
    packages: round.packages,
    events: join(folder.path, "events.json"),
    warmUp: round.warmUp,
    folder: folder.path,
    address: server?.address,
  };
  const program = fileURLToPath(new URL(peer.program, import.meta.url));
  const output = await new Deno.Command(join(round.packages, "node_modules", ".bin", "node"), {
    args: [program, JSON.stringify(given)],
    stdout: "piped",
    stderr: "inherit",
    signal: round.signal,
  }).output();
  round.signal.throwIfAborted();
  if (!output.success) throw new Error(`${peer.name} ended with code ${output.code}.`);
  return JSON.parse(new TextDecoder().decode(output.stdout));
}

class TemporaryFolder implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<TemporaryFolder> {
    const path = await Deno.makeTempDir({ prefix: "livecue-peers-" });
    // PostgreSQL, which may run as another user, has to come through to its own folder.
    await Deno.chmod(path, 0o711);
    return new TemporaryFolder(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
