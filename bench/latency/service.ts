import { join } from "node:path";
import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Notes by its own clock how late it is handed each comment that says when it was due, and keeps that to its end. */
export default class Latency extends BaseQueueService<{ isAsync: boolean }> {
  readonly #milliseconds: number[] = [];

  override processEvent(event: LiveEvent): boolean | Promise<boolean> {
    const now = performance.timeOrigin + performance.now();
    if (event.type !== "CommentEvent") return false;
    this.#milliseconds.push(now - Number(event.data.comment.split(" ", 1)[0]));
    return this.options.isAsync ? Promise.resolve(true) : true;
  }

  override async onStop(): Promise<void> {
    const path = join(this.folder, "milliseconds");
    await Deno.writeFile(path, new Uint8Array(new Float64Array(this.#milliseconds).buffer));
  }
}
