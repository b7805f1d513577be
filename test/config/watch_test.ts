import assert from "node:assert/strict";
import { join } from "node:path";
import type { Config } from "../../src/config/config.ts";
import { ConfigError } from "../../src/config/config_error.ts";
import { type ConfigChange, ConfigWatch } from "../../src/config/watch.ts";
import { FakeClock } from "../support/fake_clock.ts";

interface Watched {
  file: string;
  clock: FakeClock;
  changes: ConfigChange[];
}

/** Longer than a change needs to be noticed and to settle. */
const longMs = 2_000;

function watching(text: string | null, run: (watched: Watched) => void): void {
  const folder = Deno.makeTempDirSync();
  const file = join(folder, "config.jsonc");
  if (text !== null) Deno.writeTextFileSync(file, text);
  const clock = new FakeClock();
  const changes: ConfigChange[] = [];
  const watch = new ConfigWatch(file, { clock, env: {}, onChange: (change) => changes.push(change) });
  watch.start();
  try {
    run({ file, clock, changes });
  } finally {
    watch.stop();
    Deno.removeSync(folder, { recursive: true });
  }
  assert.equal(clock.timerCount, 0);
}

function usersOf(changes: ConfigChange[]): (string | null)[] {
  return changes.map((change) => {
    if ("isAsBefore" in change) return "as before";
    return "config" in change ? userOf(change.config) : change.error.message;
  });
}

function userOf({ sources: [source] }: Config): string | null {
  return source?.type === "tiktok" ? source.user : null;
}

const withUser = (user: string) => `{ "tiktok": { "user": "${user}" } }`;

Deno.test("ConfigWatch hands on the config when the file is written", () => {
  watching("{}", ({ file, clock, changes }) => {
    Deno.writeTextFileSync(file, withUser("ana"));
    clock.advance(longMs);
    assert.deepEqual(usersOf(changes), ["ana"]);
    clock.advance(longMs);
    assert.equal(changes.length, 1);
  });
});

Deno.test("ConfigWatch notices a file put in the old one's place, as editors do", () => {
  watching("{}", ({ file, clock, changes }) => {
    Deno.writeTextFileSync(`${file}.new`, withUser("ana"));
    Deno.renameSync(`${file}.new`, file);
    clock.advance(longMs);
    assert.deepEqual(usersOf(changes), ["ana"]);
  });
});

Deno.test("ConfigWatch takes a file that is still being written when it has been left alone", () => {
  watching("{}", ({ file, clock, changes }) => {
    for (const part of ["{", "{ half", "", withUser("ana")]) {
      Deno.writeTextFileSync(file, part);
      clock.advanceToNext();
      assert.deepEqual(changes, []);
    }
    clock.advanceToNext();
    assert.deepEqual(usersOf(changes), ["ana"]);
  });
});

Deno.test("ConfigWatch says what is wrong with a changed file, and then that it is mended", () => {
  watching("{}", ({ file, clock, changes }) => {
    Deno.writeTextFileSync(file, "{ half");
    clock.advance(longMs);
    Deno.writeTextFileSync(file, withUser("ana"));
    clock.advance(longMs);
    const [first, second] = changes;
    assert(first && "error" in first && first.error instanceof ConfigError);
    assert.deepEqual(usersOf([second!]), ["ana"]);
  });
});

Deno.test("ConfigWatch says when the file has gone, and when it has come", () => {
  watching(null, ({ file, clock, changes }) => {
    clock.advance(longMs);
    assert.deepEqual(changes, []);
    Deno.writeTextFileSync(file, withUser("ana"));
    clock.advance(longMs);
    Deno.removeSync(file);
    clock.advance(longMs);
    assert.equal(changes.length, 2);
    assert.equal(usersOf(changes)[0], "ana");
    assert.match(usersOf(changes)[1]!, /^There is no config file/);
  });
});

Deno.test("ConfigWatch does not take a config for a changed one that only could not be read, or was wrong, for a while", () => {
  watching(withUser("ana"), ({ file, clock, changes }) => {
    const save = (text: string | null) => {
      if (text === null) Deno.removeSync(file);
      else Deno.writeTextFileSync(file, text);
      clock.advance(longMs);
    };
    for (const text of [null, withUser("ana"), "{ wrong", withUser("ana"), withUser("ben")]) save(text);
    const seen = usersOf(changes).map((each) => each?.split(" ")[0]);
    assert.deepEqual([seen[1], seen[3], seen[4]], ["as", "as", "ben"]);
    assert.equal(seen.length, 5);
  });
});

Deno.test({
  name: "ConfigWatch does not wait for a config that is a pipe",
  ignore: Deno.build.os === "windows",
  fn() {
    watching(withUser("ana"), ({ file, clock, changes }) => {
      Deno.removeSync(file);
      new Deno.Command("mkfifo", { args: [file] }).outputSync();
      clock.advance(longMs);
      assert.match(usersOf(changes)[0]!, /is a pipe, so a change takes effect at the next start/);
      Deno.removeSync(file);
      Deno.writeTextFileSync(file, withUser("ben"));
      clock.advance(longMs);
      assert.equal(usersOf(changes)[1], "ben");
    });
  },
});

Deno.test("ConfigWatch says nothing of a file written as it was, or put back in time", () => {
  watching(withUser("ana"), ({ file, clock, changes }) => {
    Deno.writeTextFileSync(file, withUser("ana"));
    clock.advance(longMs);
    Deno.writeTextFileSync(file, withUser("ben"));
    clock.advanceToNext();
    Deno.writeTextFileSync(file, withUser("ana"));
    clock.advance(longMs);
    assert.deepEqual(changes, []);
  });
});

Deno.test("ConfigWatch tells that a file is gone, also right after it could not be read", () => {
  watching("{}", ({ file, clock, changes }) => {
    Deno.writeFileSync(file, new Uint8Array([0xff, 0xfe, 0xff]));
    clock.advance(longMs);
    Deno.removeSync(file);
    clock.advance(longMs);
    assert.deepEqual(usersOf(changes).map((told) => /not UTF-8|There is no config/.exec(told ?? "")?.[0]), [
      "not UTF-8",
      "There is no config",
    ]);
    Deno.writeTextFileSync(file, "{}");
    clock.advance(longMs);
    assert.equal(usersOf(changes).at(-1), "as before");
  });
});
