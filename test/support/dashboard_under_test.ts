/** The page of charts in a real worker, on a port of its own, with a real database of readings. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { StoredReadings } from "../../src/app/stored_readings.ts";
import { systemClock } from "../../src/clock.ts";
import { Deadline } from "../../src/deadline.ts";
import type { DetectionData, LiveEvent } from "../../src/event.ts";
import type { SentReading } from "../../src/source.ts";
import { makeEvent } from "./events.ts";
import { makeService, noPermissions, RunnerUnderTest } from "./runner_under_test.ts";
import { silentLog } from "./silent_log.ts";
import { withFolder } from "./temporary_store.ts";

const module = fileURLToPath(new URL("../../services/dashboard/main.ts", import.meta.url));

export class DashboardUnderTest implements AsyncDisposable {
  readonly url: string;
  readonly tested: RunnerUnderTest;
  readonly readings: StoredReadings;
  #lastItem = 0;
  /** The kinds of the questions about readings that the service has asked. */
  readonly questions: string[] = [];
  #nextQuestion = Promise.withResolvers<void>();

  private constructor(parts: { url: string; tested: RunnerUnderTest; readings: StoredReadings }) {
    this.url = parts.url;
    this.tested = parts.tested;
    this.readings = parts.readings;
    this.tested.feed.onReadings = (query) => {
      this.questions.push(query.kind);
      this.#nextQuestion.resolve();
      this.#nextQuestion = Promise.withResolvers();
      return this.readings.query(query);
    };
  }

  static async start(folder: string, options: Record<string, unknown> = {}): Promise<DashboardUnderTest> {
    const readings = new StoredReadings({
      file: join(folder, "readings.db"),
      durability: "normal",
      days: { rawDays: 7, packedDays: 30, rollupDays: 365 },
      clock: systemClock,
      log: silentLog(),
    });
    const tested = new RunnerUnderTest(makeService(module, {
      permissions: { ...noPermissions, net: ["127.0.0.1"] },
      dataFolder: folder,
      options: { port: 0, ...options },
    }));
    await tested.runner.start();
    const { text } = await tested.log.heard(/shows charts/);
    const url = text.match(/http:\/\/[^/]+/)?.[0] as string;
    return new DashboardUnderTest({ url, tested, readings });
  }

  /** Stores readings of the source "iss". Resolves when they are stored. */
  async add(
    readings: SentReading[],
    labels: Record<string, { name?: string; unit?: string }> = {},
  ): Promise<void> {
    this.readings.add("iss", { readings, labels, receivedAt: Date.now() });
    await this.readings.flushed();
  }

  /** Resolves when the service has asked this many more questions of a kind. */
  async asked(kind: string, count: number): Promise<void> {
    for (let left = count; left > 0;) {
      await this.#nextQuestion.promise;
      if (this.questions.at(-1) === kind) left--;
    }
  }

  /** Resolves when the service has taken it. */
  async detect(data: Partial<DetectionData>): Promise<void> {
    const whole = { name: "Fill", channel: "tank", confidence: 0.9, text: "", source: "iss", ...data };
    const id = ++this.#lastItem;
    await this.tested.feed.add(
      id,
      { ...makeEvent({ id }), type: "DetectionEvent", data: whole } as LiveEvent,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tested[Symbol.asyncDispose]();
    await this.readings.stop(new Deadline(systemClock, 5000));
  }
}

/** A test with the page in a folder of its own. */
export function testDashboard(
  name: string,
  use: (dashboard: DashboardUnderTest) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test(name, () =>
    withFolder(async (folder) => {
      await using dashboard = await DashboardUnderTest.start(folder, options);
      await use(dashboard);
    }));
}
