/** A live with many gifts in the whole program and OBS itself, which is killed in its midst and started again. */
import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import type { Kept } from "../../services/obs/holds.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { ana, sampleRoomId } from "./captured_events.ts";
import { query, type Running, startLivecue, writeConfig } from "./livecue.ts";
import { obsPassword } from "./obs_process.ts";
import type { Setup } from "./obs_setup.ts";
import { obsModule } from "./obs_under_test.ts";
import type { RealObs } from "./real_obs.ts";
import { writeRecording } from "./recording.ts";

export const partyObs: Setup = {
  scenes: { Main: { Camera: true, Rose: false }, Party: { Main: true } },
  inputs: { Fanfare: "ffmpeg_source", "Last gift": ["text_ft2_source_v2", { text: "Nobody yet" }] },
  filters: { Camera: { Grey: false } },
};

/** Of them, only those of the rose are over when Livecue is there again after a kill. */
const rules = [
  { when: "GiftEvent", do: { action: "text", source: "Last gift", text: "{user} {gift}", seconds: 4 } },
  {
    when: "GiftEvent",
    do: [{ action: "show", source: "Rose", seconds: 0.3 }, { action: "play", source: "Fanfare" }],
  },
  {
    when: "GiftEvent",
    if: { gift: "Galaxy" },
    do: [
      { action: "scene", scene: "Party", seconds: 3 },
      { action: "filter", source: "Camera", filter: "Grey", seconds: 5 },
    ],
  },
];

const rose = { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" };
const galaxy = { id: 11046, name: "Galaxy", diamondCount: 1000, isStreakable: false, imageUrl: "" };

export interface PartyOptions {
  folder: string;
  obs: RealObs;
  perSecond: number;
}

/** What became of the gifts so far. */
export interface Gifts {
  completed: number;
  /** Discarded or failed, with the reasons. */
  lost: string[];
  /** From the arrival of each gift until its actions had begun in OBS, shortest first. Without those that a kill cut. */
  lateMs: number[];
}

export class Party {
  readonly #options: PartyOptions;
  #gifts = 0;

  constructor(options: PartyOptions) {
    this.#options = options;
    const { obs, folder } = options;
    writeConfig(folder, {
      services: {
        obs: {
          service_class: obsModule,
          max_queue_size: 50,
          max_concurrency: 50,
          permissions: { net: [`127.0.0.1:${obs.port}`] },
          options: { port: obs.port, password: obsPassword, rules },
          subscriptions: { GiftEvent: { priority: 10, is_async: true } },
        },
      },
    });
  }

  /** Gifts at their rate. The program ends with the last one. */
  async run(gifts: number): Promise<void> {
    const { code, stderr } = await (await this.#start(gifts)).ended;
    assert.equal(code, 0, stderr);
  }

  /** Kills the program by SIGKILL at a gift, starts it again, and waits until it has undone everything in time. */
  async killAt(gift: number): Promise<void> {
    const { obs, folder } = this.#options;
    const played = obs.countOf("play Fanfare");
    const killed = await this.#start(gift * 2);
    await obs.changed("play Fanfare", played + gift);
    const hidden = obs.countOf("hide Main/Rose");
    killed.kill("SIGKILL");
    await killed.ended;

    const kept = this.kept();
    const again = startLivecue(folder, "work");
    await again.line(/Connected to OBS/);
    const seeUndone = (kind: Kept["thing"]["kind"], undone: Promise<void>) => seeInTime(kept, kind, undone);
    await Promise.all([
      seeUndone("visibility", obs.changed("hide Main/Rose", hidden + 1)),
      seeUndone("scene", until(async () => await obs.sceneOnAir() === "Main")),
      seeUndone("text", obs.changed("text Last gift = Nobody yet")),
      seeUndone("filter", until(async () => !await obs.isFilterOn("Camera", "Grey"))),
    ]);
    await this.#stop(again);
  }

  /** All that the rules may have changed in OBS. */
  async inObs(): Promise<unknown> {
    const { obs } = this.#options;
    return {
      onAir: await obs.sceneOnAir(),
      main: await obs.itemsOf("Main"),
      text: await obs.textOf("Last gift"),
      isGrey: await obs.isFilterOn("Camera", "Grey"),
    };
  }

  gifts(): Gifts {
    const { folder } = this.#options;
    const rows = query<{ status: string; reason: string | null; attempts: number; lateMs: number }>(
      folder,
      `SELECT status, coalesce(discard_reason, error) AS reason, attempts, finished_at - received_at AS lateMs
       FROM event_queue JOIN live_event ON live_event.id = live_event_id`,
    );
    return {
      completed: rows.filter(({ status }) => status === "completed").length,
      lost: rows.filter(({ status }) => status !== "completed").map(({ status, reason }) =>
        `${status}: ${reason}`
      ),
      lateMs: rows.filter(({ attempts }) => attempts === 1).map(({ lateMs }) => lateMs).sort((a, b) => a - b),
    };
  }

  /** Gifts whose actions OBS may have got twice, because a kill cut them. */
  handedOutAgain(): number {
    const [row] = query<{ again: number }>(
      this.#options.folder,
      "SELECT coalesce(sum(attempts - 1), 0) AS again FROM event_queue",
    );
    return row?.again ?? 0;
  }

  async #start(gifts: number): Promise<Running> {
    const { folder, perSecond } = this.#options;
    const name = `${folder}/recording.jsonl`;
    await Deno.remove(name).catch(() => {});
    const began = Date.now();
    const events = Array.from({ length: gifts }, (_, index) => ({
      type: "GiftEvent",
      roomId: sampleRoomId,
      messageId: String(7_500_000_000_000_000_000n + BigInt(++this.#gifts)),
      createdAt: Math.round(began + index * 1000 / perSecond),
      user: ana,
      data: { gift: index % 8 === 0 ? galaxy : rose, repeatCount: 1, receiver: null },
      streak: { kind: "gift", groupId: String(this.#gifts), count: 1, isEnd: true },
    } as CapturedEvent));
    const source = await writeRecording(folder, events);
    return startLivecue(folder, "start", "--source", source, "--plain");
  }

  async #stop(running: Running): Promise<void> {
    running.kill("SIGTERM");
    const { code, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
  }

  /** What is still to be undone. */
  kept(): Kept[] {
    const [row] = query<{ value: string }>(
      this.#options.folder,
      "SELECT value FROM service_state WHERE key = 'changes'",
    );
    return row === undefined ? [] : JSON.parse(row.value) as Kept[];
  }
}

/** `undone` resolves when OBS has what it had before. Fails if that is before its time, or long after it. */
async function seeInTime(kept: Kept[], kind: Kept["thing"]["kind"], undone: Promise<void>): Promise<void> {
  const began = Date.now();
  const ends = kept.filter(({ thing }) => thing.kind === kind)
    .flatMap(({ changes }) => changes.map((change) => change.until));
  await undone;
  const now = Date.now();
  const due = Math.max(...ends, 0);
  assert(now > due - 100, `the ${kind} ends ${due - now} ms too early`);
  assert(now < Math.max(due, began) + 15_000, `the ${kind} ends ${now - due} ms too late`);
}

async function until(test: () => Promise<boolean>): Promise<void> {
  while (!await test()) await setImmediate();
}
