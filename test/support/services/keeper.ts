import { BaseQueueService, type LiveEvent } from "livecue/service";

/** Counts in both scopes, and looks at the session. */
export default class Keeper extends BaseQueueService {
  override async processEvent(event: LiveEvent): Promise<boolean> {
    if (event.type !== "CommentEvent") return false;
    if (event.data.comment === "keep what cannot be kept") await this.state.set("forbidden", 1);
    if (event.data.comment === "keep no JSON") await this.state.set("cycle", 1n);
    if (event.data.comment === "forget") {
      await this.state.set("count", undefined);
      this.log.info(`count is ${await this.state.get("count")}`);
      return true;
    }
    const count = await this.state.get<number>("count") ?? 0;
    await this.state.set("count", count + 1);
    await this.state.set("last", { said: event.data.comment }, { scope: "session" });
    const { diamonds } = await this.session.totals();
    const top = await this.session.top(1);
    this.log.info(`${diamonds} diamonds, most by ${top.map(({ nickname }) => nickname)}`);
    return true;
  }
}
