/** Services for the tests of telemetry, by the option `does`. */
import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

export default class TelemetryProbe extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const { does, address } = this.options as { does: string; address: string };
    switch (does) {
      case "fail":
        return false;
      case "fetch":
        await (await fetch(`${address}/hooks/SECRET_PATH?key=SECRET_KEY`)).text();
        return true;
      case "fetch in vain":
        await fetch(`http://127.0.0.1:65535/hooks/SECRET_PATH?key=SECRET_KEY`);
        return true;
      case "emit":
        if (event.type === "GiftEvent") item.emit("SpinEvent", { prize: "a duck" });
        return true;
      case "wait":
        await new Promise((resolve) => setImmediate(resolve));
        return true;
      default:
        return true;
    }
  }
}
