/** What may stand where a database is looked for: each is told in a sentence, and stays as it is. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkDatabase } from "../../src/store/sqlite/check.ts";
import { deleteDatabase } from "../../src/store/sqlite/delete.ts";
import { openSqliteReader } from "../../src/store/sqlite/reading.ts";
import { UserError } from "../../src/user_error.ts";
import { openTemporary, withFolder } from "../support/temporary_store.ts";

interface WrongFile {
  name: string;
  make(path: string): Promise<void> | void;
  says: RegExp;
}

const isPosix = Deno.build.os !== "windows";

const wrongFiles: WrongFile[] = [
  { name: "a folder", make: (path) => Deno.mkdirSync(path), says: /is a folder or a device/ },
  {
    name: "text",
    make: (path) => Deno.writeTextFileSync(path, "Dear reader, this is none. ".repeat(300)),
    says: /not an SQLite database/,
  },
  {
    name: "what is encrypted",
    make: (path) => {
      for (let at = 0; at < 40_960; at += 32) {
        Deno.writeFileSync(path, createHash("sha256").update(String(at)).digest(), { append: true });
      }
    },
    says: /not an SQLite database/,
  },
  {
    name: "another program's database",
    make: (path) => {
      const database = new DatabaseSync(path);
      database.exec("CREATE TABLE song (title TEXT)");
      database.close();
    },
    says: /the database of another program/,
  },
  {
    name: "a newer Livecue's database",
    make: async (path) => {
      await openTemporary(path).store.stop();
      const database = new DatabaseSync(path);
      database.exec("PRAGMA user_version = 99");
      database.close();
    },
    says: /newer Livecue/,
  },
  {
    name: "the first bytes of a database",
    make: async (path) => {
      await openTemporary(path).store.stop();
      Deno.truncateSync(path, 60);
    },
    says: /damaged|not an SQLite database/,
  },
  ...(isPosix
    ? [
      {
        name: "a pipe",
        make: (path: string) => void new Deno.Command("mkfifo", { args: [path] }).outputSync(),
        says: /is a folder or a device/,
      },
      {
        name: "a link to itself",
        make: (path: string) => Deno.symlinkSync(path, path),
        says: /cannot be read: /,
      },
    ]
    : []),
];

for (const { name, make, says } of wrongFiles) {
  Deno.test(`Where ${name} stands for a database it is refused with a sentence, and stays as it is`, async () => {
    await withFolder(async (folder) => {
      const path = join(folder, "a.db");
      await make(path);
      const before = bytesOf(path);
      const acts = [openTemporary, openSqliteReader, checkDatabase, deleteDatabase];
      for (const act of acts) {
        assert.throws(() => act(path), (error) => {
          assert.ok(error instanceof UserError, `${act.name}: ${error}`);
          assert.match(error.message, says, act.name);
          assert.doesNotMatch(error.message, /\n/);
          return true;
        });
      }
      assert.equal(bytesOf(path), before);
    });
  });
}

/** null of what is no file. */
function bytesOf(path: string): string | null {
  try {
    if (!Deno.statSync(path).isFile) return null;
    return createHash("sha256").update(Deno.readFileSync(path)).digest("hex");
  } catch {
    return null;
  }
}

Deno.test("A log that grows because another program reads for long is told", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "a.db");
    const { store, told } = openTemporary(path);
    const other = new DatabaseSync(path, { readOnly: true });
    other.exec("BEGIN");
    other.prepare("SELECT count(*) FROM live_event").get();
    await store.syncServices([]);
    for (let index = 0; index < 300 && told.length === 0; index += 1) {
      store.writer.add({ kind: "set_config", key: "large", value: "abc"[index % 3]!.repeat(1_000_000) });
      for (let small = 0; small < 64; small += 1) {
        store.writer.add({ kind: "set_config", key: "small", value: String(small) });
      }
      await store.writer.flush();
    }
    assert.match(
      told[0]!,
      /a\.db-wal is growing \(\d+ pages\), because another program has been reading.*Close that program\./,
    );
    other.close();
    await store.stop();
  });
});
