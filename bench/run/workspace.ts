/** The temporary files and processes of a run of benchmarks. They are removed at the end, however the run ends. */
import { canSeeProcesses, OwnProcesses } from "./processes.ts";

export interface Workspace {
  /** For temporary files. */
  folder: string;
  own: OwnProcesses;
  /** For the environment of each process: temporary files go into `folder`. */
  env: Record<string, string>;
  /** `undo` runs at the end, also at Ctrl-C. The last one runs first. */
  defer(undo: () => Promise<void>): void;
}

const interrupted = 130;

/** Runs `use`, then cleans up, also at Ctrl-C and SIGTERM. */
export async function withWorkspace(use: (workspace: Workspace) => Promise<number>): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "livecue-bench-" });
  // A server that runs as another user has its own folder in this one.
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
