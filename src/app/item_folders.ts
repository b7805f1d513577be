/**
 * The scratch folders of a service's items. The worker creates them; they are removed here when their item has ended. A
 * name contains the id of the database, because another database of the same config has items with the same ids.
 */
import { join } from "node:path";
import type { ItemStatus } from "../item.ts";
import { t } from "../language.ts";
import type { Log } from "../log/log.ts";

export interface ItemFoldersOptions {
  /** The service's own folder. */
  dataFolder(): string;
  databaseId: string;
  statusOf(itemId: number): ItemStatus | null;
  log: Log;
}

/** Characters of the database's id in a folder's name. */
const idLength = 8;

export class ItemFolders {
  readonly #options: ItemFoldersOptions;
  /** Ids of the items that have a folder. */
  readonly #ids = new Set<number>();

  constructor(options: ItemFoldersOptions) {
    this.#options = options;
  }

  /** The path of an item's folder is this, followed by the item's id. */
  get prefix(): string {
    return `${join(this.#root, this.#options.databaseId.slice(0, idLength))}-`;
  }

  get #root(): string {
    return join(this.#options.dataFolder(), "items");
  }

  /** The item has a folder. */
  note(itemId: number): void {
    this.#ids.add(itemId);
  }

  /** The item has ended. */
  remove(itemId: number): void {
    if (this.#ids.delete(itemId)) void this.#delete(`${this.prefix}${itemId}`);
  }

  /** Whether the item has ended for good, or is unknown. */
  hasEnded(itemId: number): boolean {
    const status = this.#options.statusOf(itemId);
    return status !== "pending" && status !== "processing";
  }

  /** Removes the folders of items that ended while no Livecue could remove them. Call it before the worker starts. */
  sweep(): void {
    const { databaseId } = this.#options;
    for (const name of namesIn(this.#root)) {
      const found = /^(\w+)-(\d+)$/.exec(name);
      if (found === null || found[1] !== databaseId.slice(0, idLength)) continue;
      const itemId = Number(found[2]);
      this.note(itemId);
      if (this.hasEnded(itemId)) this.remove(itemId);
    }
  }

  async #delete(path: string): Promise<void> {
    try {
      await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      const why = error instanceof Error ? error.message : String(error);
      this.#options.log.warn(
        t`The folder ${path} of an item that has ended cannot be removed (${why}). Delete it.`,
      );
    }
  }
}

/** Empty if there is no such folder, as with most services. */
function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name);
  } catch {
    return [];
  }
}
