import assert from "node:assert/strict";
import type { SourceItem } from "../../../src/source.ts";
import { WebhookSourceUnderTest } from "../../support/webhook_source.ts";

const providers = [{ kind: "readings" as const, name: "readings", token: "secret-key" }];
const headers = { authorization: "Bearer secret-key" };
type Readings = Extract<SourceItem, { kind: "readings" }>;

async function post(source: WebhookSourceUnderTest, body: unknown, given: Record<string, string> = headers) {
  return await source.post("/readings", typeof body === "string" ? body : JSON.stringify(body), given);
}

Deno.test("Posted readings are answered with 200 only after they are stored", async () => {
  await using source = new WebhookSourceUnderTest({ providers, commits: false });
  let isAnswered = false;
  const at = source.clock.now() - 5_000;
  const posted = post(source, [
    { channel: "tank", at, value: 41.5 },
    { channel: "tank", at: new Date(at + 1_000).toISOString(), value: "42" },
    { channel: "door", value: 1 },
  ]).finally(() => isAnswered = true);
  await source.until(() => source.batches.length === 1);
  const [{ batch }] = source.batches as [Readings];
  assert.deepEqual(batch.readings, [
    { channel: "tank", at, value: 41.5 },
    { channel: "tank", at: at + 1_000, value: 42 },
    { channel: "door", at: source.clock.now(), value: 1 },
  ]);
  assert.equal(isAnswered, false);
  batch.committed?.();
  assert.deepEqual(await posted, { status: 200, text: "Thank you.\n" });
});

Deno.test("A sender of readings learns which are wrong, and the others are stored", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  const { status, text } = await post(source, [
    { channel: "tank", value: 41.5 },
    { channel: "tank", value: "full" },
    { channel: "tank", at: "yesterday", value: 1 },
  ]);
  assert.equal(status, 200);
  assert.match(text, /^Livecue stored 1 of 3 readings\. The request sent .* the value of tank is "full"/);
});

Deno.test("What is no reading in a list of readings is counted as wrong, and the others are stored", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  const { status, text } = await post(source, [{ channel: "tank", value: 41.5 }, { channel: "tank" }, {
    value: 1,
  }, 5]);
  assert.equal(status, 200);
  assert.match(text, /^Livecue stored 1 of 4 readings\. The request sent .* the value of tank is "missing"/);
});

Deno.test("Readings without the token, or of another form, are refused", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  const reading = { channel: "tank", value: 1 };
  assert.equal((await post(source, reading, {})).status, 401);
  assert.equal((await post(source, reading, { authorization: "Bearer secret-kez" })).status, 401);
  assert.equal((await post(source, "{")).status, 400);
  for (const body of [1, null, "[[1]]", { channel: 5, value: 1 }, { channel: "tank" }]) {
    assert.equal((await post(source, body)).status, 422, JSON.stringify(body));
  }
  assert.equal((await post(source, Array.from({ length: 1_001 }, () => reading))).status, 422);
  assert.equal(source.batches.length, 0);
});
