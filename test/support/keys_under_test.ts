/** The service "keys" in a real worker, with no more than the permissions of its block. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { ServiceConfig } from "../../src/service.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";
import type { XDisplay } from "./x_display.ts";

export const keysModule = fileURLToPath(new URL("../../services/keys/main.ts", import.meta.url));

export const keysPermissions = {
  ...noPermissions,
  run: ["xdotool", "powershell.exe", "osascript"],
  env: ["XDG_SESSION_TYPE", "WAYLAND_DISPLAY"],
};

/** The environment of the tests, which may run on somebody's desktop. */
export function useDisplay(display: Pick<XDisplay, "name"> | null): void {
  if (display === null) Deno.env.delete("DISPLAY");
  else Deno.env.set("DISPLAY", display.name);
  Deno.env.delete("WAYLAND_DISPLAY");
  Deno.env.delete("XDG_SESSION_TYPE");
}

/** Presses for real, in the window "Game", without waiting for it. */
export async function startKeys(
  options: Record<string, unknown>,
  given: Partial<ServiceConfig> = {},
): Promise<RunnerUnderTest> {
  const tested = new RunnerUnderTest(makeService(keysModule, {
    permissions: keysPermissions,
    ...given,
    options: { window: "Game", rehearse: false, wait_seconds: 0, ...options },
  }));
  await tested.runner.start();
  assert.equal(tested.runner.state.phase, "running", tested.log.entries.at(-1)?.text ?? "");
  return tested;
}
