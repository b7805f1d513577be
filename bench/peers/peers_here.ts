import type { Peer } from "./peer.ts";
import { arePackagesThere, installPackages, pathOf, whatIsMissing } from "./programs.ts";

/** The peers that can be measured; says why of each that cannot, and installs their packages. */
export async function peersHere(
  peers: readonly Peer[],
  { folders, isShort, signal }: { folders: readonly string[]; isShort: boolean; signal: AbortSignal },
): Promise<Peer[]> {
  const here: Peer[] = [];
  for (const peer of peers) {
    const sentence = await whatIsMissing(peer, folders);
    if (sentence === null) here.push(peer);
    else console.error(sentence);
  }
  const npm = await pathOf("npm", folders);
  if (npm === null || here.length === 0) return [];
  if (!isShort) await installPackages(npm, signal);
  if (await arePackagesThere()) return here;
  for (const { name } of here) {
    console.error(`${name} is left out: the benchmark's long form installs its packages.`);
  }
  return [];
}
