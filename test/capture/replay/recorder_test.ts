import assert from "node:assert/strict";
import { Recorder } from "../../../src/capture/replay/recorder.ts";
import { createReplaySource } from "../../../src/capture/replay/replay.ts";
import type { CapturedEvent } from "../../../src/source.ts";
import { UserError } from "../../../src/user_error.ts";
import { commentOf, paymentEvents, sampleEvents, streamEnd } from "../../support/captured_events.ts";
import { collect, only } from "../../support/collect.ts";
import { FakeClock } from "../../support/fake_clock.ts";

const message = (createTime: number | null) => ({
  method: "WebcastChatMessage",
  createTime,
  streamer: "ana",
  payload: new Uint8Array([1, 2, 255]),
});

async function withFolder(run: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("Recorder writes each message on a line of its own, in order", () =>
  withFolder(async (folder) => {
    const recorder = new Recorder(`${folder}/live.jsonl`);
    await recorder.start();
    for (let time = 1; time <= 500; time++) {
      recorder.write(message(time));
      if (time % 100 === 0) await Deno.stat(folder);
    }
    recorder.write(message(null));
    await recorder.stop();

    const text = await Deno.readTextFile(`${folder}/live.jsonl`);
    assert.ok(text.endsWith("\n"));
    const lines = text.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map(({ createTime }) => createTime), [
      ...Array(500).keys().map((n) => n + 1),
      null,
    ]);
    assert.deepEqual(lines[0], {
      method: "WebcastChatMessage",
      createTime: 1,
      streamer: "ana",
      payload: "AQL/",
    });
  }));

/** What a replay gives of a recording of these events, none of which came as a message. */
async function recordedAndReplayed(events: readonly CapturedEvent[], folder: string, streamer = "ana") {
  const path = `${folder}/events.jsonl`;
  const recorder = new Recorder(path);
  await recorder.start();
  for (const event of events) recorder.record({ event, raw: null, streamer });
  await recorder.stop();
  const clock = new FakeClock();
  const source = createReplaySource({ path, speed: "max", keepGaps: false, clock });
  const items = await collect(source.open(new AbortController().signal), clock);
  assert.deepEqual(only(items, "notice"), []);
  const lines = (await Deno.readTextFile(path)).trimEnd().split("\n").map((line) => JSON.parse(line));
  // Each is of the recording's room; a replay says so.
  const replayed = only(items, "event").map(({ event: { isForeign: _, ...event } }) => event);
  return { items, lines, replayed };
}

Deno.test("Recorder keeps every type of event, as a message of TikTok's where one says all of it", () =>
  withFolder(async (folder) => {
    const events = [...sampleEvents(), streamEnd(), ...paymentEvents()];
    const { replayed, lines } = await recordedAndReplayed(events, folder);
    assert.deepEqual(replayed, events);
    assert.deepEqual(lines.filter((line) => !("method" in line)).map((line) => line.type ?? "header"), [
      "header",
      "DonationEvent",
      "MembershipEvent",
      "OrderEvent",
    ]);
  }));

Deno.test("Recorder keeps what TikTok cannot say: a test event, history, ids of others, an unknown time", () =>
  withFolder(async (folder) => {
    const comment = commentOf("hi");
    const events = [
      { ...comment, isTest: true },
      { ...comment, isHistory: true },
      { ...comment, messageId: "kofi:1" },
      { ...comment, roomId: "", messageId: null, createdAt: null, isTest: true },
      ...sampleEvents().map((event) => ({ ...event, isTest: true })),
    ];
    assert.deepEqual((await recordedAndReplayed(events, folder)).replayed, events);
  }));

Deno.test("A recording that begins with a payment knows whose live it was", () =>
  withFolder(async (folder) => {
    const { items } = await recordedAndReplayed(
      [...paymentEvents("700"), commentOf("hi", "700")],
      folder,
      "bob",
    );
    assert.deepEqual(only(items, "session"), [{ kind: "session", username: "bob", roomId: "700" }]);
  }));

Deno.test("Recorder takes an empty file, and writes over no other", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.jsonl`, "");
    const recorder = new Recorder(`${folder}/empty.jsonl`);
    await recorder.start();
    await recorder.stop();

    await Deno.writeTextFile(`${folder}/full.jsonl`, "{}\n");
    await assert.rejects(new Recorder(`${folder}/full.jsonl`).start(), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /full\.jsonl already exists.*another name/);
      return true;
    });
    assert.equal(await Deno.readTextFile(`${folder}/full.jsonl`), "{}\n");
    await assert.rejects(new Recorder(folder).start(), UserError);
    await assert.rejects(new Recorder(`${folder}/none/live.jsonl`).start(), /no such folder/);
  }));

Deno.test({
  name: "Recorder says once that the disk is full",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const failures: UserError[] = [];
    const recorder = new Recorder("/dev/full", (error) => failures.push(error));
    await recorder.start();
    recorder.write(message(1));
    await recorder.stop();
    recorder.write(message(2));
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.message ?? "", /\/dev\/full is incomplete, because writing failed/);
  },
});
