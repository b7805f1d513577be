import { type Detection, Detector, type DetectorState, type Window } from "livecue/detector";
import { t } from "livecue/language";
import { FinalError, type LiveEvent, type QueueItem, type StepContext } from "livecue/service";
import { Template } from "livecue/template";
import { Book, type Choice, dryRun, migrations } from "./book.ts";
import type { Fill } from "./fill_detection.ts";
import { type PeebotOptions, placeholders } from "./options.ts";
import { paneLines, type PaneState } from "./pane.ts";
import type { Draft, Network } from "./posting/network.ts";
import { openNetwork } from "./posting/open_network.ts";
import { emptyMemory, everySeconds, type Memory, TankWatch, windowSeconds } from "./tank_watch.ts";

export { commands } from "./commands.ts";
export { optionsSchema } from "./options.ts";

type FillEvent = Extract<LiveEvent, { type: "DetectionEvent" }>;
/** A try is cut before this, so a crash and a cut look the same. */
const postRules = { retries: 6, backoffMs: 5_000, timeoutMs: 60_000 };

/** Finds the fills of the space station's urine tank, and tells the world about them. */
export default class PeeBot extends Detector<PeebotOptions> {
  override readonly name = "urine_tank_fill";
  override readonly channels = [this.options.channels.clock || this.options.channels.level];
  override readonly heldChannels = [this.options.channels.level, this.options.channels.processor]
    .filter((channel) => !this.channels.includes(channel));
  override readonly everySeconds = everySeconds;
  override readonly windowSeconds = windowSeconds;
  override readonly maxGapSeconds = this.options.detection.gap_seconds;
  override readonly catchUpSeconds = 86_400;
  readonly #watch = new TankWatch(this.options.detection);
  readonly #shown: PaneState = { level: null, processor: null, fill: null, nextAt: null, place: dryRun };
  /** Set by `onStart`, because a detector may also run without acting. */
  #book!: Book;
  /** Null for a dry run. */
  #network: Network | null = null;

  override async onStart(): Promise<void> {
    this.#book = new Book(this.database(migrations));
    this.#network = await openNetwork(this.options, this.configFolder);
    this.#shown.place = this.#network?.host ?? dryRun;
    this.#show();
    this.every(5, () => this.#show());
  }

  override detect(window: Window, state: DetectorState): Detection | null {
    const { level, processor } = this.options.channels;
    if (!window.channels.includes(level)) return null;
    const levels = window.of(level);
    const states = window.channels.includes(processor) ? window.of(processor) : null;
    state["tank"] ??= emptyMemory();
    const fill = this.#watch.see({
      from: window.from,
      to: window.to,
      levels,
      processor: [states?.before ?? [], ...states ?? []].flat(),
    }, state["tank"] as Memory);
    this.#shown.level = (levels.last ?? levels.before)?.value ?? null;
    this.#shown.processor = (states?.last ?? states?.before)?.value ?? null;
    return fill === null ? null : this.#detectionOf(fill);
  }

  #detectionOf({ from, to, level, rise, confidence }: Fill): Detection {
    const text = `The space station's urine tank has risen by ${rise} % to ${level} %.`;
    return {
      channel: this.options.channels.level,
      text,
      confidence,
      window: { from, to },
      values: { level, rise },
    };
  }

  override async processEvent(event: LiveEvent, item: QueueItem): Promise<boolean> {
    if (event.type !== "DetectionEvent" || event.data.name !== this.name) return true;
    this.#shown.fill = { at: event.data.window.to, rise: event.data.values["rise"] ?? 0 };
    if (this.#network !== null && Date.now() > this.#latestAt(event)) {
      this.log.info(t`A fill of ${timeOf(event.data.window.to)} is too old to be posted.`);
      return true;
    }
    const choice = await item.step("choose", ({ key }) => this.#choose(event, item, key));
    if (choice.kind === "too_soon") {
      this.log.info(`${event.data.text} The next post is allowed at ${timeOf(choice.allowedAt)}.`);
      return true;
    }
    item.onFailure(({ message }) => this.#book.fail(choice.key, message));
    const { level = 0, rise = 0 } = event.data.values;
    const draft: Draft = { key: choice.key, at: choice.at, text: choice.text, level, rise };
    const address = await item.step(
      "post",
      postRules,
      (step) => this.#post(draft, this.#latestAt(event), step),
    );
    this.log.info(address === null ? `Would post: ${draft.text}` : `Posted: ${draft.text} ${address}`.trim());
    return true;
  }

  #choose(event: FillEvent, item: QueueItem, key: string): Choice {
    const { texts, astronauts = 0, minutes_between_posts } = this.options;
    const { level = 0, rise = 0 } = event.data.values;
    return this.#book.choose({
      key,
      network: this.#shown.place,
      // A dry run may be of a recording, whose time is its own.
      at: this.#network === null ? event.data.window.to : Date.now(),
      gapMs: minutes_between_posts * 60_000,
      templates: texts.map(({ text }) => text),
      fill: (text) =>
        new Template(text, placeholders).fill(event, item, undefined, { level, rise, astronauts }),
    });
  }

  /** Resolves with the post's address, or null for a dry run. */
  async #post(draft: Draft, latestAt: number, { attempt, signal }: StepContext): Promise<string | null> {
    const isRepeated = this.#book.begin(draft.key) || attempt > 1;
    const network = this.#network;
    if (network === null) {
      this.#book.finish(draft.key, { address: "", at: draft.at });
      return null;
    }
    const found = isRepeated ? await network.find(draft, signal) : null;
    if (found === null && Date.now() > latestAt) {
      throw new FinalError(`the fill of ${timeOf(latestAt - this.#maxAgeMs)} is too old to be posted now`);
    }
    const address = found ?? await network.publish(draft, signal);
    this.#book.finish(draft.key, { address, at: Date.now() });
    return address;
  }

  #latestAt(event: FillEvent): number {
    return event.data.window.to + this.#maxAgeMs;
  }

  get #maxAgeMs(): number {
    return this.options.max_age_minutes * 60_000;
  }

  #show(): void {
    const { minutes_between_posts } = this.options;
    this.#shown.nextAt = this.#book.allowedAt(this.#shown.place, Date.now(), minutes_between_posts * 60_000);
    this.show({ title: t`Urine tank`, lines: paneLines(this.#shown) });
  }
}

function timeOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
