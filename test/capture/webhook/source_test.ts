import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { ProviderSettings } from "../../../src/capture/webhook/providers.ts";
import { UserError } from "../../../src/user_error.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { silentLog } from "../../support/silent_log.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { kofiBody, webhookSource, WebhookSourceUnderTest } from "../../support/webhook_source.ts";

const kofi: ProviderSettings = { kind: "kofi", name: "kofi", token: "kofi-token" };
const maxBytes = 256 * 1024;

/** A raw connection, for what `fetch` does not send. */
async function connect(url: string): Promise<Deno.TcpConn> {
  const { hostname, port } = new URL(url);
  return await Deno.connect({ hostname, port: Number(port) });
}

async function write(connection: Deno.Conn, text: string): Promise<void> {
  const bytes = new TextEncoder().encode(text);
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

/** What comes next; "" where the server has closed the connection. */
async function read(connection: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(10_000);
  const length = await connection.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, length ?? 0));
}

Deno.test("A webhook source follows the source of the config, and has no history and no end", () => {
  const { traits } = webhookSource({ providers: [kofi] }, { clock: new FakeClock(), log: silentLog() });
  assert.deepEqual(traits, {
    type: "webhook",
    isLive: true,
    keepsIds: true,
    hasHistory: false,
    keeps: "all",
    isEndless: true,
    hasRooms: false,
    follows: "main",
  });
});

Deno.test("A payment is answered only after it is committed", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi], commits: false });
  let isAnswered = false;
  const answer = source.post("/kofi", kofiBody()).finally(() => isAnswered = true);
  const { committed } = await source.event(1);
  // Another request goes all the way there and back meanwhile.
  assert.equal((await source.post("/nothing", "")).status, 404);
  assert.equal(isAnswered, false);
  committed?.();
  assert.equal((await answer).status, 200);
});

Deno.test("A payment that is not committed in time is answered 503, so that the provider tries again", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi], commits: false });
  const answer = source.post("/kofi", kofiBody());
  const first = await source.event(1);
  source.clock.advance(10_000);
  assert.equal((await answer).status, 503);
  // Too late for its answer, and no harm.
  first.committed?.();
  const again = source.post("/kofi", kofiBody());
  const second = await source.event(2);
  assert.equal(second.event.messageId, first.event.messageId);
  second.committed?.();
  assert.equal((await again).status, 200);
});

Deno.test("A stop answers what was committed, has what was not tried again, and ends", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi], commits: false });
  const kept = source.post("/kofi", kofiBody({ message_id: "kept" }));
  const { committed } = await source.event(1);
  const lost = source.post("/kofi", kofiBody({ message_id: "lost" }));
  await source.event(2);
  const stopped = source.stop();
  committed?.();
  assert.equal((await kept).status, 200);
  source.clock.advance(2_000);
  assert.equal((await lost).status, 503);
  await stopped;
  assert.equal(source.clock.timerCount, 0);
});

Deno.test("A stop does not wait for a client that stopped in the middle of its request", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  using inHeader = await connect(await source.url());
  await write(inHeader, "POST /kofi HT");
  using inBody = await connect(await source.url());
  await write(inBody, "POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ndata=");
  await source.post("/nothing", "");
  await source.stop();
  assert.equal(source.clock.timerCount, 0);
});

Deno.test("Only what is posted to a provider's path is taken", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  const url = await source.url();
  for (const path of ["/", "/kofi/x", "/patreon", "/__proto__", "/constructor"]) {
    assert.equal((await source.post(path, kofiBody())).status, 404, path);
  }
  const opened = await fetch(`${url}/kofi`);
  assert.equal(opened.status, 405);
  assert.equal(opened.headers.get("allow"), "POST");
  assert.match(await opened.text(), /Only POST/);
  assert.equal((await source.post("/kofi/?from=kofi", kofiBody())).status, 200);
  assert.equal(source.events.length, 1);
});

Deno.test("A body of up to 256 KB is taken, a longer one is answered 413, also where its length is not told", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  const body = kofiBody().toString();
  const filled = `${body}&rest=`.padEnd(maxBytes, "x");
  assert.equal((await source.post("/kofi", filled)).status, 200);
  assert.equal((await source.post("/kofi", filled + "x")).status, 413);

  using connection = await connect(await source.url());
  await write(connection, "POST /kofi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n");
  await write(connection, `${(maxBytes + 1).toString(16)}\r\n${"x".repeat(maxBytes + 1)}\r\n`);
  assert.match(await read(connection), /^HTTP\/1.1 413 /);
  assert.equal(source.events.length, 1);
});

Deno.test("A client that goes on sending after its answer is let go of", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  using connection = await connect(await source.url());
  await write(connection, `POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Length: ${maxBytes + 1}\r\n\r\ndata=`);
  assert.match(await read(connection), /^HTTP\/1.1 413 /);
  source.clock.advance(2_000);
  assert.equal(await read(connection), "");
});

Deno.test("A body that comes too slowly is answered 408", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  using connection = await connect(await source.url());
  await write(connection, "POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\ndata=");
  for (let others = 0; others < 5; others++) await source.post("/nothing", "");
  source.clock.advance(10_000);
  assert.match(await read(connection), /^HTTP\/1.1 408 /);
});

Deno.test("A body that came while the program stood still is taken, though its time was up", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  using connection = await connect(await source.url());
  const body = kofiBody().toString();
  const head = `POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n`;
  await write(connection, `${head}Content-Length: ${body.length}\r\n\r\n${body.slice(0, 10)}`);
  for (let others = 0; others < 5; others++) await source.post("/nothing", "");
  source.clock.stall(90_000);
  source.clock.advance(0);
  await write(connection, body.slice(10));
  assert.match(await read(connection), /^HTTP\/1.1 200 /);
  assert.equal(source.events.length, 1);
});

Deno.test("Clients that never ask for anything make room for one that does", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  const url = await source.url();
  const idle = await Promise.all(Array.from({ length: 128 }, () => connect(url)));
  try {
    await Promise.all(
      idle.map((connection, index) => write(connection, index % 2 === 0 ? "" : "POST /kofi HT")),
    );
    const shut = Promise.all(idle.map((connection) => read(connection).catch(() => "")));
    while (source.clock.timerCount < idle.length) await nextTurn();
    source.clock.advance(10_000);
    assert.ok((await shut).every((text) => text === ""));
    assert.equal((await source.post("/kofi", kofiBody())).status, 200);
  } finally {
    for (const connection of idle) connection.close();
  }
});

for (
  const [name, request] of [
    [
      "headers of 1 MB",
      `POST /kofi HTTP/1.1\r\nHost: x\r\n${`X-A: ${"a".repeat(1000)}\r\n`.repeat(1000)}\r\n`,
    ],
    ["an address of 1 MB", `POST /${"k".repeat(1_000_000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ["what is no HTTP", `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03${"\0".repeat(500)}`],
    ["two lengths", "POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"],
    ["a length below zero", "POST /kofi HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\nhello"],
    ["an encoding that is none", "POST /kofi HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: cow\r\n\r\nhello"],
  ] as const
) {
  Deno.test(`A request with ${name} is refused, and the next one is taken`, async () => {
    await using source = new WebhookSourceUnderTest({ providers: [kofi] });
    using connection = await connect(await source.url());
    // It may be cut off before it was sent whole.
    await write(connection, request).catch(() => {});
    assert.match(await read(connection).catch(() => ""), /^$|^HTTP\/1\.1 4/);
    assert.equal((await source.post("/kofi", kofiBody())).status, 200);
    assert.equal(source.events.length, 1);
  });
}

Deno.test("More requests at once than it can hold are answered 503, and it goes on afterwards", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi], commits: false });
  const answers = Array.from(
    { length: 40 },
    (_, index) => source.post("/kofi", kofiBody({ message_id: `m${index}` })),
  );
  await source.event(32);
  const refused = await Promise.race(answers);
  assert.equal(refused.status, 503);
  for (const { committed } of source.events) committed?.();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 200).length, 32);
  assert.equal(statuses.filter((status) => status === 503).length, 8);
  const after = source.post("/kofi", kofiBody());
  (await source.event(33)).committed?.();
  assert.equal((await after).status, 200);
});

Deno.test("While another program has the port, it says so, and listens as soon as the port is free", async () => {
  const other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = other.addr;
  await using source = new WebhookSourceUnderTest({ providers: [kofi], port });
  const first = await source.state("reconnecting");
  assert.ok(first.phase === "reconnecting" && first.why.includes(`Another program uses port ${port}`));
  assert.equal(first.nextAt, source.clock.now() + 1_000);
  source.clock.advance(1_000);
  await source.until(() => source.states.length === 2);
  const second = source.states[1];
  assert.ok(second?.phase === "reconnecting");
  assert.deepEqual([first.attempt, second.attempt], [1, 2]);
  assert.equal(second.nextAt, source.clock.now() + 2_000);
  other.close();
  source.clock.advance(2_000);
  await source.state("listening");
  assert.equal((await source.post("/kofi", kofiBody())).status, 200);
});

Deno.test("A stop while it waits for the port ends it", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await using source = new WebhookSourceUnderTest({ providers: [kofi], port: other.addr.port });
  await source.state("reconnecting");
  await source.stop();
  assert.equal(source.clock.timerCount, 0);
});

Deno.test("A capture that stops pulling ends it, too", async () => {
  const clock = new FakeClock();
  const source = webhookSource({ providers: [kofi] }, { clock, log: silentLog() });
  for await (const item of source.open(new AbortController().signal)) {
    assert.equal(item.kind, "state");
    break;
  }
  assert.equal(clock.timerCount, 0);
});

Deno.test("Wrong tokens are counted, and told once a minute", async () => {
  await using source = new WebhookSourceUnderTest({ providers: [kofi] });
  const wrong = () => source.post("/kofi", kofiBody({ verification_token: "guess" }));
  for (let count = 0; count < 5; count++) assert.equal((await wrong()).status, 401);
  assert.equal(source.log.entries.length, 1);
  source.clock.advance(60_000);
  await wrong();
  assert.equal(source.log.entries.length, 2);
  assert.match(source.log.entries[1]?.text ?? "", /4 more/);
  await source.until(() => {
    const state = source.states.at(-1);
    return state?.phase === "listening" && state.title.includes("(6 refused)");
  });
  assert.equal(source.events.length, 0);
});

Deno.test("Secrets are read from the environment and from files of the config's folder", async () => {
  const variable = "LIVECUE_TEST_OF_WEBHOOK_SOURCE";
  Deno.env.set(variable, "kofi-token");
  await withFolder(async (configFolder) => {
    await Deno.writeTextFile(`${configFolder}/token.txt`, "kofi-token\n");
    for (const secret of [{ token_file: "token.txt" }, { token_env: variable }]) {
      const providers: ProviderSettings[] = [{ kind: "kofi", name: "kofi", ...secret }];
      await using source = new WebhookSourceUnderTest({ providers, configFolder });
      assert.equal((await source.post("/kofi", kofiBody())).status, 200);
    }
  }).finally(() => Deno.env.delete(variable));
});

Deno.test("A secret that cannot be read ends the source with what to do", async () => {
  const cases: [ProviderSettings, RegExp][] = [
    [
      { kind: "kofi", name: "kofi", token_env: "LIVECUE_NO_SUCH" },
      /tips.*"kofi".*LIVECUE_NO_SUCH.*is not set/,
    ],
    [{ kind: "kofi", name: "kofi", token_file: "no-such-file" }, /there is no file no-such-file/],
    [{ kind: "patreon", name: "patreon", currency: "USD" }, /it has no secret\. Set "secret"/],
    [{ kind: "mapped", name: "shop", secret: "whsec_!?", map: { type: "DonationEvent" } }, /not base64/],
  ];
  for (const [provider, sentence] of cases) {
    await using source = new WebhookSourceUnderTest({ providers: [provider] });
    await assert.rejects(source.running, (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /!\?/);
      return true;
    });
  }
});
