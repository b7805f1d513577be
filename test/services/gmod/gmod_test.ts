import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { optionsSchema } from "../../../services/gmod/main.ts";
import type { ServiceConfig } from "../../../src/service.ts";
import { makeEvent, makeGift } from "../../support/events.ts";
import { FakeRcon } from "../../support/fake_rcon.ts";
import { noPermissions, type RunnerUnderTest, startRunner } from "../../support/runner_under_test.ts";
import { blockService, blockText } from "../../support/service_blocks.ts";
import { withFolder } from "../../support/temporary_store.ts";

const main = fileURLToPath(new URL("../../../services/gmod/main.ts", import.meta.url));
const exampleText = blockText("gmod");
const example = blockService("gmod");

/** The service for the server on this port, with no permission but to talk to it. */
function startGMod(
  port: number,
  options: Record<string, unknown> = {},
  given: Partial<ServiceConfig> = {},
): Promise<RunnerUnderTest> {
  return startRunner(main, {
    options: {
      port,
      password: "swordfish",
      rules: [{ when: "CommentEvent", do: { command: "say {user}: {comment}" } }],
      ...options,
    },
    permissions: { ...noPermissions, net: [`localhost:${port}`] },
    ...given,
  });
}

function warnings({ log }: RunnerUnderTest): string[] {
  return log.entries.filter(({ level }) => level === "warn" || level === "error").map(({ text }) => text);
}

function assertKept(tested: RunnerUnderTest, secret: string): void {
  const told = JSON.stringify([tested.log.entries, [...tested.feed.outcomes.values()]]);
  assert(!told.includes(secret), "the password was told");
}

Deno.test("The example's block runs as it stands, once the password is set", async () => {
  await using server = new FakeRcon();
  const options = { ...example.options, port: server.port, password: "swordfish" };
  const permissions = JSON.parse(JSON.stringify(example.permissions).replace("27015", String(server.port)));
  await using tested = await startRunner(main, { options, permissions, timeoutMs: example.timeoutMs });
  assert.deepEqual(await tested.feed.add(1, makeGift({ count: 5 }), { count: 5 }), { kind: "completed" });
  assert.deepEqual(await tested.feed.add(2, makeEvent({ type: "FollowEvent", data: { followerCount: 1 } })), {
    kind: "completed",
  });
  assert.deepEqual(server.commands, [
    "say Ana sent Rose x5. Thank you!",
    "sv_gravity 600",
    "say Ana brings gravity back. Welcome!",
  ]);
});

Deno.test("What the example proposes in its comments would run as well", () => {
  const proposed = [...exampleText.matchAll(/\/\/ (\{ "when": .*"command": .*\}),?$/gm)].map(([, rule]) =>
    JSON.parse(rule as string)
  );
  const minecraft = /\/\/ "commands_allowed": (\[.*\])/.exec(exampleText)?.[1] as string;
  const options = { ...example.options, password: "swordfish" };
  assert(optionsSchema.safeParse({ ...options, rules: proposed.slice(0, 1) }).success);
  const change = { game: "minecraft", commands_allowed: JSON.parse(minecraft) };
  assert.equal(proposed.slice(1).length, 3);
  assert(optionsSchema.safeParse({ ...options, ...change, rules: proposed.slice(1) }).success);
});

Deno.test("The example's block without a password says what to do", async () => {
  await using tested = await startRunner(main, { options: example.options });
  await tested.log.heard(
    /set one of "password", "password_file" and "password_env" to the server's RCON password/,
  );
});

Deno.test("An item is done when the server has answered all its commands, and the replies are in the log", async () => {
  await using server = new FakeRcon({ answer: (command) => `did\n  ${command}\u001b[31m` });
  const rules = [{ when: "GiftEvent", do: { command: ["a {gift}", "b"], times: "count" } }];
  await using tested = await startGMod(server.port, { rules });
  assert.deepEqual(await tested.feed.add(1, makeGift({ count: 2 }), { count: 2 }), { kind: "completed" });
  assert.deepEqual(server.commands, ['a "Rose"', "b", 'a "Rose"', "b"]);
  await tested.log.heard(/^b → did b/);
});

Deno.test("An event that no rule is for is done at once, without a word to the server", async () => {
  await using server = new FakeRcon();
  await using tested = await startGMod(server.port);
  assert.deepEqual(await tested.feed.add(1, makeGift()), { kind: "completed" });
  assert.deepEqual(server.commands, []);
});

Deno.test("A server that is away is told once; what has come meanwhile runs when it is back", async () => {
  const away = new FakeRcon();
  await away[Symbol.asyncDispose]();
  await using tested = await startGMod(away.port);
  const item = tested.feed.say(1, "hello");
  await tested.log.heard(/refuses connections: .*. Livecue retries until it works/);
  await using server = new FakeRcon({ port: away.port });
  assert.deepEqual(await item, { kind: "completed" });
  assert.deepEqual(server.commands, ["say Ana: hello"]);
  await tested.log.heard(/^Connected to localhost/);
  assert.equal(warnings(tested).length, 1);
  assert.deepEqual(tested.feed.troubles, [warnings(tested)[0], null]);
});

Deno.test("A connection that is lost is told, and comes back by itself", async () => {
  await using server = new FakeRcon();
  await using tested = await startGMod(server.port);
  await tested.log.heard(/^Connected/);
  server.dropConnections();
  await tested.log.heard(/was lost. Livecue retries until it works/);
  assert.deepEqual(tested.feed.troubles, warnings(tested));
  assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
  assert.equal(warnings(tested).length, 1);
});

Deno.test("An item whose time passes while the server is away fails, and is not run later", async () => {
  const away = new FakeRcon();
  await away[Symbol.asyncDispose]();
  await using tested = await startGMod(away.port, {}, { timeoutMs: 2000 });
  await tested.log.heard(/refuses connections/);
  const item = tested.feed.say(1, "too late");
  tested.clock.advance(2000);
  assert.match(
    JSON.stringify(await item),
    /"timed out after 2 s: no command was sent: localhost:\d+ refuses connections: /,
  );
  await using server = new FakeRcon({ port: away.port });
  assert.deepEqual(await tested.feed.say(2, "in time"), { kind: "completed" });
  assert.deepEqual(server.commands, ["say Ana: in time"]);
});

Deno.test("A wrong password is told once and not tried again, and items fail at once", async () => {
  await using server = new FakeRcon({ password: "another" });
  await using tested = await startGMod(server.port);
  const outcome = await tested.feed.say(1, "hello");
  assert.equal(outcome.kind, "failed");
  assert.match(JSON.stringify(outcome), /"no command was sent: localhost:\d+ refuses the password/);
  await tested.feed.say(2, "hello");
  await tested.log.heard(
    /refuses the password: .* Livecue retries every five minutes and when you change/,
  );
  assert.equal(warnings(tested).length, 1);
  assert.equal(server.passwordCount, 1);
  assertKept(tested, "swordfish");
});

Deno.test("A command that the connection broke over fails its item; another try goes on behind what was done", async () => {
  let cuts = 0;
  await using server = new FakeRcon({
    answer: (command) => command === "b" && cuts++ === 0 ? { then: "cut" } : "done",
  });
  const rules = [{ when: "CommentEvent", do: { command: ["a", "b", "c"] }, cooldown: { rule_seconds: 60 } }];
  await using tested = await startGMod(server.port, { rules });
  const outcome = await tested.feed.say(1, "hello");
  assert.equal(outcome.kind, "failed");
  assert.match(
    JSON.stringify(outcome),
    /"the server may or may not have run the command: the connection to .* was lost"/,
  );
  assert.deepEqual(await tested.feed.say(1, "hello", { attempt: 2 }), { kind: "completed" });
  assert.deepEqual(server.commands, ["a", "b", "b", "c"]);
});

Deno.test("A server that wants the password anew gets it, and the command once more", async () => {
  let logouts = 0;
  await using server = new FakeRcon({ answer: () => logouts++ === 0 ? { then: "logout" } : "done" });
  await using tested = await startGMod(server.port);
  assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
  assert.equal(server.commands.length, 2);
  assert.equal(server.passwordCount, 2);
});

Deno.test("What waits behind a command over which the connection broke is sent on the next one", async () => {
  await using server = new FakeRcon({
    answer: (command) => command.endsWith("1") ? { then: "cut" } : "done",
  });
  await using tested = await startGMod(server.port);
  await tested.log.heard(/^Connected/);
  const items = [1, 2, 3].map((id) => tested.feed.say(id, String(id)));
  assert.deepEqual((await Promise.all(items)).map(({ kind }) => kind), ["failed", "completed", "completed"]);
  assert.deepEqual(server.commands, ["say Ana: 1", "say Ana: 2", "say Ana: 3"]);
});

Deno.test("A server that takes a command and never answers fails the item in time", async () => {
  await using server = new FakeRcon({ kind: "unmarked", answer: () => ({ then: "silence" }) });
  await using tested = await startGMod(server.port, { answer_timeout_seconds: 0.1 });
  const outcome = await tested.feed.say(1, "hello");
  assert.match(
    JSON.stringify(outcome),
    /may or may not have run the command: .* did not answer the command within 0.1 s/,
  );
});

Deno.test("An item whose time passes before its command is answered says that it may have been run", async () => {
  await using server = new FakeRcon({ kind: "unmarked", answer: () => ({ then: "silence" }) });
  await using tested = await startGMod(server.port, {}, { timeoutMs: 2000 });
  const item = tested.feed.say(1, "hello");
  await server.heard(1);
  tested.clock.advance(2000);
  assert.match(
    JSON.stringify(await item),
    /"timed out after 2 s: the server may or may not have run the command: localhost:\d+ did not answer in time"/,
  );
});

Deno.test("A server that turns Livecue away while it starts is found soon after", async () => {
  const starting = new FakeRcon({ manner: "closing" });
  await using tested = await startGMod(starting.port);
  const item = tested.feed.say(1, "hello");
  await starting.connected(2);
  await starting[Symbol.asyncDispose]();
  await using server = new FakeRcon({ port: starting.port });
  assert.deepEqual(await item, { kind: "completed" });
  assert.equal(server.connectionCount, 1);
});

Deno.test("A server that ends the connection over the empty packet is spared it from then on", async () => {
  await using server = new FakeRcon({ kind: "touchy", answer: () => "done" });
  await using tested = await startGMod(server.port);
  for (const id of [1, 2, 3]) assert.deepEqual(await tested.feed.say(id, "hello"), { kind: "completed" });
  assert.equal(server.connectionCount, 2);
});

Deno.test("A command that the server does not know is told once", async () => {
  await using server = new FakeRcon({ answer: () => 'Unknown command "sya"' });
  await using tested = await startGMod(server.port);
  await tested.feed.say(1, "hello");
  await tested.feed.say(2, "hello");
  assert.deepEqual(warnings(tested), ['The server does not know the command "say": Unknown command "sya"']);
});

Deno.test("A viewer's name and comment stay within their command", async () => {
  await using server = new FakeRcon();
  await using tested = await startGMod(server.port);
  const user = { id: "1", uniqueId: "x", nickname: 'x"; rcon_password y; "', avatarUrl: "", roles: [] };
  await tested.feed.add(
    1,
    makeEvent({ user, data: { comment: "hi\nquit // x", language: "en", emotes: [] } }),
  );
  assert.deepEqual(server.commands, ["say x’ rcon_password y ’: hi quit x"]);
});

Deno.test("The password may stand in a file or in an environment variable, which alone are read", async () => {
  await using server = new FakeRcon();
  const net = [`localhost:${server.port}`];
  await withFolder(async (folder) => {
    const path = join(folder, "password.txt");
    await Deno.writeTextFile(path, "swordfish\r\n");
    const options = { password: undefined, password_file: path };
    await using tested = await startGMod(server.port, options, {
      permissions: { ...noPermissions, net, read: [path] },
    });
    assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
    await using refused = await startGMod(server.port, options);
    await refused.log.heard(
      /password.txt \(password_file\) may not be read: add ".*password.txt" to the list "read"/,
    );
  });
  Deno.env.set("LIVECUE_TEST_RCON_PASSWORD", "swordfish");
  try {
    const options = { password: undefined, password_env: "LIVECUE_TEST_RCON_PASSWORD" };
    const permissions = { ...noPermissions, net, env: ["LIVECUE_TEST_RCON_PASSWORD"] };
    await using tested = await startGMod(server.port, options, { permissions });
    assert.deepEqual(await tested.feed.say(1, "hello"), { kind: "completed" });
    await using refused = await startGMod(server.port, options);
    await refused.log.heard(
      /\(password_env\) may not be read: add "LIVECUE_TEST_RCON_PASSWORD" to the list "env"/,
    );
  } finally {
    Deno.env.delete("LIVECUE_TEST_RCON_PASSWORD");
  }
});

Deno.test("Without the permission to talk to the server it says which one is missing", async () => {
  await using server = new FakeRcon();
  await using tested = await startGMod(server.port, {}, { permissions: noPermissions });
  await tested.log.heard(new RegExp(`add "localhost:${server.port}" to "net"`));
});

Deno.test("Mistakes in the options are told with their place and what to do", async () => {
  const mistakes: [Record<string, unknown>, RegExp][] = [
    [{ password: undefined }, /set one of "password", "password_file" and "password_env"/],
    [{ password_env: "X" }, /set one of "password", "password_file" and "password_env"/],
    [
      { host: "localhost:27015" },
      /host: expected only the server's name or address: the port belongs in "port"/,
    ],
    [{ rules: [{ when: "GiftEvent", do: "say x" }] }, /rules\[0\]\.do: expected \{ "command": "…" \}/],
    [{ game: "doom" }, /game: expected one of "source", "minecraft", "plain"/],
    [
      { commands_allowed: ["kick"] },
      /rules\[0\]\.do\.command: "say .*" uses "say", which is not in "commands_allowed"/,
    ],
    [
      { rules: [{ when: "GiftEvent", do: { command: "lua_run {user}" } }] },
      /"lua_run", which can harm the server/,
    ],
    [{ rules: [{ when: "GiftEvent", do: { command: "say {name}" } }] }, /no placeholder \{name\}/],
    [{ rules: [{ when: "GiftEvent", do: { command: 5 } }] }, /expected a command or a list of commands/],
  ];
  for (const [options, message] of mistakes) {
    await using tested = await startGMod(1, options);
    await tested.log.heard(message);
    assertKept(tested, "swordfish");
  }
});
