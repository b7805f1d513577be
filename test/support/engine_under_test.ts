/** A connection that writes to PostgreSQL, what it says, and a table for it. */
import { systemClock } from "../../src/clock.ts";
import { Engine, type EngineOptions } from "../../src/store/postgres/engine.ts";
import type { Piece } from "../../src/store/postgres/pipeline.ts";
import type { Postgres } from "./postgres.ts";

/** Each row has the engine's name for the batch and a number within it. */
export const noteTable = "CREATE TABLE note (id BIGINT PRIMARY KEY, batch TEXT NOT NULL)";

/** A new database with the table, and its address. */
export async function databaseWithNotes(server: Postgres): Promise<string> {
  const address = await server.createDatabase();
  await server.psql(noteTable, nameOf(address));
  return address;
}

export function nameOf(address: string): string {
  return new URL(address).pathname.slice(1);
}

/** The batches of the table's rows, in the order of their ids. */
export async function notesIn(server: Postgres, address: string): Promise<string[]> {
  const lines = await server.psql("SELECT batch FROM note ORDER BY id", nameOf(address));
  return lines === "" ? [] : lines.split("\n");
}

export function note(id: number, batch: string): Piece {
  return { text: "INSERT INTO note (id, batch) VALUES ($1::bigint, $2)", values: [String(id), batch] };
}

export class HeardEngine {
  /** What the engine said, as "away: SENTENCE", "back" or "lost: ROOM, WHY". */
  readonly said: string[] = [];
  readonly #waits: { text: string; resolve: () => void }[] = [];
  #engine: Engine | null = null;

  static async open(options: Pick<EngineOptions, "address"> & Partial<EngineOptions>): Promise<HeardEngine> {
    const heard = new HeardEngine();
    heard.#engine = await Engine.open({
      machine: "studio-1",
      durability: "normal",
      clock: systemClock,
      onAway: (sentence) => heard.#hear(`away: ${sentence}`),
      onBack: () => heard.#hear("back"),
      onLost: (room, why) => heard.#hear(`lost: ${room}, ${why}`),
      ...options,
    });
    return heard;
  }

  get engine(): Engine {
    return this.#engine as Engine;
  }

  /** Resolves when the engine has said something that begins so, again if it did before. */
  async hears(text: string): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waits.push({ text, resolve });
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.engine.close(2000);
  }

  #hear(text: string): void {
    this.said.push(text);
    for (const wait of [...this.#waits]) {
      if (!text.startsWith(wait.text)) continue;
      this.#waits.splice(this.#waits.indexOf(wait), 1);
      wait.resolve();
    }
  }
}
