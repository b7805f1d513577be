/** Tests of what a store does in either kind of database. */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/store/open.ts";
import { openReader } from "../../src/store/open_reader.ts";
import type { OpenReader } from "../../src/store/reader.ts";
import type { Store, StoreOptions } from "../../src/store/store.ts";
import { FakeClock } from "./fake_clock.ts";
import { testWithPostgres } from "./postgres.ts";
import { createTables, withClient } from "./postgres_copy.ts";
import { listLog, withFolder } from "./temporary_store.ts";

type Row = Record<string, unknown>;

export interface StoreUnderTest {
  store: Store;
  isPostgres: boolean;
  clock: FakeClock;
  /** What the store told its log, as "level: text". */
  told: string[];
  /** Another program's statements, over a connection of its own. */
  run(sql: string): Promise<void>;
  /** What another program sees. */
  rows(sql: string): Promise<Row[]>;
  /** Runs `use` with a reader over a connection of its own. */
  read<Result>(use: (opened: OpenReader) => Result | Promise<Result>): Promise<Result>;
  /** Opens the same database again, after `store` was stopped. The test stops it. */
  again(): Promise<Store>;
}

type Use = (parts: StoreUnderTest) => Promise<void> | void;

/** Two tests of one name, over an empty database of each kind with the live of `openSession`. */
export function overBothStores(name: string, use: Use, options: Partial<StoreOptions> = {}): void {
  Deno.test(name, () =>
    withFolder(async (folder) => {
      const address = join(folder, "livecue.db");
      const rows = (sql: string) => {
        using database = new DatabaseSync(address);
        return Promise.resolve(database.prepare(sql).all().map((row) => ({ ...row })));
      };
      await useStore({ address, isPostgres: false, rows, options }, use);
    }));
  testWithPostgres(`${name} (PostgreSQL)`, async (server) => {
    const address = await createTables(server);
    const rows = (sql: string) =>
      withClient(address, async (client) => (await client.query<Row>({ text: sql })).rows);
    await useStore({ address, isPostgres: true, rows, options }, use);
  });
}

interface Parts extends Pick<StoreUnderTest, "rows" | "isPostgres"> {
  address: string;
  options: Partial<StoreOptions>;
}

async function useStore({ address, isPostgres, rows, options }: Parts, use: Use): Promise<void> {
  const clock = new FakeClock();
  const told: string[] = [];
  const again = () => openStore({ address, durability: "normal", clock, log: listLog(told), ...options });
  const store = await again();
  const run = async (sql: string) => void await rows(sql);
  const read: StoreUnderTest["read"] = async (ask) => {
    const opened = await openReader(address);
    try {
      return await ask(opened);
    } finally {
      opened.close();
    }
  };
  try {
    await run(`INSERT INTO live (id, source_type, room_id, username, title, started_at)
      VALUES (1, 'demo', '7312345678901234567', 'ana.live', '', 1700000000000)`);
    await use({ store, isPostgres, clock, told, run, rows, read, again });
  } finally {
    await store.stop();
  }
}
