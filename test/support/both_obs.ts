/** One test against the stand-in for OBS and against OBS itself, so that the stand-in is held to the real one. */
import { FakeObs } from "./fake_obs.ts";
import { lacksObs, ObsProcess } from "./obs_process.ts";
import type { ObsInTest, Setup } from "./obs_setup.ts";
import { RealObs } from "./real_obs.ts";

let started: Promise<ObsProcess> | null = null;

/** The OBS that the tests of this file share. */
if (!lacksObs) {
  Deno.test.beforeAll(async () => {
    await (started = ObsProcess.start());
  });
  Deno.test.afterAll(async () => {
    await (await started)?.end();
  });
}

/** A test that needs the packages obs-studio, obs-plugins and xvfb. */
export function testWithObs(name: string, setup: Setup, run: (obs: RealObs) => Promise<void>): void {
  Deno.test({
    name: lacksObs ? `${name} (there is no OBS)` : `${name} (OBS)`,
    ignore: lacksObs,
    sanitizeResources: !setup.restarts,
    sanitizeOps: !setup.restarts,
    fn: async () => {
      await using obs = await RealObs.open(await started as ObsProcess, setup);
      await run(obs);
    },
  });
}

export function testWithBothObs(name: string, setup: Setup, run: (obs: ObsInTest) => Promise<void>): void {
  Deno.test(`${name} (stand-in)`, async () => {
    await using obs = new FakeObs(setup);
    await run(obs);
  });
  testWithObs(name, setup, run);
}
