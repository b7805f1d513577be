/** The services that come with Livecue. Their code is known, so they run as workers; all others in processes of their own. */
import { fileURLToPath } from "node:url";

/** By their modules, the pages of docs/services. A file that is not named here is another's, also in that folder. */
const pages: Record<string, string> = {
  "dino_chrome/main.ts": "dino_chrome",
  "dummy.ts": "examples",
  "feed/main.ts": "feed",
  "gmod/main.ts": "gmod",
  "obs/main.ts": "obs",
  "overlays/main.ts": "overlays",
  "slow.ts": "examples",
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

/** The page that explains the service, as "docs/services/obs.md"; null for a service of somebody else's. */
export function pageOf(serviceClass: string): string | null {
  return pagesByPath.get(serviceClass) ?? null;
}
