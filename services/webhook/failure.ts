/** Failures that a streamer reads: a sentence without secrets, and no place in this service's code. */
class PlainFailure extends Error {
  constructor(message: string) {
    super(message);
    this.stack = undefined;
  }
}

/** A delivery has failed for good. Its message stays with the queue item. */
export class Undelivered extends PlainFailure {
  override readonly name = "Not delivered";
}

/** A target cannot be used until somebody has mended what the message says. */
export class Unusable extends PlainFailure {
  override readonly name = "Nothing can be sent";
}
