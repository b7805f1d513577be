/** The scratch folders of items on a host, which removes them when the owner says that their item has ended. */
import { join } from "node:path";
import type { ServiceConfig } from "../service.ts";
import { maxFolders } from "./link_message.ts";

type Place = Pick<ServiceConfig, "dataFolder">;

/** The path of an item's folder is this, followed by the item's id. */
export function folderPrefixOf(service: Place): string {
  return join(itemsFolder(service), "item-");
}

/** Ids of the items that have a folder. */
export function itemsWithFolder(service: Place): number[] {
  let names: string[];
  try {
    names = Array.from(Deno.readDirSync(itemsFolder(service)), ({ name }) => name);
  } catch {
    // Most services have none.
    return [];
  }
  const ids = names.map((name) => Number(/^item-(\d{1,15})$/.exec(name)?.[1] ?? NaN));
  return ids.filter(Number.isSafeInteger).slice(0, maxFolders);
}

/** Resolves also if it cannot be removed now, because the owner will be asked again. */
export async function removeFolder(service: Place, itemId: number): Promise<void> {
  await Deno.remove(`${folderPrefixOf(service)}${itemId}`, { recursive: true }).catch(() => {});
}

function itemsFolder({ dataFolder }: Place): string {
  return join(dataFolder, "items");
}
