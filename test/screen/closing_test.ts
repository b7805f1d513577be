/** The window of the terminal is closed while Livecue runs in it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Gate } from "../support/gate.ts";
import { query, writeConfig } from "../support/livecue.ts";
import { holdOpen } from "../support/open_pipe.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, withTerminal } from "../support/terminal.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const most = { CommentEvent: {}, JoinEvent: {}, GiftEvent: {}, LikeEvent: {} };

/** Deno itself forwards the signals that it gets, with a delay. */
const task = `deno task --quiet --cwd ${root} livecue --config "$PWD/config.jsonc"`;
const demo = 'demo --rate 50 --database "$PWD/livecue.db"';

const commands = {
  "with the screen": `livecue ${demo}`,
  "with the screen and no source": "livecue start",
  "with a plain log": `livecue ${demo} --plain`,
  "with the screen, by deno task": `${task} ${demo}`,
  "with a plain log, by deno task": `${task} ${demo} --plain`,
};

for (const [how, command] of Object.entries(commands)) {
  Deno.test({
    name: `Closing the terminal's window ends the session in order and leaves nothing running, ${how}`,
    ignore: lacksTmux,
    fn: () => closesInOrder(command),
  });
}

async function closesInOrder(command: string): Promise<void> {
  await withFolder(async (folder) => {
    await using gate = new Gate();
    const log = join(folder, "livecue.log");
    const isolations = ["worker", "process"] as const;
    const services = Object.fromEntries(
      isolations.map((isolation) => [isolation, gate.service({ subscriptions: most, isolation })]),
    );
    writeConfig(folder, { services, log_file: log });
    const hasSource = command.includes("demo");
    const pipe = await holdOpen(join(folder, "alive"));
    await withTerminal(folder, {}, async (terminal) => {
      await terminal.enter(`${command} 9>alive`);
      await terminal.shows(hasSource ? /joined/ : /1 Events/);
      if (hasSource) await gate.arrival(2);
      await terminal.close();
      gate.open();
      await pipe.isLeft;
    });
    const told = await Deno.readTextFile(log);
    assert.doesNotMatch(told, /^\S+ error/m);
    // If nothing has been captured yet, they may not have started.
    const started = hasSource ? isolations : [];
    for (const isolation of started) assert.match(told, new RegExp(`\\[${isolation}\\] closing`));
    const sessions = query<{ status: string; end_reason: string }>(folder, "SELECT * FROM live_session");
    assert.deepEqual(
      sessions.map(({ status, end_reason }) => `${status}: ${end_reason}`),
      hasSource ? ["completed: Stopped by the user."] : [],
    );
  });
}
