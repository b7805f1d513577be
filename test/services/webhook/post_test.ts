/** A webhook's POST to servers that do what no server should. */
import assert from "node:assert/strict";
import { post } from "../../../services/webhook/post.ts";
import { HostileServer, httpMisbehaviors } from "../../support/hostile_server.ts";

const maxTakenBytes = 64 * 1024 * 1024;
const maxGrowthBytes = 200 * 1024 * 1024;
/** They have said 200 before they misbehave, and nothing of what follows is of use. */
const taken = [
  "stops within its body",
  "hangs up within its body",
  "sends a body of 1.5 GB",
  "sends chunks without an end",
  "sends 300 MB as 300 KB",
  "sends what is not gzip as such",
  "sends binary garbage",
  "sends lists in lists, a million deep",
  "sends a page",
];

for (const [name, { behave }] of Object.entries(httpMisbehaviors)) {
  Deno.test(`A target that ${name} has a verdict in time`, async () => {
    await using hostile = new HostileServer(behave);
    const before = Deno.memoryUsage().rss;
    const answer = await post({
      url: new URL(`${hostile.origin}/hook?token=secret-key`),
      headers: new Headers({ "content-type": "application/json" }),
      body: "{}",
      timeoutMs: 500,
      signal: new AbortController().signal,
    }, (text) => text.replaceAll("secret-key", "…"));
    if (taken.includes(name)) assert.equal(answer.kind, "accepted");
    else {
      assert.notEqual(answer.kind, "accepted");
      const { why } = answer as { why: string };
      assert.match(why, /^127\.0\.0\.1:\d+ /);
      assert.doesNotMatch(why, /\p{Cc}|secret-key|undefined|\[object/u);
    }
    assert.ok(hostile.sentBytes < maxTakenBytes, `${hostile.sentBytes} bytes were taken`);
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
  });
}
