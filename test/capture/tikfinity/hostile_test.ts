/** TikFinity's source among servers that do what no server should: it says so, and goes on. */
import assert from "node:assert/strict";
import { assertSentence, HostileServer, socketMisbehaviors } from "../../support/hostile_server.ts";
import { whileTimePasses } from "../../support/passing_time.ts";
import { TikfinityScene } from "../../support/tikfinity_scene.ts";

const maxGrowthBytes = 200 * 1024 * 1024;
/** It answers pings, or sends them: it is there, and its live is quiet. */
const quiet = ["pings without an end"];

for (const [name, { isSlow, behave }] of Object.entries(socketMisbehaviors)) {
  if (quiet.includes(name)) continue;
  Deno.test(`A TikFinity that ${name} is told of in a sentence, and tried again`, async () => {
    await using hostile = new HostileServer(behave);
    await using scene = new TikfinityScene(`ws://${hostile.host}/`);
    const before = Deno.memoryUsage().rss;
    const reconnecting = scene.until("reconnecting");
    await hostile.requested;
    const { why } = await (isSlow ? whileTimePasses(scene.clock, reconnecting) : reconnecting);
    assertSentence(why);
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
    const { attempt } = await whileTimePasses(scene.clock, scene.until("reconnecting"));
    assert.equal(attempt, 2);
  });
}
