/** Keys under a real X server: what the game's window gets, and that no other window gets anything. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { keys } from "../../../services/keys/key_names.ts";
import { paneTitle, pauseKey, rehearseKey } from "../../../services/keys/pane.ts";
import { makeGift } from "../../support/events.ts";
import { keysModule, keysPermissions, startKeys, useDisplay } from "../../support/keys_under_test.ts";
import { onWords } from "../../support/obs_under_test.ts";
import { settled, testOnDisplay, type XDisplay } from "../../support/x_display.ts";

const crashing = fileURLToPath(new URL("../../support/services/crashing_keys.ts", import.meta.url));

const done = { kind: "completed" };

function onDisplay(name: string, run: (display: XDisplay) => Promise<void>): void {
  testOnDisplay(name, async (display) => {
    useDisplay(display);
    await run(display);
  });
}

onDisplay(
  "Gifts and comments press keys, combinations and sequences in the game, and in no other window",
  async (display) => {
    const other = await display.open("Other");
    const game = await display.open("Game 1.2");
    await using tested = await startKeys({
      keys: ["space", "ctrl+1", "w", "left"],
      rules: [
        { when: "GiftEvent", do: { press: "space", times: "count" } },
        ...onWords({
          combo: { press: "Ctrl + 1" },
          sequence: [{ hold: "w", ms: 100 }, { pause_ms: 20 }, { press: "space" }],
        }),
        { when: "CommentEvent", do: { words: { "!left": "left" } } },
      ],
    });
    assert.deepEqual(await tested.feed.add(1, makeGift({ count: 2 })), done);
    assert.deepEqual(await tested.feed.say(2, "combo"), done);
    assert.deepEqual(await tested.feed.say(3, "sequence"), done);
    assert.deepEqual(await tested.feed.say(4, "go !LEFT !lefty xdotool"), done);
    assert.deepEqual(await settled(display, game), [
      ...["down space", "up space", "down space", "up space"],
      ...["down Control_L", "down 1", "up 1", "up Control_L"],
      ...["down w", "up w", "down space", "up space"],
      ...["down Left", "up Left"],
    ]);
    assert.deepEqual(await settled(display, other), []);
  },
);

onDisplay(
  "While another window is in front, nothing is pressed, and the event fails with its title",
  async (display) => {
    const game = await display.open("Game");
    const other = await display.open("Notes; touch $(id) %1");
    await using tested = await startKeys({ keys: ["space"], rules: onWords({ jump: { press: "space" } }) });
    assert.deepEqual(await tested.feed.say(1, "jump"), {
      kind: "failed",
      error: "“Notes; touch $(id) %1” is in front, not “Game”, so Livecue did not press: space.",
    });
    assert.deepEqual(await settled(display, other), []);
    assert.deepEqual(await settled(display, game), []);
  },
);

onDisplay("A press waits for the window to come to the front", async (display) => {
  const game = await display.open("Game");
  const other = await display.open("Other");
  await using tested = await startKeys({
    keys: ["space"],
    wait_seconds: 60,
    rules: onWords({ jump: { press: "space" } }),
  });
  const jumping = tested.feed.say(1, "jump");
  await tested.log.heard(/Waits until “Game” is in front/);
  await display.activate(game);
  assert.deepEqual(await jumping, done);
  assert.deepEqual(await settled(display, game), ["down space", "up space"]);
  assert.deepEqual(await settled(display, other), []);
});

onDisplay(
  "With window_match exact, a window whose title has more words is another window",
  async (display) => {
    const wiki = await display.open("Game - Wiki");
    await using tested = await startKeys({
      window_match: "exact",
      keys: ["space"],
      rules: onWords({ jump: { press: "space" } }),
    });
    const ended = await tested.feed.say(1, "jump");
    assert.match(JSON.stringify(ended), /“Game - Wiki” is in front, not “Game”/);
    assert.deepEqual(await settled(display, wiki), []);
  },
);

onDisplay("The mouse moves, clicks and scrolls only while it is over the game's window", async (display) => {
  const other = await display.open("Other");
  const game = await display.open("Game");
  await using tested = await startKeys({
    keys: ["mouse_left", "mouse_right", "mouse_move", "mouse_wheel"],
    rules: onWords({
      click: { click: "left", times: 2 },
      right: { press: "mouse_right" },
      wheel: { scroll: "down" },
      aim: { move: { dx: -30, dy: 5 } },
    }),
  });
  await display.point(game);
  const [, x = "", y = ""] = /x:(\d+) y:(\d+)/.exec(await display.xdotool("getmouselocation")) ?? [];
  for (const [index, word] of ["click", "right", "wheel", "aim"].entries()) {
    assert.deepEqual(await tested.feed.say(index, word), done, word);
  }
  assert.match(
    await display.xdotool("getmouselocation"),
    new RegExp(`x:${Number(x) - 30} y:${Number(y) + 5} `),
  );
  assert.deepEqual(
    await settled(display, game),
    [1, 1, 3, 5].flatMap((button) => [
      `down button ${button}`,
      `up button ${button}`,
    ]),
  );
  await display.xdotool("mousemove", "700", "500");
  assert.deepEqual(await tested.feed.say(10, "click"), {
    kind: "failed",
    error: "The mouse is not over “Game”, so Livecue did not send: mouse_left.",
  });
  assert.deepEqual(await settled(display, other), []);
});

onDisplay("A held key is released when another window comes to the front", async (display) => {
  const other = await display.open("Other");
  const game = await display.open("Game");
  await using tested = await startKeys({
    keys: ["w"],
    max_hold_ms: 10_000,
    rules: onWords({ run: { hold: "w", ms: 10_000 } }),
  });
  const running = tested.feed.say(1, "run");
  await game.saw("down w");
  const before = performance.now();
  await display.activate(other);
  assert.deepEqual(await running, done);
  assertEarly(before);
  assert.deepEqual((await settled(display, other)).filter((each) => each !== "up w"), []);
  assert.equal(await isHeld(display), false);
});

onDisplay("A key of the pane begins and ends the rehearsal, in which nothing is pressed", async (display) => {
  const game = await display.open("Game");
  await using tested = await startKeys({
    rehearse: true,
    keys: ["space", "w"],
    max_hold_ms: 10_000,
    rules: onWords({
      jump: { press: "space", times: 3 },
      run: [{ hold: "w", ms: 10_000 }, { press: "space" }],
    }),
  });
  const press = () => tested.runner.press({ pane: paneTitle, key: rehearseKey });
  assert.deepEqual(await tested.feed.say(1, "jump"), done);
  await tested.log.heard(/^Rehearsal: Ana would press space ×3\.$/);
  assert.deepEqual(await settled(display, game), []);

  press();
  await tested.log.heard(/for real, only in the window “Game”/);
  const running = tested.feed.say(2, "run");
  await game.saw("down w");
  const before = performance.now();
  press();
  assert.deepEqual(await running, done);
  assertEarly(before);
  assert.deepEqual(await settled(display, game), ["down w", "up w"]);
});

onDisplay("A pause releases a held key, and events wait for its end", async (display) => {
  const game = await display.open("Game");
  await using tested = await startKeys({
    keys: ["space", "w"],
    max_hold_ms: 10_000,
    rules: onWords({ jump: { press: "space" }, run: { hold: "w", ms: 10_000 } }),
  });
  const press = () => tested.runner.press({ pane: paneTitle, key: pauseKey });
  const running = tested.feed.say(1, "run");
  await game.saw("down w");
  const before = performance.now();
  press();
  assert.deepEqual(await running, done);
  assertEarly(before);
  const jumping = tested.feed.say(2, "jump");
  assert.deepEqual(await settled(display, game), ["down w", "up w"]);
  assert.deepEqual(tested.feed.running, [2]);
  press();
  assert.deepEqual(await jumping, done);
  assert.deepEqual(await settled(display, game), ["down w", "up w", "down space", "up space"]);
});

onDisplay("Comments that press the same share a press while they wait; gifts do not", async (display) => {
  const game = await display.open("Game");
  await using tested = await startKeys({
    keys: ["space", "w"],
    rules: [
      ...onWords({ jump: { press: "space" }, run: { hold: "w", ms: 500 } }),
      { when: "GiftEvent", do: { press: "w" } },
    ],
  });
  const words = ["run", "jump", "jump", "jump"];
  const said = words.map((word, index) => tested.feed.say(index, word));
  assert.deepEqual(await Promise.all(said), words.map(() => done));
  const given = [10, 11].map((id) => tested.feed.add(id, makeGift({ count: 1 }), { isAsync: false }));
  assert.deepEqual(await Promise.all(given), [done, done]);
  assert.deepEqual(await settled(display, game), [
    ...["down w", "up w", "down space", "up space"],
    ...["down w", "up w", "down w", "up w"],
  ]);
});

onDisplay("Each key has a name that X knows", async (display) => {
  const game = await display.open("Game");
  const names = [...keys.values()].map(({ keysym }) => keysym);
  await display.xdotool("key", "--delay", "0", ...names.filter((name) => name !== "F9"));
  assert.deepEqual(
    await settled(display, game),
    names.filter((name) => name !== "F9").flatMap((name) => [`down ${name}`, `up ${name}`]),
  );
});

onDisplay("A stop releases a held key at once, and what was begun is not repeated", async (display) => {
  const game = await display.open("Game");
  const tested = await startKeys({
    keys: ["w", "space"],
    max_hold_ms: 10_000,
    rules: onWords({ run: [{ hold: "w", ms: 10_000 }, { press: "space" }] }),
  });
  const running = tested.feed.say(1, "run");
  await game.saw("down w");
  const before = performance.now();
  const stopped = tested.runner.stop({ graceMs: 10_000 });
  assert.deepEqual(await running, done);
  assertEarly(before);
  await stopped;
  assert.deepEqual(await settled(display, game), ["down w", "up w"]);
});

for (const isolation of ["worker", "process"] as const) {
  onDisplay(`A held key is released when the service's ${isolation} crashes`, async (display) => {
    const game = await display.open("Game");
    await using tested = await startKeys(
      { keys: ["w"], max_hold_ms: 10_000, rules: onWords({ run: { hold: "w", ms: 10_000 } }) },
      {
        isolation,
        serviceClass: crashing,
        permissions: { ...keysPermissions, read: [dirname(keysModule)] },
      },
    );
    void tested.feed.say(1, "run");
    await game.saw("down w");
    const before = performance.now();
    void tested.feed.say(2, "crash");
    await game.saw("up w");
    assertEarly(before);
  });
}

/** For holds of ten seconds. */
function assertEarly(before: number): void {
  assert(performance.now() - before < 8000, "before its time is over");
}

/** Whether X holds a key. A key that is held cannot be pressed again. */
async function isHeld(display: XDisplay): Promise<boolean> {
  const probe = await display.open("Probe");
  await display.xdotool("key", "w");
  return !(await settled(display, probe)).includes("down w");
}
