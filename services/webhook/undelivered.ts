import { UserError } from "livecue/service";

/** A delivery has failed for good: a sentence without secrets, which stays with the queue item. */
export class Undelivered extends UserError {}
