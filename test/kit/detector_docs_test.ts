/** The page about detectors, followed as a reader follows it. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { livecue, startProgram } from "../support/livecue.ts";

const page = Deno.readTextFileSync(new URL("../../docs/write_a_detector.md", import.meta.url));

function block(word: string): string {
  const blocks = [...page.matchAll(/^( *)```(?:ts|jsonc)\n([^]*?)^\1```/gm)].map(([, , text]) =>
    text as string
  );
  const found = blocks.find((text) => text.includes(word));
  assert.ok(found !== undefined, word);
  return found;
}

async function run(folder: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await startProgram(folder, ...args).ended;
  assert.equal(code, 0, stderr);
  return stdout + stderr;
}

Deno.test("A reader who follows the page sees a detection for each time that the kettle boiled", async () => {
  const folder = await Deno.makeTempDir();
  try {
    Deno.mkdirSync(join(folder, "services"));
    Deno.writeTextFileSync(join(folder, "services/kettle.ts"), block("extends Detector"));
    Deno.writeTextFileSync(join(folder, "config.jsonc"), `{ "services": { ${block('"kettle": {')} } }`);
    Deno.writeTextFileSync(join(folder, "make_readings.ts"), block("Deno.writeTextFileSync"));
    await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-write", "--no-check", "make_readings.ts"],
      cwd: folder,
    }).output();
    const log = await run(folder, "start", "--source", "replay:kitchen.jsonl", "--speed", "max", "--plain");
    assert.equal(log.match(/ ✨ Kettle: The kettle has boiled/g)?.length, 6, log);
    const detect = ["--database", "livecue.replay.db", "kettle", "detect"];
    const table = await run(folder, ...detect);
    assert.match(table, /2026-01-01T00:0\d:\d\dZ +kitchen +kettle +Kettle +0\.90 +The kettle has boiled/);
    assert.match(table, /: 6 detections\./);
    assert.match(
      await run(folder, ...detect, "--compare", "boiling=99"),
      /0 in both, 6 only in A, 0 only in B\./,
    );
    const wrong = await livecue(folder, ...detect, "--from", "yesterday");
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /--from yesterday is no time\. Write a date and time/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
