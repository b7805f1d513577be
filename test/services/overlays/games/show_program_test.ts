/** Comments, points, raffle and soundboard together: the whole program, killed between a draw and its end. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { GameViews } from "../../../../services/overlays/games/games.ts";
import type { CapturedEvent } from "../../../../src/source.ts";
import { ana, ben, commentOf } from "../../../support/captured_events.ts";
import { livecue, query, startLivecue, writeConfig } from "../../../support/livecue.ts";
import { post } from "../../../support/page_stream.ts";
import { writeRecording } from "../../../support/recording.ts";
import { withFolder } from "../../../support/temporary_store.ts";

const root = new URL("../../../../", import.meta.url);
const moduleOf = (slug: string) => fileURLToPath(new URL(`services/${slug}/main.ts`, root));

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function writeShow(folder: string): string {
  const port = freePort();
  writeConfig(folder, {
    services: {
      points: {
        service_class: moduleOf("points"),
        emits: ["PointsSpentEvent", "PointsAnswerEvent"],
        options: {
          per_comment: 0,
          rewards: [{ command: "!ticket", cost: 30 }, { command: "!sound", cost: 5 }],
        },
        subscriptions: { GiftEvent: { priority: 9 }, CommentEvent: { priority: 5 } },
      },
      overlays: {
        service_class: moduleOf("overlays"),
        permissions: { net: [`127.0.0.1:${port}`] },
        emits: ["RaffleEvent", "SoundEvent"],
        options: {
          port,
          raffle: { command: "", max_tickets: 5, spin_seconds: 6 },
          soundboard: { max_seconds: 300 },
          rules: [
            { when: "CommentEvent", if: { words: "!open" }, do: { raffle: { prize: "A mug" } } },
            {
              when: "PointsSpentEvent",
              if: { data: { reward: "ticket" } },
              do: { raffle: { tickets: 1 } },
            },
            { when: "PointsSpentEvent", if: { data: { reward: "sound" } }, do: { soundboard: "named" } },
          ],
        },
        subscriptions: { CommentEvent: { priority: 9 }, PointsSpentEvent: {} },
      },
    },
  });
  return `http://127.0.0.1:${port}`;
}

/** Ana has points for two tickets and a sound; Ben has one ticket's. */
function evening(): CapturedEvent[] {
  const gift = (user: typeof ana, diamondCount: number) => ({
    type: "GiftEvent",
    data: {
      gift: { id: 1, name: "Ten", diamondCount, isStreakable: false, imageUrl: "" },
      repeatCount: 1,
      receiver: null,
    },
    roomId: commentOf("x").roomId,
    messageId: `gift of ${user.id}`,
    createdAt: 1_760_000_000_000,
    user,
    streak: { kind: "gift", groupId: null, count: 1, isEnd: true },
  });
  const says = (user: typeof ana, text: string, index: number) => ({
    ...commentOf(text),
    messageId: `${user.id} ${index}`,
    user,
  });
  const texts = ["!ticket", "!ticket", "!sound  POP"];
  return [
    gift(ana, 65),
    gift(ben, 30),
    says(ana, "!open", 9),
    ...texts.map((text, index) => says(ana, text, index)),
    ...texts.map((text, index) => says(ben, text, index)),
  ] as CapturedEvent[];
}

async function views(url: string): Promise<GameViews> {
  return await (await fetch(`${url}/games`)).json();
}

/** The views when this is true of them. */
async function seen(url: string, holds: (views: GameViews) => boolean): Promise<GameViews> {
  while (true) {
    const found = await views(url);
    if (holds(found)) return found;
  }
}

Deno.test("Points buy tickets and a sound; a kill changes no winner, and the docs' script proves the draw", async () => {
  await withFolder(async (folder) => {
    const url = writeShow(folder);
    const source = await writeRecording(folder, evening());
    assert.equal((await livecue(folder, "capture", "--source", source, "--speed", "max")).code, 0);
    const killed = startLivecue(folder, "work");
    await killed.line(/how to put them into OBS/);
    const { soundboard } = await seen(
      url,
      ({ raffle, soundboard }) => raffle.entrants === 2 && soundboard.playing !== null,
    );
    assert.deepEqual([soundboard.playing?.sound, soundboard.playing?.by], ["pop", ana.nickname]);
    assert.equal((await post(`${url}/game`, { raffle: "draw" })).status, 204);
    const { raffle: { draw, hash } } = await views(url);
    killed.kill("SIGKILL");
    await killed.ended;

    const again = startLivecue(folder, "work");
    await again.line(/how to put them into OBS/);
    const { raffle } = await views(url);
    assert.deepEqual([raffle.draw?.winner, raffle.hash], [draw?.winner, hash]);
    await seen(url, ({ raffle }) => raffle.seed !== "");
    let proof;
    do proof = await (await fetch(`${url}/draw`)).json(); while (proof.winner === null);
    assert.deepEqual(
      proof.entrants.map(({ name, tickets }: { name: string; tickets: number }) => [name, tickets]),
      [[ana.nickname, 2], [ben.nickname, 1]],
    );
    Deno.writeTextFileSync(join(folder, "draw.json"), JSON.stringify(proof));
    assert.equal(await checked(folder), `Fair: ${draw?.winner} wins.\n`);
    const forged = { ...proof, seed: proof.seed.replace(/^./, (digit: string) => digit === "0" ? "1" : "0") };
    Deno.writeTextFileSync(join(folder, "draw.json"), JSON.stringify(forged));
    assert.equal(await checked(folder), "This is not the draw of this seed.\n");
    again.kill("SIGTERM");
    assert.equal((await again.ended).code, 0);
    const [{ count }] = query<{ count: number }>(
      folder,
      "SELECT count(*) AS count FROM live_event WHERE event_type = 'RaffleEvent'",
    ) as [{ count: number }];
    assert.equal(count, 1);
  });
});

/** What the script of the docs says about `draw.json`. */
async function checked(folder: string): Promise<string> {
  const page = Deno.readTextFileSync(new URL("docs/services/overlays_show.md", root));
  const [, script] = page.match(/```js\n([\s\S]*?)```/) ?? assert.fail("the page has no script");
  Deno.writeTextFileSync(join(folder, "check.mjs"), script as string);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-read", "check.mjs"],
    cwd: folder,
    stderr: "inherit",
  }).output();
  return new TextDecoder().decode(stdout);
}
