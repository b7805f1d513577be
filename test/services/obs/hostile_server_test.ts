/** OBS's service among servers that do what no server should. */
import assert from "node:assert/strict";
import { HostileServer, socketMisbehaviors } from "../../support/hostile_server.ts";
import { onWords, startObs } from "../../support/obs_under_test.ts";

const rules = onWords({ lights: { action: "show", source: "lights", seconds: 1 } });

for (const [name, { isSlow, behave }] of Object.entries(socketMisbehaviors)) {
  // Those take as long as the limits of real time are.
  if (isSlow) continue;
  Deno.test(`An OBS that ${name} is told of, and the service goes on`, async () => {
    await using hostile = new HostileServer(behave);
    const port = Number(hostile.host.split(":")[1]);
    await using tested = await startObs({ port }, { rules, wait_seconds: 0 });
    await hostile.requested;
    const { text } = await tested.log.heard(/OBS/);
    assert.doesNotMatch(text, /\p{Cc}|undefined|\[object/u);
    assert.equal(tested.runner.state.phase, "running");
    assert.deepEqual(tested.log.entries.filter(({ text }) => /bug|Uncaught/.test(text)), []);
  });
}
