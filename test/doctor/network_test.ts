import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { type Finding } from "../../src/doctor/finding.ts";
import { networkOf } from "../../src/doctor/network.ts";
import { FakeClock } from "../support/fake_clock.ts";

const signal = new AbortController().signal;

/** A server that answers every request with this date. */
function serve(date: string): { url: string; paths: string[]; stop(): Promise<void> } {
  const paths: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    paths.push(new URL(request.url).pathname);
    return new Response(null, { status: 404, headers: { date } });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, paths, stop: () => server.shutdown() };
}

async function look(config: object, clock = new FakeClock()): Promise<Record<string, Finding[]>> {
  const { sources } = parseConfig(JSON.stringify(config), { path: "/ana/config.jsonc" });
  const found = await Promise.all(
    networkOf({ sources }, clock).map(async ({ name, look }) => [name, await look(signal)]),
  );
  return Object.fromEntries(found);
}

for (
  const [name, aheadMs, says] of [
    ["right", 20_000, /^This computer's clock is correct\.$/],
    [
      "ahead",
      600_000,
      /^This computer's clock is 10 min ahead of TikTok's: let the system set it\. Until then/,
    ],
    ["behind", -7_200_000, /^This computer's clock is 120 min behind TikTok's/],
  ] as const
) {
  Deno.test(`A clock is compared with TikTok's: ${name}`, async () => {
    const clock = new FakeClock();
    const server = serve(new Date(clock.now() - aheadMs).toUTCString());
    try {
      const { TikTok = [] } = await look(
        { tiktok: { endpoints: { web: server.url, sign: server.url } } },
        clock,
      );
      assert.deepEqual(TikTok[0], { verdict: "well", text: `${server.url} answers.` });
      assert.match(TikTok[1]?.text ?? "", says);
      assert.equal(TikTok[1]?.verdict, name === "right" ? "well" : "odd");
    } finally {
      await server.stop();
    }
  });
}

Deno.test("The sign server is asked for its home page, which uses no connection, and the key is never shown", async () => {
  const server = serve("");
  try {
    const endpoints = { web: server.url, sign: server.url };
    const without = await look({ tiktok: { endpoints } });
    assert.match(
      without["Sign server"]?.[0]?.text ?? "",
      /answers\. There is no key, so it allows only a few/,
    );
    const found = await look({ tiktok: { endpoints, sign_api_key: "very-secret" } });
    assert.match(found["Sign server"]?.[0]?.text ?? "", /Your key will be sent/);
    assert.doesNotMatch(JSON.stringify(found), /very-secret/);
    assert.deepEqual(new Set(server.paths), new Set(["/"]));
  } finally {
    await server.stop();
  }
});

Deno.test("An unreachable server is reported with its address and what to do, including TikFinity", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  const address = `http://127.0.0.1:${port}`;
  const found = await look({
    sources: {
      main: { type: "tiktok", endpoints: { web: address, sign: address } },
      second: { type: "tiktok", endpoints: { web: address, sign: address } },
      other: { type: "tikfinity", url: `ws://127.0.0.1:${port}/` },
    },
  });
  assert.deepEqual(Object.keys(found), ["TikTok", "Sign server", "Source other"]);
  for (const [name, findings] of Object.entries(found)) {
    assert.deepEqual(findings.map(({ verdict }) => verdict), ["wrong"], name);
    assert.match(findings[0]?.text ?? "", new RegExp(`127\\.0\\.0\\.1:${port}.*(check the|start it)`), name);
  }
});

Deno.test("A port for payments that another program uses is reported", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const tips = { type: "webhook", host: "127.0.0.1", port, providers: { kofi: { token: "secret-of-kofi" } } };
  const sources = { tips };
  const taken = await look({ sources });
  assert.match(taken["Source tips"]?.[0]?.text ?? "", new RegExp(`^Port ${port} is in use`));
  listener.close();
  assert.equal((await look({ sources }))["Source tips"]?.[0]?.verdict, "well");
});
