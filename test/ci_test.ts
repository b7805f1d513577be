/** What `.ci/run` says at its end is the sum of its parts, and one that says nothing has failed. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withFolder } from "./support/temporary_store.ts";

const script = fileURLToPath(new URL("../.ci/run", import.meta.url));
const isHere = Deno.build.os === "linux";

/** By task, what it prints and its exit code, in place of Deno. */
const allWell: Record<string, string> = {
  "ok": 'echo "ok | 120 passed (3 steps) | 0 failed | 2 ignored (12s)"',
  "fuzz": 'echo "texts: held for 1,000 inputs (seed 4)"; echo "17 passed, 0 failed"',
  "test:ratios": 'echo "1 passed, 0 failed"',
  "test:kills": 'echo "4 passed, 0 failed"',
  "test:lasts": 'echo "1 passed, 0 failed"',
  "test:machines": 'echo "6 passed, 0 failed, 1 ignored"',
};

async function ending(tasks: Record<string, string>): Promise<{ last: string; code: number }> {
  let result = { last: "", code: -1 };
  await withFolder(async (folder) => {
    const cases = Object.entries(tasks).map(([name, does]) => `${name}) ${does};;`);
    const npx = `#!/bin/bash\ncase "$4" in\n${cases.join("\n")}\nesac\n`;
    // The tools are there, or they would be installed.
    for (const tool of ["tmux", "chromium", "ffprobe", "gcc", "zsh", "fish", "obs", "Xvfb"]) {
      await writeProgram(join(folder, tool), "#!/bin/bash\n");
    }
    await writeProgram(join(folder, "npx"), npx);
    const env = { PATH: `${folder}:${Deno.env.get("PATH")}` };
    const { code, stdout } = await new Deno.Command("bash", { args: [script], env }).output();
    result = { last: new TextDecoder().decode(stdout).trimEnd().split("\n").at(-1) ?? "", code };
  });
  return result;
}

async function writeProgram(path: string, text: string): Promise<void> {
  await Deno.writeTextFile(path, text, { mode: 0o755 });
}

Deno.test({
  name: ".ci/run sums what its parts passed, failed and skipped",
  ignore: !isHere,
  async fn() {
    assert.deepEqual(await ending(allWell), { last: "149 passed, 0 failed, 3 skipped", code: 0 });
    const failing = { ...allWell, fuzz: 'echo "15 passed, 2 failed"; exit 1' };
    assert.deepEqual(await ending(failing), { last: "147 passed, 2 failed, 3 skipped", code: 1 });
  },
});

Deno.test({
  name: "A part of .ci/run that dies, or ends without its result, has failed",
  ignore: !isHere,
  async fn() {
    for (
      const [dead, last] of [
        ["test:lasts", "148 passed, 1 failed, 3 skipped"],
        ["ok", "29 passed, 1 failed, 1 skipped"],
      ] as const
    ) {
      for (const does of ["exit 0", "exit 3", "kill -9 $$"]) {
        assert.deepEqual(await ending({ ...allWell, [dead]: does }), { last, code: 1 }, `${dead}: ${does}`);
      }
    }
    const early = { ...allWell, ok: "echo 'error: lint'; exit 1" };
    assert.equal((await ending(early)).last, "29 passed, 1 failed, 1 skipped");
    const late = { ...allWell, ok: `${allWell["ok"]}; exit 1` };
    assert.equal((await ending(late)).last, "149 passed, 1 failed, 3 skipped");
  },
});

Deno.test({
  name: "A test that failed beside the others runs once more in its own file, wherever it was defined",
  ignore: !isHere,
  async fn() {
    const failing = "echo './test/a_test.ts => It works ... FAILED (1s)'; echo ' FAILURES '; " +
      "echo 'It works => ./test/support/a_helper.ts:47:8'; " +
      "echo 'FAILED | 119 passed | 1 failed | 2 ignored (12s)'; exit 1";
    const holds = '[ "$5" = ./test/a_test.ts ] && echo "ok | 1 passed | 0 failed (1s)"';
    assert.deepEqual(await ending({ ...allWell, ok: failing, test: holds }), {
      last: "149 passed, 0 failed, 3 skipped",
      code: 0,
    });
    const fails = 'echo "FAILED | 0 passed | 1 failed (1s)"; exit 1';
    assert.deepEqual(await ending({ ...allWell, ok: failing, test: fails }), {
      last: "148 passed, 1 failed, 3 skipped",
      code: 1,
    });
  },
});
