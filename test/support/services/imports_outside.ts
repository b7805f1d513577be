import { BaseQueueService } from "livecue/service";
import { Gate } from "../gate.ts";

/** Needs a file of another folder. */
export default class ImportsOutside extends BaseQueueService {
  override processEvent(): boolean {
    return Gate.name === "Gate";
  }
}
