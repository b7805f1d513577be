/** The speech in a real worker, on a port and in a folder of its own, with no more permissions than it needs. */
import { fileURLToPath } from "node:url";
import { DatabaseSync } from "node:sqlite";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";
import { withFolder } from "./temporary_store.ts";

export const ttsModule = fileURLToPath(new URL("../../services/tts/main.ts", import.meta.url));

export interface TtsUnderTest extends AsyncDisposable {
  /** As http://127.0.0.1:40123. */
  url: string;
  port: number;
  /** The service's own. */
  folder: string;
  tested: RunnerUnderTest;
  /** Rows of its database. */
  rows(sql: string): Record<string, unknown>[];
}

/** `before`: the run that this one follows, in the same folder and at the same address. */
export async function startTts(
  { options = {}, before, folder }: {
    options?: Record<string, unknown>;
    before?: TtsUnderTest;
    folder: string;
  },
): Promise<TtsUnderTest> {
  const tested = new RunnerUnderTest(makeService(ttsModule, {
    permissions: { ...noPermissions, net: ["127.0.0.1"] },
    maxConcurrency: 200,
    dataFolder: folder,
    options: { port: before?.port ?? 0, ...options },
  }));
  for (const [key, value] of before?.tested.feed.state ?? []) tested.feed.state.set(key, value);
  await tested.runner.start();
  const { text } = await tested.log.heard(/http:\/\/127\.0\.0\.1:\d+/);
  const [url = "", port] = text.match(/http:\/\/127\.0\.0\.1:(\d+)/) ?? [];
  return {
    url,
    port: Number(port),
    folder,
    tested,
    rows: (sql) => {
      using database = new DatabaseSync(`${folder}/data.db`, { readOnly: true });
      return database.prepare(sql).all();
    },
    [Symbol.asyncDispose]: () => tested[Symbol.asyncDispose](),
  };
}

/** A test with the speech in a folder of its own. */
export function testTts(
  name: string,
  use: (tts: TtsUnderTest) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test(name, () =>
    withFolder(async (folder) => {
      await using tts = await startTts({ options, folder });
      await use(tts);
    }));
}

/** Waits until so many pages that speak are open. */
export async function untilPages(url: string, count: number): Promise<void> {
  while ((await (await fetch(`${url}/health`)).json()).pages !== count);
}
