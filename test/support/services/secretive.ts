/** Logs its password at each event, which no other service should do. */
import { readSecret, type SecretOptions, secretOptions } from "livecue/secret";
import { BaseQueueService } from "livecue/service";
import { z } from "zod";

export const optionsSchema = z.strictObject(secretOptions("password"));

export default class Secretive extends BaseQueueService<SecretOptions<"password">> {
  override async processEvent(): Promise<boolean> {
    this.log.info(`${await readSecret("password", this.options, this.configFolder)}`);
    return true;
  }
}
