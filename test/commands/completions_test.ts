/** The scripts of `completions`, run by the installed shells. */
import assert from "node:assert/strict";
import { livecue } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, withTerminal } from "../support/terminal.ts";

/** Runs the shell with this input; null if the shell is not installed. */
async function run(shell: string, args: string[], input: string): Promise<string | null> {
  try {
    const child = new Deno.Command(shell, { args, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
    const { code, stdout, stderr } = await child.output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

async function lacks(shell: string): Promise<boolean> {
  return await run(shell, ["--version"], "") === null;
}

async function scriptFor(shell: string): Promise<string> {
  let script = "";
  await withFolder(async (folder) => {
    const { code, stdout, stderr } = await livecue(folder, "completions", shell);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    script = stdout;
  });
  return script;
}

/** The typed text and the expected offers, among others or alone. */
const cases: [typed: string[], offered: string[], others: string[]][] = [
  [["st"], ["start"], ["sessions", "--speed"]],
  [["start", "--us"], ["--username"], ["--until"]],
  [["--config", "my.jsonc", "doc"], ["doctor"], ["--config"]],
  [["--verbose", "queue", "--s"], ["--service", "--status"], ["sessions"]],
  [["completions", "f"], ["fish"], ["fuzz"]],
  [["add", "--y"], ["--yes"], ["--years"]],
];

function assertOffered(found: string[], [typed, offered, others]: typeof cases[number]): void {
  for (const word of offered) assert.ok(found.includes(word), `${typed.join(" ")}: ${found.join(" ")}`);
  for (const word of others) assert.ok(!found.includes(word), `${typed.join(" ")}: ${found.join(" ")}`);
}

Deno.test({
  name: "bash completes commands, options and choices",
  ignore: await lacks("bash"),
  async fn() {
    const script = await scriptFor("bash");
    const asks = cases.map(([typed]) =>
      `COMP_WORDS=(livecue ${typed.join(" ")}); COMP_CWORD=${typed.length}; _livecue; echo "\${COMPREPLY[*]}"`
    );
    const lines = (await run("bash", ["--norc"], [script, ...asks].join("\n")) ?? "").split("\n");
    for (const [index, each] of cases.entries()) assertOffered((lines[index] ?? "").split(" "), each);
  },
});

Deno.test({
  name: "fish completes commands, options and choices",
  ignore: await lacks("fish"),
  async fn() {
    const script = await scriptFor("fish");
    for (const each of cases) {
      const ask = `complete -C "livecue ${each[0].join(" ")}"`;
      const lines = (await run("fish", ["--no-config"], `${script}\n${ask}\n`) ?? "").split("\n");
      assertOffered(lines.map((line) => line.split("\t")[0] ?? ""), each);
    }
  },
});

Deno.test({
  name: "zsh completes commands, options and choices",
  ignore: await lacks("zsh"),
  async fn() {
    const script = await scriptFor("zsh");
    // As its completion system calls it, with what takes the words in place of the menu.
    const stand = 'compdef() { :; }\n_describe() { print -r -- "${found[@]%%:*}"; }\n';
    const asks = cases.map(([typed]) =>
      `words=(livecue ${typed.join(" ")}); CURRENT=${typed.length + 1}; _livecue`
    );
    const lines = (await run("zsh", ["-f"], [stand + script, ...asks].join("\n")) ?? "").split("\n");
    for (const [index, each] of cases.entries()) {
      const typed = each[0].at(-1) ?? "";
      assertOffered((lines[index] ?? "").split(" ").filter((word) => word.startsWith(typed)), each);
    }
  },
});

Deno.test({
  name: "PowerShell completes commands, options and choices",
  ignore: await lacks("pwsh"),
  async fn() {
    const script = await scriptFor("powershell");
    for (const each of cases) {
      const line = `livecue ${each[0].join(" ")}`;
      const ask = `(TabExpansion2 '${line}' ${line.length}).CompletionMatches.CompletionText`;
      const lines = await run("pwsh", ["-NoProfile", "-Command", "-"], `${script}\n\n${ask}\n`) ?? "";
      assertOffered(lines.split(/\r?\n/), each);
    }
  },
});

/** How a shell starts without a person's own settings, and what it is told at its prompt. */
const prompts: Record<string, { start: string; setUp: string }> = {
  bash: { start: "bash --norc", setUp: "source script" },
  fish: { start: "fish --no-config", setUp: "source script" },
  zsh: { start: "zsh -f", setUp: "autoload -U compinit && compinit -u -D && source ./script" },
};

for (const [shell, { start, setUp }] of Object.entries(prompts)) {
  Deno.test({
    name: `At the prompt of ${shell}, Tab completes a command and a choice, and the command runs`,
    ignore: lacksTmux || await lacks(shell),
    async fn() {
      const script = await scriptFor(shell);
      await withFolder(async (folder) => {
        await Deno.writeTextFile(`${folder}/script`, script);
        const env = { NO_COLOR: "1", HISTFILE: "/dev/null", XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
        await withTerminal(folder, { env }, async (terminal) => {
          await terminal.enter(start);
          await terminal.enter(setUp);
          await terminal.type("livecue compl");
          await terminal.press("Tab");
          await terminal.shows(/livecue completions/);
          await terminal.type("f");
          await terminal.press("Tab");
          await terminal.shows(/livecue completions fish/);
          await terminal.press("Enter");
          await terminal.shows(/^complete -c livecue /m);
          await terminal.enter("exit");
          await terminal.shows(/^ready>$/m);
        });
      });
    },
  });
}

Deno.test("Another shell is refused with the names of the supported ones", async () => {
  await withFolder(async (folder) => {
    const { code, stderr } = await livecue(folder, "completions", "tcsh");
    assert.equal(code, 2);
    assert.match(stderr, /bash, zsh, fish, powershell/);
  });
});
