/** What a detector has that must not act: its state is empty and is forgotten. */
import type { ServiceContext } from "../service.ts";

export function withoutEffect(
  { options, configFolder, data, log, signal }: Pick<
    ServiceContext,
    "options" | "configFolder" | "data" | "log" | "signal"
  >,
): ServiceContext {
  const refused = (what: string) => Promise.reject(new Error(`it runs without ${what}`));
  const values = new Map<string, unknown>();
  return {
    options,
    configFolder,
    data,
    log,
    stopping: signal,
    signal,
    state: {
      get: <Value>(key: string) => Promise.resolve(values.get(key) as Value | undefined),
      set: (key, value) => Promise.resolve(void values.set(key, value)),
    },
    live: { totals: () => refused("a live"), top: () => refused("a live") },
    readings: { query: () => refused("further readings") },
    emit: () => refused("events"),
    every: () => () => {},
    show: () => {},
    trouble: () => {},
  };
}
