/** Sends the readings of a span as CSV, page by page, as fast as the browser takes them. */
import { t } from "livecue/language";
import { answer, refuse } from "livecue/pages";
import { type ChannelKey, csvHeader, type ReadingAccess } from "livecue/service";

export interface CsvSpan {
  channel: ChannelKey;
  from: number;
  to: number;
}

/** More would only make each other slow. */
const maxExports = 4;

const encoder = new TextEncoder();

export class CsvExports {
  readonly #readings: ReadingAccess;
  readonly #running = new Set<ReadableStreamDefaultController<Uint8Array>>();

  constructor(readings: ReadingAccess) {
    this.#readings = readings;
  }

  /** A file to download. If it cannot be sent to its end, the download fails. */
  answer(span: CsvSpan): Response {
    if (this.#running.size >= maxExports) {
      return refuse(503, t`Four exports are running. Try again when one of them has ended.`);
    }
    const response = answer(this.#stream(span), "text/csv; charset=utf-8");
    const days = [span.from, span.to].map((at) => new Date(at).toISOString().slice(0, 10)).join("_to_");
    response.headers.set(
      "content-disposition",
      `attachment; filename="${fileName(span.channel.item)}_${days}.csv"`,
    );
    return response;
  }

  stop(): void {
    for (const controller of this.#running) controller.error(new Error("Livecue stops"));
    this.#running.clear();
  }

  #stream({ channel, from, to }: CsvSpan): ReadableStream<Uint8Array> {
    let next: number | null = from;
    let opened: ReadableStreamDefaultController<Uint8Array>;
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        opened = controller;
        this.#running.add(controller);
        controller.enqueue(encoder.encode(csvHeader));
      },
      pull: async (controller) => {
        if (next === null) return this.#end(controller);
        try {
          const page = await this.#readings.query({ kind: "csv", channel, from: next, to });
          // A stop may have come in between.
          if (!this.#running.has(controller)) return;
          next = page.nextFrom;
          if (page.text === "") this.#end(controller);
          else controller.enqueue(encoder.encode(page.text));
        } catch (error) {
          this.#running.delete(controller);
          throw error;
        }
      },
      cancel: () => void this.#running.delete(opened),
    }, { highWaterMark: 0 });
  }

  #end(controller: ReadableStreamDefaultController<Uint8Array>): void {
    if (this.#running.delete(controller)) controller.close();
  }
}

/** Names are those of strangers, and a header takes no others. */
function fileName(item: string): string {
  return item.replace(/[^\w.-]+/g, "_").slice(0, 80) || "readings";
}
