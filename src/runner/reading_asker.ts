/** The worker's access to stored readings, by requests to the main thread. */
import type { ReadingAccess } from "../kit/detection/access.ts";
import type { ReadingAnswer, ReadingQuery } from "../reading_query.ts";
import type { ServiceRequest } from "./protocol.ts";
import { decodeAnswer } from "./reading_messages.ts";

export class ReadingAsker implements ReadingAccess {
  readonly #ask: (request: ServiceRequest) => Promise<unknown>;

  constructor(ask: (request: ServiceRequest) => Promise<unknown>) {
    this.#ask = ask;
  }

  async query<Query extends ReadingQuery>(query: Query): Promise<ReadingAnswer<Query>> {
    return decodeAnswer(query, await this.#ask({ kind: "readings", query })) as ReadingAnswer<Query>;
  }
}
