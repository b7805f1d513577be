/**
 * The program whose latency is measured: a run as `start` makes it, with the plain log, or with the screen in a
 * terminal. Its source brings comments at an even pace to one service. `deno run -A bench/latency/program.ts FOLDER
 * OPTIONS`, with the options as JSON.
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runLive } from "../../src/commands/live_run.ts";
import type { Source } from "../../src/source.ts";
import { configIn, serviceConfig } from "../../test/support/temporary_store.ts";
import { nobody } from "../../src/event.ts";
import { dueMoments, type Pace } from "./pace.ts";

export interface ProgramOptions extends Pace {
  isAsync: boolean;
  hasScreen: boolean;
  /** An address in PostgreSQL. Default: a file in the folder. */
  database?: string;
}

const slug = "latency";

/** The file to which the service writes its latencies. */
export function latenciesPath(folder: string): string {
  return join(folder, "data", slug, "milliseconds");
}

/** With these words an event takes some 600 bytes as JSON. */
const words = "la ".repeat(60);

function pacedSource(pace: Pace): Source {
  const user = { ...nobody, id: "7300000000000000007", uniqueId: "ana.live", nickname: "Ana" };
  const common = { type: "CommentEvent", roomId: "1", createdAt: null, user, streak: null } as const;
  return {
    name: "paced",
    traits: {
      type: "paced",
      isLive: true,
      keepsIds: false,
      hasHistory: false,
      keeps: "all",
      isEndless: false,
      hasRooms: false,
      follows: null,
    },
    async *open() {
      yield { kind: "session", username: "ana.live", roomId: "1" };
      let index = 0;
      for await (const due of dueMoments(pace)) {
        const data = { comment: `${due} ${words}`, language: "en", emotes: [] };
        yield { kind: "event", event: { ...common, messageId: String(++index), data }, raw: null };
      }
      yield { kind: "end", status: "completed", reason: "All events came." };
    },
  };
}

async function run(folder: string, { isAsync, hasScreen, database, ...pace }: ProgramOptions): Promise<void> {
  const comments = { isEnabled: true, priority: 5, isAsync, isDiscardable: false, streaks: "each" } as const;
  const service = serviceConfig(slug, {
    serviceClass: fileURLToPath(new URL("service.ts", import.meta.url)),
    dataFolder: join(folder, "data", slug),
    maxQueueSize: pace.count,
    options: { isAsync },
    subscriptions: { CommentEvent: comments },
  });
  const config = configIn(folder, { services: [service], ...database === undefined ? {} : { database } });
  await Deno.writeTextFile(config.path, config.text);
  await runLive({
    config,
    isExample: false,
    isVerbose: false,
    livesDatabase: null,
    applyToRun: () => config,
    laterOf: () => "",
    notes: [],
    openSources: () => [pacedSource(pace)],
    processes: "all",
    whenIdle: "end",
    ...hasScreen ? { screen: { switchable: [], openSource: null } } : {},
  }, { exitNow: (code) => Deno.exit(code), setExitCode: (code) => void (Deno.exitCode = code) });
  Deno.exit();
}

if (import.meta.main) {
  const [folder, options] = Deno.args as [string, string];
  await run(folder, JSON.parse(options));
}
