/**
 * As test/commands/bad_services_test.ts, one at a time, in workers and in processes, with what a service beside it does
 * meanwhile: deno task test:bad [NAME…]. Its rate and the largest gap between two captured events are told beside those
 * of runs without a bad service, which stand before each ten: a busy machine makes them worse, too.
 */
import * as kinds from "../support/bad_kinds.ts";
import { type BadService, type Measured, runBeside } from "../support/bad_run.ts";
import { withFolder } from "../support/temporary_store.ts";

const { throwing, wrongValues, flooding, forging, hanging, stuck } = kinds;
const always = { ...throwing, ...wrongValues, ...flooding, ...forging, ...hanging };
const all: BadService[] = [
  ...kinds.servicesOf(always, "worker"),
  ...kinds.brokenServices("worker"),
  ...kinds.servicesOf({ ...always, ...stuck }, "process"),
  ...kinds.brokenServices("process"),
];
const chosen = all.filter(({ slug }) => Deno.args.length === 0 || Deno.args.includes(slug));

let baseline: Measured | null = null;
let failures = 0;
for (const [index, service] of chosen.entries()) {
  if (index % 10 === 0) {
    baseline = await run([]);
    if (baseline !== null) console.log(`alone: ${described(baseline)}`);
  }
  // In the midst of what is measured, and again.
  const does = "how" in service.does ? { ...service.does, every: 250 } : service.does;
  const measured = await run([{ ...service, does }]);
  if (measured === null) failures++;
  else console.log(`${service.slug} in a ${service.isolation}: ${described(measured)}`);
}
console.log(`${chosen.length - failures} passed, ${failures} failed`);
Deno.exit(failures === 0 ? 0 : 1);

async function run(services: BadService[]): Promise<Measured | null> {
  let measured: Measured | null = null;
  await withFolder(async (folder) => {
    try {
      measured = await runBeside(folder, { services, rate: 200, events: 1_000 });
    } catch (error) {
      console.error(services.map(({ slug }) => slug).join(), error);
    }
  });
  return measured;
}

function described({ rate, largestGapMs }: Measured): string {
  const percent = baseline === null ? "" : ` (${Math.round(rate * 100 / baseline.rate)} %)`;
  return `${rate.toFixed(1)} events/s${percent}, largest gap ${largestGapMs} ms`;
}
