/** The services that come with Livecue. Their code is known, so they run as workers; all others in processes of their own. */
import { fileURLToPath } from "node:url";

/** A file that is not named here is another's, also in that folder. */
const modules = [
  "dino_chrome/main.ts",
  "dummy.ts",
  "feed/main.ts",
  "gmod/main.ts",
  "obs/main.ts",
  "overlays/main.ts",
  "slow.ts",
  "verbose.ts",
  "webhook/main.ts",
];

const paths = new Set(
  modules.map((module) => fileURLToPath(new URL(`../../services/${module}`, import.meta.url))),
);

/** `serviceClass` is an absolute path. */
export function isOwnService(serviceClass: string): boolean {
  return paths.has(serviceClass);
}
