import assert from "node:assert/strict";
import { Recorder } from "../../../src/capture/replay/recorder.ts";
import { UserError } from "../../../src/user_error.ts";

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
    const recorder = await Recorder.open(`${folder}/live.jsonl`);
    for (let time = 1; time <= 500; time++) {
      recorder.write(message(time));
      if (time % 100 === 0) await Deno.stat(folder);
    }
    recorder.write(message(null));
    await recorder.close();

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

Deno.test("Recorder takes an empty file, and writes over no other", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/empty.jsonl`, "");
    await (await Recorder.open(`${folder}/empty.jsonl`)).close();

    await Deno.writeTextFile(`${folder}/full.jsonl`, "{}\n");
    await assert.rejects(Recorder.open(`${folder}/full.jsonl`), (error) => {
      assert.ok(error instanceof UserError);
      assert.match(error.message, /full\.jsonl exists already.*another name/);
      return true;
    });
    assert.equal(await Deno.readTextFile(`${folder}/full.jsonl`), "{}\n");
    await assert.rejects(Recorder.open(folder), UserError);
    await assert.rejects(Recorder.open(`${folder}/none/live.jsonl`), /no such folder/);
  }));

Deno.test({
  name: "Recorder says once that the disk is full",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const failures: UserError[] = [];
    const recorder = await Recorder.open("/dev/full", (error) => failures.push(error));
    recorder.write(message(1));
    await recorder.close();
    recorder.write(message(2));
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.message ?? "", /\/dev\/full could not be written/);
  },
});
