import { BaseQueueService } from "livecue/service";

/** Fails at each item, and its error says more than everybody should read. */
export default class FailingWithSecret extends BaseQueueService {
  override onStart(): void {
    this.show({ title: "Login", lines: [{ label: "password", value: "secret" }] });
  }

  override processEvent(): boolean {
    throw new Error("The server refused the token secret");
  }
}
