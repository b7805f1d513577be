/** The backend of this computer. */
import type { Backend } from "./backend.ts";
import { macos } from "./macos.ts";
import { windows } from "./windows.ts";
import { x11 } from "./x11.ts";

export function backendOfSystem(): Backend {
  switch (Deno.build.os) {
    case "windows":
      return windows;
    case "darwin":
      return macos;
    default:
      return x11({
        sessionType: variable("XDG_SESSION_TYPE"),
        waylandDisplay: variable("WAYLAND_DISPLAY"),
      });
  }
}

/** undefined also if the service may not read it. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
