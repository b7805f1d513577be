/** A service's own commands, as a person runs them. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { livecue, startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const serviceClass = (name: string) =>
  fileURLToPath(new URL(`../support/services/${name}.ts`, import.meta.url));

const services = {
  archive: { service_class: serviceClass("archivist"), options: { greeting: "hi" } },
  wrong: { service_class: serviceClass("archivist"), options: { greeting: 5 } },
  silent: { service_class: serviceClass("greeter") },
};

function withServices(use: (folder: string) => Promise<void>): Promise<void> {
  return withFolder(async (folder) => {
    writeConfig(folder, { services });
    await use(folder);
  });
}

Deno.test("A service's commands use its options and its data, and its name alone lists the commands", async () => {
  await withServices(async (folder) => {
    assert.deepEqual(await livecue(folder, "archive", "add", "hello"), { code: 0, stdout: "", stderr: "" });
    assert.deepEqual(await livecue(folder, "archive", "list"), {
      code: 0,
      stdout: "hi: hello\n",
      stderr: "",
    });
    const list = await livecue(folder, "archive");
    assert.equal(list.code, 0);
    assert.match(list.stdout, /^command +does\nlist +lists what was said\nadd WORD +adds a word\n/);
    assert.deepEqual([...Deno.readDirSync(join(folder, "data"))].map(({ name }) => name), ["archive"]);
  });
});

Deno.test("The database of a demo or a replay selects the service's data of it", async () => {
  await withServices(async (folder) => {
    await livecue(folder, "archive", "add", "show");
    for (const rehearsal of ["demo", "replay"]) {
      const database = `livecue.${rehearsal}.db`;
      assert.equal((await livecue(folder, "--database", database, "archive", "add", rehearsal)).code, 0);
      const { stdout } = await livecue(folder, "--database", database, "archive", "list");
      assert.equal(stdout, `hi: ${rehearsal}\n`);
    }
    assert.equal((await livecue(folder, "archive", "list")).stdout, "hi: show\n");
    assert.equal(
      (await livecue(folder, "--database", "other.db", "archive", "list")).stdout,
      "hi: show\n",
    );
  });
});

Deno.test("Everything after the command belongs to the command, even what looks like an option of Livecue", async () => {
  await withServices(async (folder) => {
    const said = await livecue(
      folder,
      "--config",
      "config.jsonc",
      "archive",
      "say",
      "--config",
      "a b",
      "--help",
      "-x",
    );
    assert.deepEqual(said, { code: 0, stdout: "--config|a b|--help|-x\n", stderr: "" });
  });
});

const mistakes: [commandLine: string, code: number, says: RegExp][] = [
  ["archive add", 2, /^archive add: Say which word, as: add hello\n$/],
  [
    "archive lst",
    2,
    /^The service "archive" has no command "lst"\. Did you mean "list"\? Its commands are: list, add, /,
  ],
  ["silent list", 2, /^The service "silent" has no commands\.\n$/],
  ["archiv list", 2, /^There is no command and no service "archiv"\. Did you mean "archive"\?\n$/],
  ["obs setup", 2, /^The service "obs" is not in the config\. Add it: deno task livecue add obs\n$/],
  ["strt", 2, /unknown command 'strt'.*Did you mean start\?/],
  ["archive break", 1, /archive break: Error: it broke\n.*archivist\.ts/],
  ["archive exit", 1, /archive exit: the command lost its worker: it called Deno\.exit with code 7/],
  ["archive read config.jsonc", 1, /Requires read access to .*config\.jsonc.*grant it under "permissions"/],
  ["wrong list", 2, /"options" of the config do not fit the service\n.*config\.jsonc:1:\d+: .*greeting/],
];
for (const [commandLine, code, says] of mistakes) {
  Deno.test(`A mistake with a service's command is reported, with exit code ${code}: ${commandLine}`, async () => {
    await withServices(async (folder) => {
      const ended = await livecue(folder, ...commandLine.split(" "));
      assert.match(ended.stderr, says);
      assert.deepEqual([ended.code, ended.stdout], [code, ""]);
    });
  });
}

Deno.test("Ctrl-C asks a command to stop, and the command may finish in order", async () => {
  await withServices(async (folder) => {
    const run = startLivecue(folder, "archive", "wait");
    await run.line(/^waiting$/);
    run.kill("SIGINT");
    const { code, stdout } = await run.ended;
    assert.equal(code, 0);
    assert.match(stdout, /^waiting\n.*told to stop\n$/s);
  });
});

Deno.test("A command that ignores its stop is abandoned after the announced time, even in a loop", async () => {
  await withServices(async (folder) => {
    const run = startLivecue(folder, "archive", "loop");
    await run.line(/^looping$/);
    run.kill("SIGTERM");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 1);
    assert.match(stdout, /The command has 5 s to stop/);
    assert.match(stderr, /archive loop: the command did not stop within 5 s/);
  });
});

Deno.test("A command runs while Livecue does, on the same data", async () => {
  await withServices(async (folder) => {
    const archive = { ...services.archive, options: { greeting: "hi", everySeconds: 0.02 } };
    writeConfig(folder, { services: { archive } });
    const run = startLivecue(folder, "work");
    await run.line(/three runs/);
    assert.equal((await livecue(folder, "archive", "add", "meanwhile")).code, 0);
    assert.equal((await livecue(folder, "archive", "list")).stdout, "hi: meanwhile\n");
    run.kill("SIGTERM");
    assert.equal((await run.ended).code, 0);
  });
});
