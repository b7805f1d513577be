import { t } from "livecue/language";
import { answer, pagesCheck, PageServer, refuse, refuseMethod } from "livecue/pages";
import { pruneCommand } from "livecue/prune";
import { BaseQueueService, type LiveEvent, type Rollup, type ServiceCommands } from "livecue/service";
import uplotStyle from "uplot/uPlot.min.css" with { type: "text" };
import uplot from "uplot/uPlot.esm.js" with { type: "text" };
import { z } from "zod";
import { chartsOf, shownChannel } from "./charts.ts";
import { CsvExports } from "./csv_exports.ts";
import { Detections, migrations } from "./detections.ts";
import { type Messages, messagesVersion, type Overview, type ShownSeries } from "./messages.ts";
import { maxReadings, News } from "./news.ts";
import type { Options } from "./options.ts";

export { optionsSchema } from "./options.ts";

export const commands = {
  check: pagesCheck,
  prune: pruneCommand<Options>({
    what: ["detection", "detections"],
    deleteBefore: ({ database }, before, how) =>
      new Detections(database(migrations)).deleteBefore(before, how),
  }),
} satisfies ServiceCommands<Options>;

/** With the half second in which readings may wait to be stored, a reading is on the page in less than a second. */
const lookSeconds = 0.25;
const maxPoints = 4000;

const moment = z.coerce.number().min(0).max(8.64e15);
const spanSchema = z.object({ from: moment, to: moment });
const channelSpanSchema = spanSchema.extend({ source: z.string(), item: z.string() });
const seriesSchema = channelSpanSchema.extend({ points: z.coerce.number().int().min(1).max(maxPoints) });

/** Serves a page with charts of readings, which follow the readings as they come. */
export default class Dashboard extends BaseQueueService<Options> {
  readonly #detections = new Detections(this.database(migrations));
  readonly #exports = new CsvExports(this.readings);
  readonly #news = new News();
  readonly #pages = new PageServer<Messages>(this, {
    folder: new URL("./page/", import.meta.url),
    assets: { "uplot.js": uplot, "uplot.css": uplotStyle },
    about: t`shows charts of readings`,
    hello: () => ({ version: messagesVersion, title: this.options.title, now: Date.now() }),
    gets: { channels: () => this.#overview() },
    routes: {
      series: (request) => asked(request, seriesSchema, (span) => this.#series(span)),
      detections: (request) =>
        asked(request, spanSchema, ({ from, to }) => json(this.#detections.within(from, to))),
      csv: (request) =>
        asked(
          request,
          channelSpanSchema,
          ({ source, item, from, to }) => this.#exports.answer({ channel: { source, item }, from, to }),
        ),
    },
  });
  #toldProblem = "";
  /** That of the readings which open pages have. */
  #version: number | null = null;

  override async onStart(): Promise<void> {
    await this.#pages.start();
    this.every(lookSeconds, () => this.#look());
  }

  override processEvent(event: LiveEvent): boolean {
    const detection = this.#detections.add(event);
    if (detection !== null) this.#pages.send("detection", detection);
    return true;
  }

  override async onStop(): Promise<void> {
    this.#exports.stop();
    await this.#pages.stop();
  }

  async #overview(): Promise<Overview> {
    const channels = (await this.readings.query({ kind: "latest" })).map(shownChannel);
    const charts = chartsOf(this.options, channels);
    return { now: Date.now(), channels, charts, gapMs: this.options.gap_seconds * 1000 };
  }

  async #series({ source, item, from, to, points }: z.output<typeof seriesSchema>): Promise<Response> {
    const channel = { source, item };
    return json(
      shownSeries(
        await this.readings.query({ kind: "series", channel, from, to, points }),
        (to - from) / points,
      ),
    );
  }

  /** Without an open page, it asks for nothing; without news, only for the version. */
  async #look(): Promise<void> {
    if (this.#pages.openCount === 0) return;
    try {
      const version = await this.readings.query({ kind: "version" });
      if (version !== this.#version) await this.#sendNews(version);
      this.#toldProblem = "";
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      if (why !== this.#toldProblem) this.log.warn(t`The page shows no new readings: ${why}`);
      this.#toldProblem = why;
    }
  }

  async #sendNews(version: number): Promise<void> {
    const readings = this.#news.take(await this.readings.query({ kind: "latest" }));
    if (readings.length > 0) this.#pages.send("readings", { now: Date.now(), readings });
    // The others of a long list come with the next message.
    this.#version = readings.length < maxReadings ? version : null;
  }
}

function shownSeries(rollups: readonly Rollup[], stepMs: number): ShownSeries {
  const isSummary = rollups.some(({ count }) => count > 1);
  return {
    stepMs: isSummary ? stepMs : 0,
    at: rollups.map(({ at }) => at),
    mean: rollups.map(({ count, sum, last }) => Number.isFinite(sum) ? sum / count : last),
    low: rollups.map(({ low }) => low),
    high: rollups.map(({ high }) => high),
  };
}

/** Answers a question that is in the address. */
async function asked<Question>(
  request: Request,
  schema: z.ZodType<Question>,
  reply: (question: Question) => Response | Promise<Response>,
): Promise<Response> {
  if (request.method !== "GET") return refuseMethod("GET");
  const question = schema.safeParse(Object.fromEntries(new URL(request.url).searchParams));
  if (!question.success) return refuse(400, z.prettifyError(question.error));
  try {
    return await reply(question.data);
  } catch (error) {
    // The readings cannot be read now.
    return refuse(503, error instanceof Error ? error.message : String(error));
  }
}

function json(value: unknown): Response {
  return answer(JSON.stringify(value), "application/json");
}
