/** The whole program with readings: at the turn of the year, on a full disk, and with a file that it may not write. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { FakeLightstreamer } from "../support/fake_lightstreamer.ts";
import { startProgramWith, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const threshold = fileURLToPath(new URL("../../services/threshold.ts", import.meta.url));

function configure(folder: string, { url }: FakeLightstreamer, clock: string): void {
  writeConfig(folder, {
    sources: {
      iss: {
        type: "lightstreamer",
        url,
        adapter_set: "ISSLIVE",
        items: ["tank"],
        fields: ["TimeStamp", "Value"],
        clock,
      },
    },
    services: {
      high: {
        service_class: threshold,
        emits: ["DetectionEvent"],
        options: { channel: "tank", above: 80, for_seconds: 30 },
      },
    },
  });
}

function storedIn(folder: string): { at: number; value: number }[] {
  using database = new DatabaseSync(join(folder, "readings.db"), { readOnly: true });
  return database.prepare("SELECT at, value FROM reading ORDER BY at").all() as {
    at: number;
    value: number;
  }[];
}

function run(command: string, ...args: string[]): boolean {
  return new Deno.Command(command, { args, stdout: "null", stderr: "null" }).outputSync().success;
}

const libraries = ["x86_64", "aarch64"].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketimeMT.so.1`);
const fakeTime = libraries.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Sets the clock of a program that was started with `clockFrom` its file. */
function setClock(file: string, now: number): void {
  Deno.writeTextFileSync(`${file}.new`, `${now < Date.now() ? "" : "+"}${(now - Date.now()) / 1000}`);
  Deno.renameSync(`${file}.new`, file);
}

function clockFrom(file: string): Record<string, string> {
  return {
    LD_PRELOAD: fakeTime ?? "",
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  };
}

Deno.test({
  name: `At the turn of the year, hours of the year go on in order, and a detector judges across it${
    fakeTime === undefined ? " (Debian's faketime is missing)" : ""
  }`,
  ignore: fakeTime === undefined,
  fn: () =>
    withFolder(async (folder) => {
      await using server = await FakeLightstreamer.start();
      configure(folder, server, "hours_of_year");
      const [file, turn, second] = [join(folder, "clock"), Date.UTC(2027, 0, 1), 1_000];
      setClock(file, turn - second);
      const program = startProgramWith(clockFrom(file), folder, "start", "--plain");
      const session = await server.session();
      // The first day of a year is day 1.
      const send = (at: number, value: number) => {
        const year = Date.UTC(new Date(at).getUTCFullYear(), 0, 1);
        session.update(1, `${24 + (at - year) / 3_600_000}|${value}`);
      };
      for (let after = -60; after < 0; after++) send(turn + after * second, after < -20 ? 40 : 90);
      await session.delivered();
      setClock(file, turn + 60 * second);
      for (let after = 0; after < 60; after++) send(turn + after * second, after < 20 ? 90.5 : 40);
      // It came late.
      send(turn - 30.5 * second, 41);
      await program.line(/tank has been above 80 for 30 s/);
      program.kill("SIGINT");
      const { code, stderr } = await program.ended;
      assert.equal(code, 0, stderr);
      const expected = Array.from({ length: 120 }, (_, index) => (index - 60) * second);
      expected.splice(30, 0, -30.5 * second);
      assert.deepEqual(storedIn(folder).map(({ at }) => at - turn), expected);
    }),
});

/** Whether a mount of this kind succeeds; it is undone. */
function canMount(): boolean {
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return false;
  const folder = Deno.makeTempDirSync();
  const isMounted = run("mount", "-t", "tmpfs", "tmpfs", folder);
  if (isMounted) run("umount", folder);
  Deno.removeSync(folder);
  return isMounted;
}

const mounts = canMount();

Deno.test({
  name: `On a full disk the program says so, and stores all readings when there is room${
    mounts ? "" : " (no small disk can be made here)"
  }`,
  ignore: !mounts,
  fn: () =>
    withFolder(async (folder) => {
      run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", folder);
      try {
        await using server = await FakeLightstreamer.start();
        configure(folder, server, "unix_ms");
        const program = startProgramWith({}, folder, "start", "--plain");
        const session = await server.session();
        const ballast = join(folder, "ballast");
        run("dd", "if=/dev/zero", `of=${ballast}`, "bs=64k");
        const start = Date.now() - 3_600_000;
        const count = 20_000;
        for (let number = 0; number < count; number++) {
          session.update(1, `${start + number * 10}|${number % 50}`);
        }
        await program.line(
          /Readings cannot be stored\. .*The disk is full: free some space\. Until then readings wait/,
        );
        Deno.removeSync(ballast);
        await program.line(/Readings are stored again/);
        await session.delivered();
        program.kill("SIGINT");
        const { code, stdout, stderr } = await program.ended;
        assert.equal(code, 0, stderr);
        assert.match(stdout, /Readings: 20000 stored\.\n/);
        assert.equal(storedIn(folder).length, count);
      } finally {
        run("umount", folder);
      }
    }),
});

Deno.test({
  name:
    `With a file of readings that may not be written, the program says what to do and how many were dropped${
      mounts ? "" : " (no read-only file can be made here)"
    }`,
  ignore: !mounts,
  fn: () =>
    withFolder(async (folder) => {
      await using server = await FakeLightstreamer.start();
      configure(folder, server, "unix_ms");
      const readings = join(folder, "readings.db");
      new DatabaseSync(readings).close();
      run("mount", "--bind", readings, readings);
      run("mount", "-o", "remount,ro,bind", readings);
      try {
        const program = startProgramWith({}, folder, "start", "--plain");
        const session = await server.session();
        session.update(1, `${Date.now()}|1`);
        await program.line(
          /Readings cannot be stored\. .*readings\.db: The database is read-only: allow writing .* Livecue drops readings/,
        );
        program.kill("SIGINT");
        const { code, stderr } = await program.ended;
        assert.equal(code, 0, stderr);
        assert.match(stderr, /Readings: 1 dropped\./);
      } finally {
        run("umount", readings);
      }
    }),
});
