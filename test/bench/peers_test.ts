import assert from "node:assert/strict";
import { connect } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Peer, type PeerRound, rateOf } from "../../bench/peers/peer.ts";
import { pathOf, programFolders, whatIsMissing } from "../../bench/peers/programs.ts";
import { startPostgresql, startRedis } from "../../bench/peers/servers.ts";
import { commentsOf600Bytes } from "../../bench/pipeline/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const bullmq = { name: "BullMQ", needs: ["npm", "redis-server"] } as const;

Deno.test("a peer whose programs are there is measured; else a sentence names Debian's packages", async () => {
  await withFolder(async (folder) => {
    assert.equal(
      await whatIsMissing(bullmq, [folder]),
      "BullMQ is left out: install Debian's npm and redis-server to measure it.",
    );
    await Deno.writeTextFile(join(folder, "npm"), "");
    assert.equal(
      await whatIsMissing(bullmq, ["/nowhere", folder]),
      "BullMQ is left out: install Debian's redis-server to measure it.",
    );
    await Deno.writeTextFile(join(folder, "redis-server"), "");
    assert.equal(await whatIsMissing(bullmq, ["/nowhere", folder]), null);
  });
});

Deno.test("a package that has two missing programs is named once", async () => {
  assert.equal(
    await whatIsMissing({ name: "graphile-worker", needs: ["initdb", "pg_ctl"] }, []),
    "graphile-worker is left out: install Debian's postgresql to measure it.",
  );
});

Deno.test("where nothing is installed, Livecue is measured alone and without a ratio", async () => {
  await withFolder(async (folder) => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-prompt", "--no-check", "--quiet", "bench/peers.ts", "--short", "--json"],
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      env: { PATH: folder, TMPDIR: folder },
    }).output();
    const said = new TextDecoder().decode(stderr);
    assert.ok(success, said);
    const figures = new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(figures.map(({ name }) => name), [
      "bare SQLite loop, normal",
      "Livecue, normal",
      "bare SQLite loop, full",
      "Livecue, full",
    ]);
    assert.ok(figures.every(({ value, unit }) => value > 0 && unit === "events/s"));
    for (const peer of ["plainjob", "BullMQ, appendfsync everysec", "graphile-worker"]) {
      assert.match(said, new RegExp(`^${peer} is left out: install Debian's npm\\b.*\\.$`, "m"));
    }
  });
});

/** The path of each program, or null where one is not on this machine. */
async function pathsOf(...programs: Parameters<typeof pathOf>[0][]) {
  const folders = await programFolders();
  const found = await Promise.all(programs.map((program) => pathOf(program, folders)));
  if (found.includes(null)) return null;
  return (program: typeof programs[number]) => found[programs.indexOf(program)] as string;
}

const redisPath = await pathsOf("redis-server");
const postgresqlPath = await pathsOf("initdb", "pg_ctl");

/** Whether something listens at the address. */
async function isListening(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

Deno.test({
  name: "Redis is ready when it is given, and gone when it is disposed of",
  ignore: redisPath === null,
  fn: () =>
    withFolder(async (folder) => {
      const server = await startRedis({ folder, path: redisPath! }, "always");
      assert.ok(await isListening(server.address));
      await server[Symbol.asyncDispose]();
      assert.ok(!await isListening(server.address));
    }),
});

Deno.test({
  name:
    "PostgreSQL is ready when it is given, and gone when it is disposed of, also where the process is root",
  ignore: postgresqlPath === null,
  fn: () =>
    withFolder(async (parent) => {
      await Deno.chmod(parent, 0o711);
      const folder = join(parent, "server");
      await Deno.mkdir(folder);
      const server = await startPostgresql({ folder, path: postgresqlPath! });
      assert.ok(await isListening(server.address));
      await server[Symbol.asyncDispose]();
      assert.ok(!await isListening(server.address));
    }),
});

/** A round of two events, one of them warm-up, in which this shell script stands in for Node; `$2` is what it is given. */
async function roundOf(script: string, folder: string, signal = new AbortController().signal) {
  const programs = join(folder, "node_modules", ".bin");
  await Deno.mkdir(programs, { recursive: true });
  await Deno.writeTextFile(join(programs, "node"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const round: PeerRound = {
    events: commentsOf600Bytes(2),
    warmUp: 1,
    folders: await programFolders(),
    packages: folder,
    signal,
  };
  return round;
}

const peer: Peer = { name: "A peer", program: "plainjob.mjs", needs: [], isSynced: false };

Deno.test("a peer's rate is of the events after the warm-up, and stands only where its store holds every job", async () => {
  await withFolder(async (folder) => {
    const result = (completed: number) => `echo '{"seconds":0.5,"completed":${completed},"outOfOrder":0}'`;
    assert.equal(await rateOf(peer, await roundOf(result(6), folder)), 4);
    await assert.rejects(async () => rateOf(peer, await roundOf(result(5), folder)), {
      message: "A peer has 5 completed jobs in its store, and not 6.",
    });
    await assert.rejects(async () => rateOf(peer, await roundOf("exit 3", folder)), {
      message: "A peer ended with code 3.",
    });
  });
});

Deno.test({
  name: "a round that is interrupted leaves no server and no folder",
  ignore: redisPath === null,
  fn: () =>
    withFolder(async (folder) => {
      const pipe = join(folder, "pipe");
      await new Deno.Command("mkfifo", { args: [pipe] }).output();
      const controller = new AbortController();
      const round = await roundOf(`echo "$2" > ${pipe}; exec sleep 600`, folder, controller.signal);
      const needs = ["redis-server"] as const;
      const startServer: Peer["startServer"] = (options) => startRedis(options, "always");
      const ended = assert.rejects(rateOf({ ...peer, needs, startServer }, round), /^Error: Stopped/);
      const given = JSON.parse(await Deno.readTextFile(pipe));
      assert.ok(await isListening(given.address));
      controller.abort(new Error("Stopped"));
      await ended;
      assert.ok(!await isListening(given.address));
      await assert.rejects(Deno.stat(given.folder), Deno.errors.NotFound);
    }),
});
