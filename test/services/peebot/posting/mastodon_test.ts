import assert from "node:assert/strict";
import { countedLength, Mastodon, plainTextOf } from "../../../../services/peebot/posting/mastodon.ts";
import type { Draft } from "../../../../services/peebot/posting/network.ts";
import { FinalError, RetryLaterError } from "../../../../src/kit/service.ts";
import { FakeMastodon, token } from "../../../support/fake_mastodon.ts";

const { signal } = new AbortController();
const text = 'It\'s "filling" <again> & again:\n\n41 % #Tank\nhttps://example.com/a?b=1';

function draftOf(given: Partial<Draft> = {}): Draft {
  return { key: "a".repeat(32), at: Date.now(), text, level: 41, rise: 4, ...given };
}

function accountOf(server: FakeMastodon, given = token): Mastodon {
  return new Mastodon({ instance: server.url, token: given, visibility: "unlisted", language: "en" });
}

function gone(): Promise<Response> {
  return Promise.resolve(Response.json({ error: "Bad gateway" }, { status: 502 }));
}

Deno.test("A post on Mastodon has its text and its visibility, and its address is known", async () => {
  await using server = new FakeMastodon();
  assert.equal(await accountOf(server).publish(draftOf(), signal), `${server.url}/@peebot/1`);
  assert.deepEqual(server.statuses.map(({ text, visibility }) => [text, visibility]), [[text, "unlisted"]]);
});

Deno.test("An answer that is lost is found among the account's posts, within the hour and after it", async () => {
  await using server = new FakeMastodon();
  const account = accountOf(server);
  server.onStored = gone;
  const draft = draftOf();
  await assert.rejects(account.publish(draft, signal), /answered 502 "Bad gateway"/);
  assert.equal(await account.find(draft, signal), `${server.url}/@peebot/1`);
  server.forget();
  assert.equal(await account.find(draft, signal), `${server.url}/@peebot/1`);
  assert.equal(server.statuses.length, 1);
});

Deno.test("A try that arrives twice has one Idempotency-Key, so the instance posts once", async () => {
  await using server = new FakeMastodon();
  const draft = draftOf();
  await Promise.all([accountOf(server).publish(draft, signal), accountOf(server).publish(draft, signal)]);
  assert.equal(server.statuses.length, 1);
});

Deno.test("A try that did not arrive is posted, even if an old post has the same text", async () => {
  await using server = new FakeMastodon();
  server.statuses.push({ id: "1", text, visibility: "public", createdAt: "2026-01-01T00:00:00.000Z" });
  assert.equal(await accountOf(server).find(draftOf(), signal), null);
  assert.equal(await accountOf(server).publish(draftOf(), signal), `${server.url}/@peebot/2`);
});

Deno.test("A wrong token, a missing scope and a rate limit are sentences", async () => {
  await using server = new FakeMastodon();
  await assert.rejects(accountOf(server, "wrong-token").publish(draftOf(), signal), (error) => {
    assert.ok(error instanceof FinalError);
    assert.match(error.message, /answered 401 "The access token is invalid": check the access token$/);
    return true;
  });
  const forbidden = Response.json({ error: "This action is outside the authorized scopes" }, { status: 403 });
  server.next.set("/api/v1/accounts/verify_credentials", [forbidden]);
  await assert.rejects(
    accountOf(server).find(draftOf(), signal),
    /needs the scopes read:accounts, read:statuses/,
  );
  const reset = new Date(Date.now() + 120_000).toISOString();
  server.next.set("/api/v1/statuses", [
    new Response("{}", { status: 429, headers: { "x-ratelimit-reset": reset } }),
  ]);
  await assert.rejects(accountOf(server).publish(draftOf(), signal), (error) => {
    assert.ok(
      error instanceof RetryLaterError && error.retryAfterMs > 110_000 && error.retryAfterMs <= 120_000,
    );
    return true;
  });
  assert.equal(server.statuses.length, 0);
});

Deno.test("A text may be as long as the instance says, with each link counted as it counts them", async () => {
  await using server = new FakeMastodon();
  await assert.rejects(
    accountOf(server).publish(draftOf({ text: "ä".repeat(501) }), signal),
    /501 characters.+allows 500/,
  );
  server.maxCharacters = 1000;
  await accountOf(server).publish(draftOf({ text: "ä".repeat(501) }), signal);
  assert.equal(
    countedLength(`https://example.com/${"a".repeat(100)} 👨‍👩‍👧‍👦 @ana@example.com`, 23),
    23 + 1 + 1 + 1 + 4,
  );
});

Deno.test("The text of a post is read from its HTML", () => {
  assert.equal(
    plainTextOf("<p>a &lt;b&gt; &amp;amp; &#39;c&#x27;<br>d</p><p>e</p>"),
    "a <b> &amp; 'c'\nd\ne",
  );
  assert.equal(plainTextOf("&#x110000; &unknown;"), "&#x110000; &unknown;");
});
