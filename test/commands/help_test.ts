/** The output of `--help` for each command. */
import assert from "node:assert/strict";
import { livecue } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const ofRun = ["--session-name", "--plain", "--for", "--record", "--batch-size"];
const ofDemo = ["--rate", "--seed"];
const ofSource = ["--username", "--source", "--once", "--speed", "--exact-gaps", ...ofDemo];
const ofProcessing = ["--service", "--discard-pending"];
const ofList = ["--limit", "--json"];

const optionsByCommand: Record<string, string[]> = {
  init: [],
  add: ["--yes"],
  desk: ["--port"],
  start: [
    ...ofSource,
    ...ofRun,
    ...ofProcessing,
    "--all",
    "--max-streamers",
    "--connects-per-minute",
    "--name",
  ],
  streamers: [],
  watch: ["--read-only", "--plain", "--json"],
  capture: [...ofSource, ...ofRun],
  work: ["--service", "--drain", "--name", "--listen", "--token-env", "--max-workers"],
  demo: [...ofDemo, ...ofRun, ...ofProcessing],
  sessions: ofList,
  events: ["--session", "--type", "--text", "--before", ...ofList],
  queue: ["--service", "--status", "--before", ...ofList],
  gifts: ["--all", "--search", "--sort", "--limit", "--json"],
  viewers: ["--top", "--search", "--json"],
  viewer: [],
  report: ["--html", "--json", "--csv", "--names", "--output"],
  export: ["--csv"],
  readings: ["--from", "--to", "--csv", "--json", "--times"],
  retry: ["--service", "--failed", "--discarded", "--streamer", "--from-start"],
  backup: [],
  restore: ["--yes"],
  check: [],
  repair: [],
  prune: ["--keep", "--dry-run", "--yes"],
  reset: ["--yes"],
  doctor: [],
  completions: [],
};
const ofAll = ["--help", "--version", "--config", "--database", "--verbose"];

async function help(folder: string, ...command: string[]): Promise<string> {
  const { code, stdout, stderr } = await livecue(folder, ...command, "--help");
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

Deno.test("The help lists every command, and each command's help lists every option", async () => {
  await withFolder(async (folder) => {
    const listed = [...(await help(folder)).matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
    assert.deepEqual(listed, Object.keys(optionsByCommand));
    for (const [command, options] of Object.entries(optionsByCommand)) {
      const described = [...(await help(folder, command)).matchAll(/^ {2}(?:-\w, )?(--[\w-]+).* {2}\S/gm)]
        .map(([, option]) => option);
      assert.deepEqual(described.sort(), [...options, ...ofAll].sort(), command);
    }
  });
});

Deno.test("The help names a command's arguments, and the values of a choice", async () => {
  await withFolder(async (folder) => {
    assert.match(await help(folder, "export"), /^Usage: livecue export \[options\] <session> <file>\n/);
    assert.match(await help(folder, "retry"), /^Usage: livecue retry \[options\] \[items\.\.\.\]\n/);
    assert.match(
      await help(folder, "queue"),
      /"pending",\s+"processing",\s+"completed",\s+"failed",\s+"discarded"/,
    );
    assert.match(await help(folder, "start"), /tiktok, demo, replay:FILE/);
    assert.match((await help(folder, "capture")).replace(/\s+/g, " "), /shows a plain log, no screen/);
  });
});

Deno.test("--version prints the versions of Livecue and Deno", async () => {
  await withFolder(async (folder) => {
    const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
    const { os, arch } = Deno.build;
    assert.deepEqual(await livecue(folder, "--version"), {
      code: 0,
      stdout: `livecue ${version} (Deno ${Deno.version.deno}, ${os} ${arch})\n`,
      stderr: "",
    });
  });
});
