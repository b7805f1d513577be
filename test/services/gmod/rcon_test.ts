import assert from "node:assert/strict";
import { RconConnection, type RconOptions } from "../../../services/gmod/rcon.ts";
import type { TroubleKind } from "../../../services/gmod/trouble.ts";
import { FakeRcon, type FakeRconOptions } from "../../support/fake_rcon.ts";

const never = new AbortController().signal;

function open(port: number, given: Partial<RconOptions> = {}): Promise<RconConnection> {
  return RconConnection.open({
    host: "127.0.0.1",
    port,
    password: "swordfish",
    connectTimeoutMs: 2000,
    answerTimeoutMs: 2000,
    answersMarkers: true,
    signal: never,
    ...given,
  });
}

/** Runs the commands on a server of this kind, and resolves with the replies. */
async function replies(
  options: FakeRconOptions,
  commands: string[],
  given: Partial<RconOptions> = {},
): Promise<string[]> {
  await using server = new FakeRcon(options);
  const connection = await open(server.port, given);
  try {
    const all = await Promise.all(commands.map((command) => connection.execute(command, never)));
    assert.deepEqual(server.commands, commands);
    return all;
  } finally {
    connection.close();
  }
}

async function rejectsWith(kind: TroubleKind, message: RegExp, attempt: Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error: Error & { kind?: TroubleKind }) => {
    assert.equal(error.kind, kind, error.message);
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /swordfish|wrong-one/);
    return true;
  });
}

// It takes five bytes, so that letters lie across the cuts between packets.
const long = "ßあ".repeat(3000);
const answer = (command: string) => command === "long" ? long : `did ${command}`;

for (const kind of ["source", "minecraft", "unmarked", "touchy", "loose"] as const) {
  for (const delivery of ["whole", "bytes", "joined"] as const) {
    Deno.test(`A reply comes whole from a ${kind} server that sends it ${delivery}`, async () => {
      const [reply] = await replies({ kind, delivery, answer }, ["long"]);
      assert(reply === long, `${reply?.length} letters instead of ${long.length}`);
    });
  }
}

for (const kind of ["source", "minecraft", "unmarked", "loose"] as const) {
  Deno.test(`Commands run one after the other on a ${kind} server, each with its own reply`, async () => {
    const commands = ["a", "long", "b", "c"];
    const lengths = (texts: string[]) => texts.map((text) => text.length < 10 ? text : text.length);
    assert.deepEqual(lengths(await replies({ kind, answer }, commands)), lengths(commands.map(answer)));
  });
}

Deno.test("What the game prints meanwhile is no reply", async () => {
  assert.deepEqual(await replies({ isChatty: true, answer }, ["a", "b"]), ["did a", "did b"]);
});

Deno.test("A wrong password is also told from a server that answers with other types", async () => {
  await using server = new FakeRcon({ kind: "loose" });
  await rejectsWith("wrong_password", /refuses the password/, open(server.port, { password: "wrong-one" }));
});

Deno.test("A server that repeats what it hears is no RCON server", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = listener.accept().then((socket) => socket.readable.pipeTo(socket.writable).catch(() => {}));
  await assert.rejects(open(listener.addr.port, { answerTimeoutMs: 50 }), /did not answer the password/);
  listener.close();
  await served;
});

Deno.test("A command that a Source server answers with nothing is answered all the same", async () => {
  assert.deepEqual(await replies({ answer: () => ({ then: "silence" }) }, ["a", "b"]), ["", ""]);
});

Deno.test("A server that is known to leave markers unanswered gets none", async () => {
  assert.deepEqual(await replies({ kind: "touchy", answer }, ["a", "b"], { answersMarkers: false }), [
    "did a",
    "did b",
  ]);
});

Deno.test("It is remembered that a server ended the connection over a marker", async () => {
  await using server = new FakeRcon({ kind: "touchy", answer });
  const connection = await open(server.port);
  assert.equal(await connection.execute("a", never), "did a");
  assert.equal(connection.answersMarkers, false);
  assert.equal((await connection.closed).kind, "lost");
});

Deno.test("A wrong password is told from everything else, and is not shown", async () => {
  for (const kind of ["source", "minecraft"] as const) {
    await using server = new FakeRcon({ kind });
    await rejectsWith("wrong_password", /refuses the password/, open(server.port, { password: "wrong-one" }));
  }
});

Deno.test("A port where nobody listens is a refused connection", async () => {
  const gone = new FakeRcon();
  await gone[Symbol.asyncDispose]();
  await rejectsWith("refused", /refuses connections: check that the server is running/, open(gone.port));
});

Deno.test("A name that no computer has is told as such", async () => {
  await rejectsWith("unknown_host", /check "host"/, open(1, { host: "no-such-host.invalid" }));
});

Deno.test("A server that closes at once may have banned this computer", async () => {
  await using server = new FakeRcon({ manner: "closing" });
  await rejectsWith("turned_away", /may have banned this computer/, open(server.port));
});

Deno.test("A server that says nothing is given up after the time for an answer", async () => {
  await using server = new FakeRcon({ manner: "mute" });
  await rejectsWith(
    "silent",
    /did not answer the password within 0.05 s/,
    open(server.port, { answerTimeoutMs: 50 }),
  );
});

Deno.test("A server that speaks another language is told as such", async () => {
  await using server = new FakeRcon({ manner: "web" });
  await rejectsWith("not_rcon", /does not speak RCON: check "port"/, open(server.port));
});

Deno.test("A stop ends an opening at once", async () => {
  await using server = new FakeRcon({ manner: "mute" });
  const stopping = new AbortController();
  const opening = open(server.port, { signal: stopping.signal });
  await server.connected(1);
  stopping.abort(new Error("the service is being stopped"));
  await assert.rejects(opening, /the service is being stopped/);
});

Deno.test("A connection cut in the midst of a command is a loss", async () => {
  await using server = new FakeRcon({ answer: () => ({ then: "cut" }) });
  const connection = await open(server.port);
  await rejectsWith("lost", /was lost/, connection.execute("kill", never));
  assert.equal((await connection.closed).kind, "lost");
});

Deno.test("A command that a server never answers is given up, and the connection with it", async () => {
  await using server = new FakeRcon({ kind: "unmarked", answer: () => ({ then: "silence" }) });
  const connection = await open(server.port, { answerTimeoutMs: 50 });
  await rejectsWith("silent", /did not answer the command within 0.05 s/, connection.execute("a", never));
  assert.equal((await connection.closed).kind, "silent");
});

Deno.test("A command whose item's time is over is let go, and the next one gets its own reply", async () => {
  await using server = new FakeRcon({ answer });
  const connection = await open(server.port);
  const item = new AbortController();
  const late = connection.execute("late", item.signal);
  await server.heard(1);
  item.abort(new Error("timed out"));
  await assert.rejects(late, /did not answer in time/);
  assert.equal(await connection.execute("next", never), "did next");
  connection.close();
});

Deno.test("A command too long for the protocol is not sent", async () => {
  await using server = new FakeRcon();
  const connection = await open(server.port);
  await assert.rejects(
    connection.execute("ß".repeat(2044), never),
    /more than 4086 bytes .* make it shorter/,
  );
  await connection.execute("ß".repeat(2043), never);
  assert.equal(server.commands.length, 1);
  connection.close();
});

Deno.test("A server is reached by an IPv6 address", { ignore: !hasIpv6() }, async () => {
  await using server = new FakeRcon({ hostname: "::1", answer });
  const connection = await open(server.port, { host: "::1" });
  assert.equal(await connection.execute("a", never), "did a");
  connection.close();
});

function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}
