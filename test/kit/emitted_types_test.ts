/** Types of events that services emit, declared by an author: checked by the compiler. */
import assert from "node:assert/strict";
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
import { isEventType } from "../../src/event.ts";

declare module "livecue/service" {
  interface EmittedDataByType {
    LotEvent: { lot: number };
  }
}

class Drawer extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type === "LotEvent") return drawn(event.data.lot);
    item.emit("LotEvent", { lot: 5 });
    // @ts-expect-error a lot is a number
    item.emit("LotEvent", { lot: "five" });
    item.emit("AnyEvent", { whatever: true });
    // @ts-expect-error data is an object
    item.emit("AnyEvent", 5);
    await this.emit("LotEvent", { lot: 6 }, { id: "6", source: "main" });
    return event.type === "GiftEvent" && event.data.gift.name !== "";
  }
}

function drawn(lot: number): boolean {
  return lot > 0;
}

Deno.test("A type that an author declared is narrowed by its name, and is none of Livecue's", () => {
  assert.ok(Drawer.prototype instanceof BaseQueueService);
  assert.equal(isEventType("LotEvent"), false);
});
