import assert from "node:assert/strict";
import { join } from "node:path";
import { ConfigError } from "../../src/config/config_error.ts";
import { type ConfigChange, watchConfig } from "../../src/config/watch.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A fake clock that tells when the watcher has begun to wait for quiet. */
class WatchedClock extends FakeClock {
  #onTimer = () => {};

  override after(delayMs: number, run: () => void): () => void {
    const cancel = super.after(delayMs, run);
    this.#onTimer();
    return cancel;
  }

  /** Resolves at the next timer that is set. */
  timerSet(): Promise<void> {
    return new Promise((resolve) => this.#onTimer = resolve);
  }
}

interface Watched {
  file: string;
  clock: WatchedClock;
  changes: ConfigChange[];
  /** Does `change`, waits until it has been noticed, and lets the quiet time pass. */
  after(change: () => void): Promise<void>;
}

async function watching(text: string | null, run: (watched: Watched) => Promise<void>): Promise<void> {
  const folder = Deno.makeTempDirSync();
  const file = join(folder, "config.jsonc");
  if (text !== null) Deno.writeTextFileSync(file, text);
  const stop = new AbortController();
  const clock = new WatchedClock();
  const changes: ConfigChange[] = [];
  const ended = watchConfig(file, {
    signal: stop.signal,
    clock,
    env: {},
    onChange: (change) => changes.push(change),
  });
  const after = async (change: () => void) => {
    const noticed = clock.timerSet();
    change();
    await noticed;
    clock.advance(1000);
  };
  try {
    await run({ file, clock, changes, after });
  } finally {
    stop.abort();
    await ended;
    Deno.removeSync(folder, { recursive: true });
  }
  assert.equal(clock.timerCount, 0);
}

function usersOf(changes: ConfigChange[]): (string | null)[] {
  return changes.map((change) => "config" in change ? change.config.tiktok.user : change.error.message);
}

const withUser = (user: string) => `{ "tiktok": { "user": "${user}" } }`;

Deno.test("watchConfig hands on the config when the file is written", async () => {
  await watching("{}", async ({ file, changes, after }) => {
    await after(() => Deno.writeTextFileSync(file, withUser("ana")));
    assert.deepEqual(usersOf(changes), ["ana"]);
  });
});

Deno.test("watchConfig notices a file put in the old one's place, as editors do", async () => {
  await watching("{}", async ({ file, changes, after }) => {
    Deno.writeTextFileSync(`${file}.new`, withUser("ana"));
    await after(() => Deno.renameSync(`${file}.new`, file));
    assert.deepEqual(usersOf(changes), ["ana"]);
  });
});

Deno.test("watchConfig reads once after a burst, when the file has been left alone", async () => {
  await watching("{}", async ({ file, clock, changes, after }) => {
    const noticed = clock.timerSet();
    Deno.writeTextFileSync(file, "{ half");
    await noticed;
    assert.deepEqual(changes, []);
    await after(() => Deno.writeTextFileSync(file, withUser("ana")));
    assert.deepEqual(usersOf(changes), ["ana"]);
  });
});

Deno.test("watchConfig says what is wrong with a changed file, and then that it is mended", async () => {
  await watching("{}", async ({ file, changes, after }) => {
    await after(() => Deno.writeTextFileSync(file, "{ half"));
    await after(() => Deno.writeTextFileSync(file, withUser("ana")));
    const [first, second] = changes;
    assert(first && "error" in first && first.error instanceof ConfigError);
    assert.deepEqual(usersOf([second!]), ["ana"]);
  });
});

Deno.test("watchConfig says when the file has gone, and when it has come", async () => {
  await watching(null, async ({ file, changes, after }) => {
    await after(() => Deno.writeTextFileSync(file, withUser("ana")));
    await after(() => Deno.removeSync(file));
    assert.equal(changes.length, 2);
    assert.equal(usersOf(changes)[0], "ana");
    assert.match(usersOf(changes)[1]!, /^There is no config file/);
  });
});

Deno.test("watchConfig says nothing of a file written as it was, or of other files", async () => {
  await watching(withUser("ana"), async ({ file, changes, after }) => {
    Deno.writeTextFileSync(`${file}.db`, "other");
    await after(() => Deno.writeTextFileSync(file, withUser("ana")));
    assert.deepEqual(changes, []);
    await after(() => Deno.writeTextFileSync(file, withUser("ben")));
    assert.deepEqual(usersOf(changes), ["ben"]);
  });
});

Deno.test("watchConfig ends at once where it has been stopped before", async () => {
  const folder = Deno.makeTempDirSync();
  await watchConfig(join(folder, "config.jsonc"), {
    signal: AbortSignal.abort(),
    clock: new FakeClock(),
    onChange: () => assert.fail(),
  });
  Deno.removeSync(folder, { recursive: true });
});
