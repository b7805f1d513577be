import { BaseQueueService } from "livecue/service";
import { z } from "zod";

export const optionsSchema = z.strictObject({ size: z.number() });

export default class Numbered extends BaseQueueService {
  override processEvent(): boolean {
    return true;
  }
}
