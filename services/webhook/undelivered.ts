import { UserError } from "livecue/service";

/** A delivery has failed finally. The message contains no secrets and is kept with the queue item. */
export class Undelivered extends UserError {}
