import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

declare module "livecue/service" {
  interface EmittedDataByType {
    SpinEvent: { prize: string };
  }
}

/** Emits, asks and shows as the comment says. */
export default class Speaker extends BaseQueueService {
  #earlier: QueueItem | null = null;

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const words = event.type === "CommentEvent" ? event.data.comment : "";
    const [verb, what = ""] = words.split(" ");
    switch (verb) {
      case "spin":
        item.emit("SpinEvent", { prize: what }, { id: what });
        return true;
      case "spin_to_self":
        item.emit("SpinEvent", { prize: what }, { toSelf: true });
        await this.emit("SpinEvent", { prize: what }, { toSelf: true });
        return true;
      case "spin_to_nobody_knows":
        item.emit("SpinEvent", { prize: what }, { toSelf: "yes" as never });
        return true;
      case "spin_often":
        for (let i = 0; i < Number(what); i++) item.emit("SpinEvent", { prize: String(i) });
        return true;
      case "spin_and_fail":
        item.emit("SpinEvent", { prize: "none" });
        return false;
      case "spin_large":
        item.emit("SpinEvent", { prize: "x".repeat(Number(what)) });
        return true;
      case "spin_nothing":
        item.emit("SpinEvent", "a prize" as never);
        return true;
      case "spin_number":
        item.emit("SpinEvent", { prize: 1n } as never);
        return true;
      case "emit":
        item.emit(what, {});
        return true;
      case "emit_later":
        this.#earlier?.emit("SpinEvent", { prize: "late" });
        return true;
      case "remember":
        this.#earlier = item;
        return true;
      case "speak":
        await this.emit("SpinEvent", { prize: "at once" }, { id: what || "at_once" });
        return true;
      case "speak_elsewhere":
        await this.emit("SpinEvent", { prize: "elsewhere" }, { source: "tips" });
        return true;
      case "ask":
        await this.#ask(what || undefined);
        return true;
      case "ask_afterwards":
        queueMicrotask(() => void this.#askAfterwards());
        return true;
      case "show":
        this.show({ title: "Wheel", lines: [{ label: "spins", value: what }] });
        return true;
      case "show_keys":
        this.show({ title: "Wheel", lines: [{ label: "spins" }], keys: [{ key: "s", does: what }] });
        return true;
      case "show_wrong":
        this.show({ title: "", lines: [] });
        return true;
      default:
        throw new Error(`not in the script: ${words}`);
    }
  }

  override onKeyPressed({ pane, key }: { pane: string; key: string }): void {
    if (key === "x") throw new Error("no such key");
    this.log.info(`${key} of ${pane}`);
  }

  async #ask(source?: string): Promise<void> {
    await this.session.totals({ source });
    await this.live.top(3, { source });
    await this.state.set("key", 1, { scope: "live", source });
    await this.state.get("key", { scope: "live", source });
    await this.state.get("key");
  }

  /** When the item's answer has been sent. */
  async #askAfterwards(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    await this.live.totals();
    this.log.info("asked");
  }
}
