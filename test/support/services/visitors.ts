import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";

/** Counts in both scopes, and says what it knows of the viewer and the session. */
export default class Visitors extends BaseQueueService {
  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    const counts = { service: 0, session: 0 };
    for (const scope of ["service", "session"] as const) {
      counts[scope] = (await this.state.get<number>("count", { scope }) ?? 0) + 1;
      await this.state.set("count", counts[scope], { scope });
    }
    const { gifts, diamonds } = await this.session.totals();
    const top = await this.session.top(2);
    this.log.info(
      `${event.user.uniqueId}${item.isFirstOfUser ? " (first)" : ""}: service ${counts.service}, ` +
        `session ${counts.session}, gifts ${gifts}, diamonds ${diamonds}, ` +
        `top ${top.map((user) => `${user.uniqueId} ${user.diamonds}`).join(", ")}`,
    );
    return true;
  }
}
