/** Two commits are compared in a repository of the test's own, whose benchmarks give figures that are known. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { git } from "../../bench/run/machine.ts";
import { withFolder } from "../support/temporary_store.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
/** The harness alone: the benchmarks would need all of Livecue. */
const files = ["benchmark.ts", "main.ts", "names.ts", ...namesIn("run").map((name) => join("run", name))];

function namesIn(folder: string): string[] {
  return Array.from(Deno.readDirSync(join(root, "bench", folder)), ({ name }) => name);
}

/** A benchmark that prints `lines`, or never ends where there are none. */
function benchmarkOf(lines: Record<string, unknown>[]): string {
  const printing = lines.map((line) => `console.log(${JSON.stringify(JSON.stringify(line))});`).join("\n");
  const waiting = lines.length > 0 ? "" : `console.error("It has begun.");\nsetInterval(() => {}, 1000);`;
  return `export const benchmark = {};\n${printing}\n${waiting}\n`;
}

/** A repository with the harness of this one; `commit` stores another benchmark "store". */
async function makeRepository(folder: string) {
  await Deno.mkdir(join(folder, "bench", "run"), { recursive: true });
  await Deno.writeTextFile(join(folder, "deno.json"), "{}");
  for (const name of files) await Deno.copyFile(join(root, "bench", name), join(folder, "bench", name));
  await git(folder, "init", "--quiet");
  await git(folder, "config", "user.name", "Ana");
  await git(folder, "config", "user.email", "ana@example.invalid");
  return {
    async commit(lines: Record<string, unknown>[]): Promise<void> {
      await Deno.writeTextFile(join(folder, "bench", "store.ts"), benchmarkOf(lines));
      await git(folder, "add", "--all");
      await git(folder, "commit", "--quiet", "--message", "A benchmark");
    },
  };
}

function bench(folder: string, ...args: string[]): Deno.ChildProcess {
  const main = join(folder, "bench", "main.ts");
  const config = join(folder, "deno.json");
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "--no-check", "--quiet", "--config", config, main, ...args],
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function worktrees(folder: string): Promise<number> {
  return (await git(folder, "worktree", "list")).trim().split("\n").length;
}

const figure = (name: string, value: number, unit = "events/s") => ({
  benchmark: "store",
  name,
  value,
  unit,
});

Deno.test("What is worse than in the other commit is told and is the exit code; what only one has is told too", async () => {
  await withFolder(async (folder) => {
    const repository = await makeRepository(folder);
    await repository.commit([
      figure("slower", 100),
      figure("faster", 100),
      figure("like", 100),
      figure("gone", 1),
    ]);
    await repository.commit([
      figure("slower", 50),
      figure("faster", 200),
      figure("like", 101),
      figure("new", 1),
    ]);
    const { code, stdout, stderr } = await bench(folder, "compare", "HEAD~1", "store", "--rounds", "3")
      .output();
    const [printed, told] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [
      string,
      string,
    ];
    assert.equal(code, 1, told);
    assert.match(printed, /^slower +100 +50\.0 +events\/s +0\.50 +worse$/m);
    assert.match(printed, /^faster +100 +200 +events\/s +2\.00 +better$/m);
    assert.match(printed, /^like +100 +101 +events\/s +1\.01 +same$/m);
    assert.match(told, /^gone: only before\.$/m);
    assert.match(told, /^new: only after\.$/m);
    assert.equal(await worktrees(folder), 1);
  });
});

Deno.test("A commit that lacks the benchmark is told, and nothing is worse", async () => {
  await withFolder(async (folder) => {
    const repository = await makeRepository(folder);
    await git(folder, "add", "--all");
    await git(folder, "commit", "--quiet", "--message", "No benchmark");
    await repository.commit([figure("new", 1)]);
    const { code, stderr } = await bench(folder, "compare", "HEAD~1", "store").output();
    assert.equal(code, 0);
    assert.match(new TextDecoder().decode(stderr), /store: HEAD~1 has no such benchmark/);
  });
});

Deno.test({
  name: "A comparison that is interrupted leaves neither its tree nor its processes",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const repository = await makeRepository(folder);
      await repository.commit([]);
      const child = bench(folder, "compare", "HEAD", "store");
      let told = "";
      let hasBegun = false;
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
        told += text;
        if (hasBegun || !told.includes("It has begun.")) continue;
        hasBegun = true;
        assert.equal(await worktrees(folder), 2);
        child.kill("SIGINT");
      }
      await child.stdout.cancel();
      assert.equal((await child.status).code, 130);
      assert.equal(await worktrees(folder), 1);
    });
  },
});
