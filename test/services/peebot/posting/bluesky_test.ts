import assert from "node:assert/strict";
import { Bluesky } from "../../../../services/peebot/posting/bluesky.ts";
import type { Draft } from "../../../../services/peebot/posting/network.ts";
import { recordKeyOf } from "../../../../services/peebot/posting/record_key.ts";
import { FinalError, RetryLaterError, UserError } from "../../../../src/kit/service.ts";
import { appPassword, failure, FakeBluesky, handle } from "../../../support/fake_bluesky.ts";

const draft: Draft = {
  key: "a".repeat(32),
  at: Date.UTC(2026, 10, 27, 3),
  text: "The tank is filling.",
  level: 41,
  rise: 4,
};
const { signal } = new AbortController();

function accountOf(server: FakeBluesky, password = appPassword): Bluesky {
  return new Bluesky({ service: server.url, handle, password, languages: ["en"] });
}

function texts({ records }: FakeBluesky): string[] {
  return [...records.values()].map(({ record }) => record.text);
}

Deno.test("A post on Bluesky is a record with its text, time and language, and its address is known", async () => {
  await using server = new FakeBluesky();
  const address = await accountOf(server).publish(draft, signal);
  const [stored] = server.records.values();
  assert.equal(address, `https://bsky.app/profile/${handle}/post/${stored?.rkey}`);
  assert.equal(stored?.record.text, draft.text);
  assert.equal(stored?.record.createdAt, "2026-11-27T03:00:00.000Z");
  assert.deepEqual(stored?.record.langs, ["en"]);
  assert.equal(stored?.record.facets, undefined);
});

Deno.test("An answer that is lost is asked for, and nothing is posted twice", async () => {
  await using server = new FakeBluesky();
  const account = accountOf(server);
  server.onStored = () => Promise.resolve(failure(502, "UpstreamFailure", "Bad gateway"));
  await assert.rejects(account.publish(draft, signal), (error) => {
    assert.ok(error instanceof UserError && !(error instanceof FinalError));
    assert.match(error.message, /^127\.0\.0\.1:\d+ answered 502 "Bad gateway"$/);
    return true;
  });
  assert.match(await account.find(draft, signal) ?? "", /\/post\//);
  assert.deepEqual(texts(server), [draft.text]);
  assert.equal(server.count("createRecord"), 1);
});

Deno.test("A try that did not arrive is asked for, and then posted", async () => {
  await using server = new FakeBluesky();
  server.next.set("createRecord", [failure(503, "ServiceUnavailable", "")]);
  const account = accountOf(server);
  await assert.rejects(account.publish(draft, signal), /answered 503/);
  assert.equal(await account.find(draft, signal), null);
  await account.publish(draft, signal);
  assert.deepEqual(texts(server), [draft.text]);
  assert.equal(server.count("getRecord"), 1);
});

Deno.test("Two tries that both arrive have one key, so the server stores one record", async () => {
  await using server = new FakeBluesky();
  await accountOf(server).publish(draft, signal);
  await assert.rejects(accountOf(server).publish(draft, signal), /answered 500/);
  assert.deepEqual(texts(server), [draft.text]);
});

Deno.test("An expired token is refreshed, and after an expired refresh token the account signs in again", async () => {
  await using server = new FakeBluesky();
  const account = accountOf(server);
  await account.publish(draft, signal);
  server.expireAccess();
  await account.publish({ ...draft, key: "b" }, signal);
  assert.deepEqual([server.count("createSession"), server.count("refreshSession")], [1, 1]);
  server.expireAccess();
  server.expireRefresh();
  await account.publish({ ...draft, key: "c" }, signal);
  assert.deepEqual([server.count("createSession"), server.count("refreshSession")], [2, 2]);
  assert.equal(server.records.size, 3);
});

Deno.test("A wrong password is said with what to do, and without the password", async () => {
  await using server = new FakeBluesky();
  await assert.rejects(accountOf(server, "wrong-pass-word").publish(draft, signal), (error) => {
    assert.ok(error instanceof FinalError);
    assert.match(
      error.message,
      /answered 401 "Invalid identifier or password": check "handle" and the app password/,
    );
    assert.doesNotMatch(error.message, /wrong-pass-word/);
    return true;
  });
  assert.equal(server.records.size, 0);
});

Deno.test("A rate limit says how long to wait, by ratelimit-reset", async () => {
  await using server = new FakeBluesky();
  const reset = String(Math.floor(Date.now() / 1000) + 90);
  server.next.set("createRecord", [
    failure(429, "RateLimitExceeded", "Rate Limit Exceeded", { "ratelimit-reset": reset }),
  ]);
  await assert.rejects(accountOf(server).publish(draft, signal), (error) => {
    assert.ok(error instanceof RetryLaterError);
    assert.ok(error.retryAfterMs > 80_000 && error.retryAfterMs <= 90_000, String(error.retryAfterMs));
    return true;
  });
});

Deno.test("300 families of emoji are a post, and 301 characters are said to be too long before anything is sent", async () => {
  await using server = new FakeBluesky();
  const account = accountOf(server);
  const family = "👨‍👩‍👧‍👦";
  await account.publish({ ...draft, text: family.repeat(100) + "a".repeat(200) }, signal);
  await assert.rejects(
    account.publish({ ...draft, text: family.repeat(100) + "a".repeat(201) }, signal),
    (error) => {
      assert.ok(error instanceof FinalError);
      assert.match(error.message, /the text has 301 characters, and Bluesky allows 300/);
      return true;
    },
  );
  await assert.rejects(account.publish({ ...draft, text: family.repeat(150) }, signal), /3750 bytes/);
  assert.equal(server.count("createRecord"), 1);
});

Deno.test("Links, hashtags and mentions are at their bytes", async () => {
  await using server = new FakeBluesky();
  const text =
    "🚀 Grüße an @iss.example.com und @nobody.example.com: #Tank (https://example.com/a?b=ä). #7 #️⃣ #voll!";
  await accountOf(server).publish({ ...draft, text }, signal);
  const [stored] = server.records.values();
  const bytes = new TextEncoder().encode(text);
  const shown = stored?.record.facets?.map(({ index: { byteStart, byteEnd }, features: [feature] }) => [
    new TextDecoder().decode(bytes.subarray(byteStart, byteEnd)),
    feature?.["did"] ?? feature?.["tag"] ?? feature?.["uri"],
  ]);
  assert.deepEqual(shown, [
    ["@iss.example.com", "did:plc:station"],
    ["#Tank", "Tank"],
    ["https://example.com/a?b=ä", "https://example.com/a?b=ä"],
    ["#voll", "voll"],
  ]);
});

Deno.test("A record's key is a TID: 13 characters, the same for a post, another for each, and in order of time", () => {
  const key = recordKeyOf(draft);
  assert.match(key, /^[234567abcdefghij][234567a-z]{12}$/);
  assert.equal(recordKeyOf(draft), key);
  assert.notEqual(recordKeyOf({ ...draft, key: "b" }), key);
  assert.ok(recordKeyOf({ ...draft, at: draft.at + 2 }) > key);
  // The first microsecond that a TID can name.
  assert.match(recordKeyOf({ key: "", at: 0 }), /^22222222/);
});

Deno.test("A server that is not there is a sentence", async () => {
  const gone = new FakeBluesky();
  await gone[Symbol.asyncDispose]();
  await assert.rejects(
    accountOf(gone).publish(draft, signal),
    /^UserError: 127\.0\.0\.1:\d+ could not be reached \(.+\)$/,
  );
});
