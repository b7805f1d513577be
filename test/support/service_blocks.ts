/** The services as their pages and the example have them: what `add` writes. */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { withBlock } from "../../src/config/added_block.ts";
import { parseConfig } from "../../src/config/load.ts";
import { serviceBlocks } from "../../src/config/service_blocks.ts";
import type { ServiceConfig } from "../../src/service.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));
const blocks = await serviceBlocks(projectFolder);

export const blockSlugs: readonly string[] = [...blocks.keys()].sort();

/** The block as it stands, comments and all. */
export function blockText(slug: string): string {
  const block = blocks.get(slug);
  if (block === undefined) throw new Error(`no page has a block of ${slug}`);
  return block.text;
}

/** A config with these blocks, or with all. */
export function configOfBlocks(slugs: readonly string[] = blockSlugs): string {
  return `{ "services": {\n${slugs.map(blockText).join(",\n")}\n} }`;
}

/** The example with the block of each service in it, as `add` writes them. */
export function wholeExample(): string {
  const example = Deno.readTextFileSync(resolve(projectFolder, "config.example.jsonc"));
  return [...blocks.values()].filter(({ slug }) => slug !== "overlays").reduce(withBlock, example);
}

/** What the config says of the service, with the paths of a config at `path`. */
export function blockService(slug: string, path = resolve(projectFolder, "config.jsonc")): ServiceConfig {
  const { services: [service] } = parseConfig(configOfBlocks([slug]), { path });
  return service as ServiceConfig;
}
