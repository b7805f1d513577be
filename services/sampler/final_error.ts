import { UserError } from "livecue/service";

/** Thrown where a further try cannot help. */
export class FinalError extends UserError {}
