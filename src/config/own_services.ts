/**
 * The services that come with Livecue. Their code is trusted, so they run as workers; all others run in their own
 * processes.
 */
import { fileURLToPath } from "node:url";

/** Pages in docs/services by module. A module that is not listed here is not Livecue's own, even in that folder. */
const pages: Record<string, string> = {
  "dashboard/main.ts": "dashboard",
  "dino_chrome/main.ts": "dino_chrome",
  "dummy.ts": "examples",
  "feed/main.ts": "feed",
  "gmod/main.ts": "gmod",
  "keys/main.ts": "keys",
  "obs/main.ts": "obs",
  "overlays/main.ts": "overlays",
  "peebot/main.ts": "peebot",
  "points/main.ts": "points",
  "sampler/main.ts": "sampler",
  "slow.ts": "examples",
  "threshold.ts": "threshold",
  "tts/main.ts": "tts",
  "verbose.ts": "examples",
  "webhook/main.ts": "webhook",
};

const pagesByPath = new Map(
  Object.entries(pages).map(([module, page]) => [
    fileURLToPath(new URL(`../../services/${module}`, import.meta.url)),
    `docs/services/${page}.md`,
  ]),
);

/** `serviceClass` is an absolute path. */
export function isOwnService(serviceClass: string): boolean {
  return pagesByPath.has(serviceClass);
}

/** The page about the service, for example "docs/services/obs.md"; null if it is not Livecue's own. */
export function pageOf(serviceClass: string): string | null {
  return pagesByPath.get(serviceClass) ?? null;
}
