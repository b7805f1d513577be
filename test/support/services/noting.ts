import { join } from "node:path";
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Writes into its folder which items it has handled, and uses the item's folder if a comment says so. */
export default class Noting extends BaseQueueService {
  readonly #notes = Deno.openSync(join(this.folder, "notes"), { append: true, create: true });

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const words = event.type === "CommentEvent" ? event.data.comment : "";
    this.#notes.writeSync(new TextEncoder().encode(`${item.id}\n`));
    if (words === "use a folder") Deno.writeTextFileSync(join(item.folder, "draft"), "…");
    if (words === "wait a turn") await new Promise<void>((resolve) => setImmediate(() => resolve()));
    if (words === "never answer") await new Promise(() => {});
    return true;
  }

  override onStop(): void {
    this.#notes.close();
  }
}
