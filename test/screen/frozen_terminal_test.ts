/** A terminal that does not read: a stopped one, or one at the end of a connection that has died. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { systemClock } from "../../src/clock.ts";
import { Gate } from "../support/gate.ts";
import { query, writeConfig } from "../support/livecue.ts";
import { holdOpen } from "../support/open_pipe.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, type Terminal, withTerminal } from "../support/terminal.ts";

/** More than an unread terminal accepts plus what Livecue keeps for it. */
const manyComments = 400;
const longestWaitMs = 60_000;

/** Fails if it takes too long. */
async function inTime<Result>(work: Promise<Result>, what: string): Promise<Result> {
  const late = Promise.withResolvers<never>();
  const cancel = systemClock.after(longestWaitMs, () => late.reject(new Error(`too late: ${what}`)));
  return await Promise.race([work, late.promise]).finally(cancel);
}

async function withFrozenTerminal(
  args: string,
  use: (parts: { terminal: Terminal; ended: Promise<unknown>; folder: string }) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    gate.open();
    const all = { subscriptions: { CommentEvent: {}, JoinEvent: {} } };
    writeConfig(folder, { services: { counting: gate.service(all) } });
    const pipe = await holdOpen(join(folder, "alive"));
    await withTerminal(folder, {}, async (terminal) => {
      await terminal.enter(`livecue demo --rate 300 --database livecue.db ${args} 9>alive`);
      await terminal.shows(/ joined/);
      await terminal.freeze();
      await inTime(gate.arrival(gate.arrived.length + manyComments), "the service's items");
      await use({ terminal, ended: pipe.isLeft, folder });
    });
  });
}

for (const [face, args] of Object.entries({ "the screen": "", "the plain log": "--plain" })) {
  Deno.test({
    name: `A terminal that does not read blocks no event, and shows ${face} again when it reads`,
    ignore: lacksTmux,
    fn: () =>
      withFrozenTerminal(args, async ({ terminal, ended }) => {
        terminal.thaw();
        await terminal.shows(args === "" ? /2 Services/ : / joined/);
        terminal.kill("SIGTERM");
        await inTime(ended, "the end");
        await terminal.shows(/1 session, \d+ events stored/);
      }),
  });

  Deno.test({
    name: `Under ${face}, a stop ends although the terminal does not read, and everything is stored`,
    ignore: lacksTmux,
    fn: () =>
      withFrozenTerminal(args, async ({ terminal, ended, folder }) => {
        terminal.kill("SIGTERM");
        await inTime(ended, "the end");
        const [session] = query(folder, "SELECT status, end_reason FROM live_session");
        assert.deepEqual({ ...session }, { status: "completed", end_reason: "Stopped by the user." });
      }),
  });
}
