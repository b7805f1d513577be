/** The service "keys", which dies at a comment. */
import type { LiveEvent } from "livecue/service";
import Keys from "../../../services/keys/main.ts";

export { optionsSchema } from "../../../services/keys/main.ts";

export default class CrashingKeys extends Keys {
  override onEventReceived(event: LiveEvent): void {
    if (event.type !== "CommentEvent" || event.data.comment !== "crash") return;
    const { close } = globalThis as { close?: () => void };
    if (typeof close === "function") close();
    else Deno.exit(1);
  }
}
