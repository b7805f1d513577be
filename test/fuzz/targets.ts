/** All fuzz targets by name. Each is loaded when it runs. */
import type { AnyTarget } from "./target.ts";

const modules: Record<string, () => Promise<{ target: AnyTarget }>> = {
  configs: () => import("./targets/configs.ts"),
  frames: () => import("./targets/frames.ts"),
  tikfinity: () => import("./targets/tikfinity.ts"),
  tlcp: () => import("./targets/tlcp.ts"),
  readings: () => import("./targets/readings.ts"),
  webhooks: () => import("./targets/webhooks.ts"),
  templates: () => import("./targets/templates.ts"),
  rules: () => import("./targets/rules.ts"),
  rcon: () => import("./targets/rcon.ts"),
  keys: () => import("./targets/keys.ts"),
  recordings: () => import("./targets/recordings.ts"),
  databases: () => import("./targets/databases.ts"),
  arguments: () => import("./targets/arguments.ts"),
  messages: () => import("./targets/messages.ts"),
  obs: () => import("./targets/obs.ts"),
  sounds: () => import("./targets/sounds.ts"),
  texts: () => import("./targets/texts.ts"),
  workers: () => import("./targets/workers.ts"),
};

export const targetNames = Object.keys(modules);

export async function loadTarget(name: string): Promise<AnyTarget> {
  const load = modules[name];
  if (load === undefined) throw new RangeError(`there is no target ${name}`);
  return (await load()).target;
}
