/** Signals that a terminal sends to its foreground processes, and the programs that services have started. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writeConfig } from "../support/livecue.ts";
import { holdOpen } from "../support/open_pipe.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Terminal, withTerminal } from "../support/terminal.ts";

const parent = fileURLToPath(new URL("../support/services/parent.ts", import.meta.url));

interface Case {
  stopsIt: boolean;
  end: (terminal: Terminal) => Promise<void>;
}

/** Which signals a service's program gets, in order, in each isolation and started in each way. */
async function signalsOf({ stopsIt, end }: Case): Promise<Record<string, string[]>> {
  const got: Record<string, string[]> = {};
  await withFolder(async (folder) => {
    const services: Record<string, unknown> = {};
    const fileOf = (slug: string) => join(folder, `${slug}.signals`);
    for (const isolation of ["worker", "process"]) {
      for (const by of ["Deno.Command", "node:child_process"]) {
        const slug = `${isolation}-${by.replace(/\W.*/, "").toLowerCase()}`;
        const options = { file: fileOf(slug), by, stopsIt };
        services[slug] = {
          service_class: parent,
          isolation,
          options,
          // `node:child_process` passes on the whole environment.
          permissions: { run: ["sh"], env: true },
          subscriptions: { CommentEvent: {} },
        };
      }
    }
    writeConfig(folder, { services });
    const pipe = await holdOpen(join(folder, "alive"));
    await withTerminal(folder, { size: { columns: 120, rows: 40 } }, async (terminal) => {
      await terminal.enter("livecue work 9>alive");
      for (const slug of Object.keys(services)) {
        await terminal.shows(new RegExp(`\\[${slug}\\] its program is ready`));
      }
      await end(terminal);
      await pipe.isLeft;
    });
    for (const slug of Object.keys(services)) {
      got[slug] = (await Deno.readTextFile(fileOf(slug))).trim().split("\n");
    }
  });
  return got;
}

function each(signals: string[]): Record<string, string[]> {
  const slugs = ["worker-deno", "worker-node", "process-deno", "process-node"];
  return Object.fromEntries(slugs.map((slug) => [slug, signals]));
}

const pressesCtrlC = (terminal: Terminal) => terminal.press("C-c");
const closesWindow = (terminal: Terminal) => terminal.close();

for (const [what, end] of Object.entries({ "Ctrl-C": pressesCtrlC, "A closed window": closesWindow })) {
  Deno.test({
    name: `${what} does not reach a service's programs, which their service stops in order`,
    ignore: lacksTmux,
    fn: async () => assert.deepEqual(await signalsOf({ stopsIt: true, end }), each(["TERM"])),
  });
}

Deno.test({
  name:
    "What a service leaves running gets the Ctrl-C when the service has stopped, and does not outlive Livecue",
  ignore: lacksTmux,
  fn: async () => assert.deepEqual(await signalsOf({ stopsIt: false, end: pressesCtrlC }), each(["INT"])),
});

Deno.test({
  name: "Programs that a service leaves running end when the window is closed, as usual",
  ignore: lacksTmux,
  fn: async () => assert.deepEqual(await signalsOf({ stopsIt: false, end: closesWindow }), each(["HUP"])),
});
