/** The commands for games with the whole program, as a person types them. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { GameViews } from "../../../../services/overlays/games/games.ts";
import { livecue, startLivecue, writeConfig } from "../../../support/livecue.ts";
import { withFolder } from "../../../support/temporary_store.ts";

const overlays = fileURLToPath(new URL("../../../../services/overlays/main.ts", import.meta.url));

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function writeGames(folder: string, options: Record<string, unknown> = {}): string {
  const port = freePort();
  writeConfig(folder, {
    services: {
      overlays: {
        service_class: overlays,
        permissions: { net: [`127.0.0.1:${port}`] },
        options: {
          port,
          timer: { minutes: 10 },
          wheel: { slices: ["Sing", "Dance"], spin_seconds: 30 },
          poll: { question: "Pizza or pasta?", options: ["Pizza", "Pasta"] },
          battle: { sides: [{ name: "Cats" }, { name: "Dogs" }] },
          ...options,
        },
      },
    },
  });
  return `http://127.0.0.1:${port}`;
}

interface Running {
  /** Runs the command; fails unless it says that it is done. */
  run(...args: string[]): Promise<void>;
  /** Runs the command; resolves to why not. */
  refused(...args: string[]): Promise<string>;
  views(): Promise<GameViews>;
}

/** Livecue works with the overlays meanwhile. */
function whileRunning(
  use: (running: Running) => Promise<void>,
  { token, ...options }: { token?: string } & Record<string, unknown> = {},
): Promise<void> {
  return withFolder(async (folder) => {
    const url = writeGames(folder, token === undefined ? options : { token, ...options });
    const running = startLivecue(folder, "work");
    await running.line(/how to put them into OBS/);
    await use({
      async run(...args) {
        const ended = await livecue(folder, "overlays", ...args);
        assert.deepEqual(ended, { code: 0, stdout: "Done.\n", stderr: "" });
      },
      async refused(...args) {
        const { code, stderr } = await livecue(folder, "overlays", ...args);
        assert.equal(code, 2, stderr);
        return stderr.trim();
      },
      async views() {
        return await (await fetch(`${url}/games${token === undefined ? "" : `?token=${token}`}`)).json();
      },
    });
    running.kill("SIGTERM");
    assert.equal((await running.ended).code, 0);
  });
}

Deno.test("A streamer starts, lengthens, pauses and resets the timer by command", async () => {
  await whileRunning(async ({ run, refused, views }) => {
    await run("timer", "start");
    await run("timer", "add", "90.5");
    assert.deepEqual(
      [(await views()).timer.phase, (await views()).timer.addedMs],
      ["running", 90_500],
    );
    await run("timer", "add", "-30");
    await run("timer", "pause");
    assert.deepEqual([(await views()).timer.phase, (await views()).timer.addedMs], ["paused", 60_500]);
    assert.equal(await refused("timer", "pause"), "overlays timer: The timer is not running.");
    await run("timer", "reset");
    assert.equal((await views()).timer.leftMs, 600_000);
  });
});

Deno.test("A streamer spins the wheel, opens polls and leads a battle by command, also with a token", async () => {
  await whileRunning(async ({ run, refused, views }) => {
    await run("wheel", "spin", "3");
    assert.deepEqual([(await views()).wheel.spin?.number, (await views()).wheel.waitingCount], [1, 2]);
    await run("poll", "open");
    assert.equal((await views()).poll.question, "Pizza or pasta?");
    await run("poll", "close");
    const options = Array.from({ length: 6 }, (_, index) => `${index}${"漢".repeat(39)}`);
    await run("poll", "open", "字".repeat(120), ...options, "--seconds", "60");
    const { poll } = await views();
    assert.deepEqual([poll.phase, poll.options.map(({ text }) => text)], ["open", options]);
    assert(poll.leftMs !== null && poll.leftMs <= 60_000);
    await run("battle", "start");
    await run("battle", "points", "cats", "7");
    assert.match(await refused("battle", "points", "birds", "1"), /the sides are Cats, Dogs/);
    assert.deepEqual((await views()).battle.sides.map(({ points }) => points), [7, 0]);
  }, { token: "secret-token" });
});

const mistakes: [args: string[], says: RegExp][] = [
  [["timer"], /Say what the timer is to do\. Write it as: timer start\|pause\|/],
  [["timer", "paus"], /The timer has no "paus"\. Did you mean "pause"\? Write it as: timer start/],
  [["timer", "add"], /Expected a number of seconds, as 60\./],
  [["timer", "add", "1e3"], /Expected a number of seconds, as 60, not "1e3"\./],
  [["timer", "add", "99999999"], /at most 1000000 seconds at once\. Write it as: timer/],
  [["timer", "start", "now"], /"start now" has too many words, or too few\. Write it as: timer/],
  [["wheel", "spin", "11"], /expected 1 to 10 spins at once\. Write it as: wheel spin \[COUNT\]/],
  [["poll", "open", "A or B?", "A"], /a poll has at least two options\. Write it as: poll open/],
  [
    ["poll", "open", "?", "A", "B", "--second", "3"],
    /Unknown option '--second'\. Write it as: poll open "Pizza/,
  ],
  [["battle", "points", "Cats"], /Expected a number of points/],
  [["timer", "start"], /Nothing answers at http:\/\/127\.0\.0\.1:\d+\. Start Livecue, and look in its log/],
];

Deno.test("A command that cannot be says what is wrong and how to write it, without a running Livecue", async () => {
  await withFolder(async (folder) => {
    writeGames(folder);
    for (const [args, says] of mistakes) {
      const { code, stdout, stderr } = await livecue(folder, "overlays", ...args);
      assert.match(stderr, says);
      assert.deepEqual([code, stdout], [2, ""]);
    }
  });
});

Deno.test("The service's name alone lists the games' commands whole", async () => {
  await withFolder(async (folder) => {
    writeGames(folder);
    const { stdout } = await livecue(folder, "overlays");
    assert.match(stdout, /^timer start\|pause\|resume\|toggle\|reset\|add SECONDS +starts, pauses/m);
    assert.match(stdout, /^poll open \["QUESTION" OPTION… \[--seconds N\]\]\|close\|hide +opens a poll/m);
  });
});
