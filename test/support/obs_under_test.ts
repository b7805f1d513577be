/** The service for OBS in a real worker, with no more than the permissions that the example gives it. */
import { fileURLToPath } from "node:url";
import { type CommandEnd, runServiceCommand } from "../../src/runner/service_commands.ts";
import type { ObsInTest } from "./obs_setup.ts";
import { silentLog } from "./silent_log.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";

export const obsModule = fileURLToPath(new URL("../../services/obs/main.ts", import.meta.url));

/** Rules by the comment that sets them off. */
export function onWords(rules: Record<string, unknown>): unknown[] {
  return Object.entries(rules).map(([words, action]) => ({
    when: "CommentEvent",
    if: { words },
    do: action,
  }));
}

/** `state`: what an earlier run kept. */
export async function startObs(
  obs: Pick<ObsInTest, "port">,
  options: Record<string, unknown>,
  { state = new Map<string, unknown>(), ...permissions }: {
    state?: Map<string, unknown>;
    read?: string[];
    env?: string[];
  } = {},
): Promise<RunnerUnderTest> {
  const tested = new RunnerUnderTest(makeService(obsModule, {
    permissions: { ...noPermissions, net: [`127.0.0.1:${obs.port}`], ...permissions },
    options: { port: obs.port, ...options },
  }));
  for (const [key, value] of state) tested.feed.state.set(key, value);
  await tested.runner.start();
  return tested;
}

/** Runs one of the service's commands to its end. `said`: its output and its log. */
export async function runObsCommand(
  obs: Pick<ObsInTest, "port" | "password">,
  options: Record<string, unknown>,
  ...[command = "", ...args]: string[]
): Promise<{ end: CommandEnd; said: string[] }> {
  const said: string[] = [];
  const log = silentLog();
  const end = await runServiceCommand({
    service: makeService(obsModule, {
      permissions: { ...noPermissions, net: [`127.0.0.1:${obs.port}`] },
      options: {
        ...options,
        port: obs.port,
        ...obs.password === undefined ? {} : { password: obs.password },
      },
    }),
    command,
    args,
    log,
    print: (text) => void said.push(text),
    isLivecueRunning: false,
    signal: new AbortController().signal,
    describeOptionMistakes: () => [],
    placeOfOption: (path) => path.join("."),
  });
  return { end, said: [...said, ...log.entries.map(({ text }) => text)] };
}

/** With the password that the OBS has. */
export function startInside(
  obs: ObsInTest,
  rules: unknown[],
  state?: Map<string, unknown>,
): Promise<RunnerUnderTest> {
  const secret = obs.password === undefined ? {} : { password: obs.password };
  return startObs(obs, { rules, ...secret }, state === undefined ? {} : { state });
}
