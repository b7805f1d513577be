/** The output for a user's mistake: one line that says what to do, exit code 2, and nothing else. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Ended, livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));

const services = {
  dummy: { service_class: dummy },
  resting: { service_class: dummy, is_active: false },
};

/** A command line, and what the one line says. */
type Mistake = [commandLine: string, says: RegExp];

const options: Mistake[] = [
  ["strt", /unknown command 'strt'.*Did you mean start\?/],
  ["start --usernam ana", /unknown option '--usernam'.*--username/],
  ["start now", /too many arguments/],
  ["start --for 0", /--for.*'0'.*number above 0/],
  ["start --for soon", /--for.*'soon'.*number above 0/],
  ["start --for", /--for.*argument missing/],
  ["start --batch-size 0", /--batch-size.*'0'.*whole number of at least 1/],
  ["start --batch-size 1.5", /--batch-size.*'1\.5'.*whole number/],
  ["start --source replay:x --speed 0", /--speed.*'0'.*number above 0, or max\.$/m],
  ["start --source replay:x --speed fast", /--speed.*'fast'.*number above 0, or max\.$/m],
  ["version", /unknown command 'version' \(Did you mean --version\?\)$/m],
  ["events --nope", /unknown option '--nope'$/m],
  ["events --sesion 1", /unknown option '--sesion' \(Did you mean --session\?\)$/m],
  ["start --source demo --speed 2", /--speed and --exact-gaps are for a replay/],
  ["start --rate 9", /--rate and --seed are for a demo/],
  ["demo --rate fast", /--rate.*'fast'.*number above 0/],
  ["demo --seed -1", /--seed.*'-1'.*at least 0/],
  ["capture --service dummy", /unknown option '--service'/],
  ["work --for 5", /unknown option '--for'/],
  ["events --session one", /--session.*'one'.*whole number/],
  ["events --type Gif", /no event type "Gif"\. Did you mean GiftEvent\?/],
  ["queue --status lost", /--status.*'lost'.*pending, processing, completed, failed, discarded/],
  ["sessions --limit 0", /--limit.*'0'.*at least 1/],
  ["retry", /Say which items/],
  ["retry 1 --failed", /either item numbers, or --service/],
  ["retry --failed", /Add --service SLUG/],
  ["retry one", /'one'.*whole number/],
  ["export", /missing required argument 'session'/],
  ["export 1", /missing required argument 'file'/],
];

const sources: Mistake[] = [
  ["start", /No TikTok user is set\. Add --username NAME.*config\.jsonc.*deno task demo/],
  ["capture", /No TikTok user is set\./],
  ["start --username a/b", /"a\/b" is not a TikTok user\./],
  ["start --source youtube", /no source "youtube".*tiktok, demo, replay:FILE/],
  ["start --source replay:", /Name a recording after replay:/],
  ["start --source replay:none.jsonl", /Cannot replay none\.jsonl: there is no such file/],
  ["start --source replay:.", /Cannot replay \.: it is a folder/],
  ["start --source replay:empty.jsonl", /Cannot replay empty\.jsonl: the file is empty/],
  ["start --service dumy", /no service "dumy"\. Did you mean "dummy"\? Active services: dummy\./],
  ["start --service resting", /"resting" is not active: set its "is_active" to true.*Active services: dummy/],
  ["demo --service dumy", /no service "dumy"/],
  ["work --service resting --drain", /"resting" is not active/],
  ["demo --record config.jsonc", /written into .*config\.jsonc, which is the config: change --record/],
  ["demo --record old.jsonl", /old\.jsonl already exists/],
  ["demo --record none/live.jsonl", /none\/live\.jsonl: there is no such folder/],
];

const files: Mistake[] = [
  ["start --config none.jsonc", /no config file .*none\.jsonc\. Run `init`/],
  ["start --config .", /is a folder, not a config file/],
  ["init --config none/config.jsonc", /the folder does not exist/],
  ["init --config .", /is a folder, not a config file/],
  ["demo --database none/x.db", /there is no folder .*none/],
  ["demo --database config.jsonc", /config\.jsonc: The file is not an SQLite database/],
  ["sessions --database none.db", /There is no database .*none\.db\. Run "init" or "start" first/],
  ["retry 1 --database none.db", /There is no database .*none\.db/],
  ["reset", /but there is no terminal\. Add --yes/],
  ["events --database config.jsonc", /The file is not an SQLite database/],
  ["retry 99", /There is no item 99\. Nothing was put back/],
  ["queue --service dumy", /no service "dumy"\. Did you mean "dummy"\? Its services are: dummy, resting/],
  ["retry --failed --service dumy", /no service "dumy"/],
  ["export 7 out.jsonl", /There is no session 7/],
];

function assertOneLine({ code, stdout, stderr }: Ended, says: RegExp, commandLine: string): void {
  assert.equal(code, 2, `${commandLine}: ${stdout}${stderr}`);
  assert.match(stderr, /^[^\n]+\n$/, commandLine);
  assert.match(stderr, says, commandLine);
  assert.equal(stdout, "", commandLine);
}

async function assertMistakes(mistakes: Mistake[]): Promise<void> {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await Deno.writeTextFile(`${folder}/empty.jsonl`, "");
    await Deno.writeTextFile(`${folder}/old.jsonl`, "{}\n");
    await livecue(folder, "init");
    for (const [commandLine, says] of mistakes) {
      assertOneLine(await livecue(folder, ...commandLine.split(" ")), says, commandLine);
    }
    assert.deepEqual(query(folder, "SELECT * FROM live_session"), []);
  });
}

Deno.test("A wrong command or option gives one line that names it, and exit code 2", () =>
  assertMistakes(options));

Deno.test("A wrong source, user, service or recording gives one line that names it", () =>
  assertMistakes(sources));

Deno.test("Several sources without a user give one line that names them", async () => {
  await withFolder(async (folder) => {
    const sources = { main: { type: "tiktok", user: "" }, second: { type: "tiktok", user: "" } };
    await Deno.writeTextFile(`${folder}/config.jsonc`, JSON.stringify({ sources, services }));
    for (const command of ["start", "capture"]) {
      assertOneLine(await livecue(folder, command), /set "user" for main, second in .*config/, command);
    }
  });
});

Deno.test("A wrong config, database, session or item gives one line that names it", () =>
  assertMistakes(files));

Deno.test("Help is not an error, and is printed when no command is given", async () => {
  await withFolder(async (folder) => {
    for (const args of [[], ["--help"], ["start", "--help"], ["queue", "-h"]]) {
      const { code, stdout, stderr } = await livecue(folder, ...args);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      assert.match(stdout, /^Usage: livecue/);
      assert.match(stdout, /--config <file>.*\n.*--database <file>.*\n.*--verbose/);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("A file that is not a recording is reported as such, and none of its content is printed", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, { services });
    await Deno.writeFile(
      `${folder}/noise.jsonl`,
      Uint8Array.from({ length: 3000 }, (_, index) => index * 7 % 256),
    );
    const { code, stdout, stderr } = await livecue(folder, "start", "--source", "replay:noise.jsonl");
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /noise\.jsonl[^\n]*\n$/);
    assert.match(stderr, /^[\n\x20-\x7e]*$/);
  });
});

Deno.test("All mistakes in a config are reported, with line, column and a suggestion", async () => {
  await withFolder(async (folder) => {
    const text = '{\n  // mine\n  "databse": "x.db",\n  "durability": "ful",\n}\n';
    await Deno.writeTextFile(`${folder}/config.jsonc`, text);
    for (const command of ["start", "demo", "work", "sessions", "reset"]) {
      const { code, stdout, stderr } = await livecue(folder, command);
      assert.equal(code, 2, command);
      assert.equal(stdout, "", command);
      assert.match(stderr, /config\.jsonc:3:3: databse: unknown key, did you mean "database"\?/);
      assert.match(stderr, /config\.jsonc:4:17: durability: found "ful", did you mean "full"\?/);
    }
    assert.equal(await Deno.readTextFile(`${folder}/config.jsonc`), text);
  });
});
