/** The service and its commands with the whole program, as a person starts it. */
import assert from "node:assert/strict";
import { onWords } from "../../support/obs_under_test.ts";
import { commentOf } from "../../support/captured_events.ts";
import { keysModule, keysPermissions } from "../../support/keys_under_test.ts";
import { type Ended, query, startProgramWith, writeConfig } from "../../support/livecue.ts";
import { writeRecording } from "../../support/recording.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { settled, testOnDisplay, type XDisplay } from "../../support/x_display.ts";

function writeKeys(folder: string, options: Record<string, unknown>): void {
  writeConfig(folder, {
    services: {
      keys: {
        service_class: keysModule,
        permissions: { run: keysPermissions.run, env: keysPermissions.env },
        options: { window: "Game", rehearse: false, ...options },
        subscriptions: { CommentEvent: {} },
      },
    },
  });
}

/** Whatever desktop the test runs on. */
const onX11 = { XDG_SESSION_TYPE: "x11", WAYLAND_DISPLAY: "" };

const database = ["--database", "livecue.db"];

/** The arguments to start it on a recording of the comment "run". */
async function replay(folder: string): Promise<string[]> {
  const source = await writeRecording(folder, [commentOf("run")]);
  return ["start", "--source", source, "--plain", ...database];
}

function command(folder: string, env: Record<string, string>, ...args: string[]): Promise<Ended> {
  return startProgramWith({ ...onX11, ...env }, folder, "keys", ...args).ended;
}

function onDisplay(name: string, run: (display: XDisplay, folder: string) => Promise<void>): void {
  testOnDisplay(name, (display) => withFolder((folder) => run(display, folder)));
}

onDisplay(
  "A held key is released when Livecue is killed, and when it is stopped",
  async (display, folder) => {
    const env = { ...onX11, DISPLAY: display.name };
    const game = await display.open("Game");
    writeKeys(folder, {
      keys: ["w"],
      max_hold_ms: 10_000,
      rules: onWords({ run: { hold: "w", ms: 10_000 } }),
    });
    const source = await writeRecording(folder, [commentOf("run")]);
    const database = ["--database", "livecue.db"];
    const killed = startProgramWith(env, folder, "start", "--source", source, "--plain", ...database);
    await game.saw("down w");
    let before = performance.now();
    killed.kill("SIGKILL");
    await game.saw("up w");
    assert(performance.now() - before < 8000, "before its time is over");
    await killed.ended;

    // The event was not done, so it is tried again.
    const again = startProgramWith(env, folder, "work", ...database);
    await game.saw("down w", 2);
    before = performance.now();
    again.kill("SIGTERM");
    await game.saw("up w", 2);
    assert(performance.now() - before < 8000, "before its time is over");
    const { code, stderr } = await again.ended;
    assert.equal(code, 0, stderr);
  },
);

onDisplay(
  "The command check looks for the window and the display, and windows lists the titles",
  async (display, folder) => {
    const env = { DISPLAY: display.name };
    await display.open("Other");
    await display.open("My Game 1.2");
    writeKeys(folder, { window: "Game" });
    const open = await command(folder, env, "check");
    assert.deepEqual([open.code, open.stderr], [0, ""]);
    assert.equal(open.stdout, "The program that presses keys works.\nThe window “Game” is open.\n");
    const listed = await command(folder, env, "windows");
    assert.deepEqual(listed.stdout.trimEnd().split("\n").sort(), ["  “Other”", "→ “My Game 1.2”"]);

    writeKeys(folder, { window: "Othr", rehearse: true });
    const { stdout, stderr } = await command(folder, env, "check");
    assert.match(stdout + stderr, /There is no window “Othr” now: did you mean “Other”\?/);
    assert.match(stdout, /Rehearsal: nothing is pressed until "rehearse" is false\./);

    const blind = await command(folder, { DISPLAY: "" }, "check");
    assert.equal(blind.code, 2, blind.stdout);
    assert.match(blind.stderr, /There is no X display here/);
  },
);

onDisplay("In a rehearsal, the log says what would be pressed, and nothing is", async (display, folder) => {
  const game = await display.open("Game");
  const rules = onWords({ run: [{ hold: "w", ms: 800 }, { press: "space" }] });
  writeKeys(folder, { keys: ["w", "space"], rehearse: true, rules });
  const run = startProgramWith({ ...onX11, DISPLAY: display.name }, folder, ...await replay(folder));
  await run.line(/Rehearsal: .+ would press w for 800 ms, space\./);
  assert.equal((await run.ended).code, 0);
  assert.deepEqual(await settled(display, game), []);
});

onDisplay("try presses a key of the list in the window, and no other key", async (display, folder) => {
  const env = { DISPLAY: display.name };
  const game = await display.open("Game");
  writeKeys(folder, { keys: ["space", "ctrl+1"], rehearse: true });
  const other = await display.open("Other");
  const pressing = startProgramWith({ ...onX11, ...env }, folder, "keys", "try", "space");
  await pressing.line(/^Bring “Game” to the front within 30 seconds\.$/);
  await display.activate(game);
  const pressed = await pressing.ended;
  assert.deepEqual([pressed.code, pressed.stderr], [0, ""]);
  assert.match(pressed.stdout, /^Pressed space\.$/m);
  await game.saw("up space");
  for (
    const [key, why] of [
      ["w", /"w" is not in the list "keys"\. It has space, ctrl\+1\./],
      ["spce", /"spce".*did you mean "space"\?/],
    ] as const
  ) {
    const wrong = await command(folder, env, "try", key);
    assert.equal(wrong.code, 2, wrong.stdout);
    assert.match(wrong.stderr, why);
  }
  assert.deepEqual(game.pressed, ["down space", "up space"]);
  assert.deepEqual(await settled(display, other), []);

  writeKeys(folder, { window: "", keys: ["space"] });
  assert.match(
    (await command(folder, env, "try", "space")).stderr,
    /No window is named, so no key is pressed/,
  );
});

Deno.test({
  name: "Without xdotool, events fail, and the failure, the log and the command check say what to install",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      writeKeys(folder, {});
      const missing = await command(folder, { PATH: folder }, "check");
      assert.equal(missing.code, 2, missing.stdout);
      const advice = /xdotool.*Install it, for example with "sudo apt install xdotool"\./;
      assert.match(missing.stderr, advice);

      writeKeys(folder, { keys: ["w"], rules: onWords({ run: { press: "w" } }) });
      const run = startProgramWith({ ...onX11, PATH: folder }, folder, ...await replay(folder));
      const { stdout, stderr } = await run.ended;
      assert.match(stdout + stderr, advice);
      const [item] = query<{ status: string; error: string }>(
        folder,
        "SELECT status, error FROM event_queue",
      );
      assert.equal(item?.status, "failed");
      assert.match(item.error, advice);
    }),
});
