/** What a run of benchmarks leaves nothing of, however it ends: its temporary files and its processes. */
import { canSeeProcesses, OwnProcesses } from "./processes.ts";

export interface Workspace {
  /** For temporary files. */
  folder: string;
  own: OwnProcesses;
  /** For the environment of each process: temporary files go into `folder`. */
  env: Record<string, string>;
  /** Called at the end, also at Ctrl-C, the last one first. */
  defer(undo: () => Promise<void>): void;
}

const interrupted = 130;

/** Runs `use`; what it leaves is cleared up afterwards, at Ctrl-C and a SIGTERM as well. */
export async function withWorkspace(use: (workspace: Workspace) => Promise<number>): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  // A server that runs as another user has its own folder in it.
  if (Deno.build.os !== "windows") await Deno.chmod(folder, 0o711);
  const own = new OwnProcesses();
  const undoing: (() => Promise<void>)[] = [];
  let clearing: Promise<void> | null = null;
  const clear = () => {
    clearing ??= (async () => {
      if (canSeeProcesses) own.kill();
      for (const undo of undoing.reverse()) await undo();
      await Deno.remove(folder, { recursive: true });
    })();
    return clearing;
  };
  const onSignal = () => void clear().finally(() => Deno.exit(interrupted));
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  try {
    const env = { ...own.env, TMPDIR: folder };
    return await use({ folder, own, env, defer: (undo) => void undoing.push(undo) });
  } finally {
    await clear();
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  }
}
