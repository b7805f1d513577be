import { type Mask, maskOf } from "livecue/blocked_words";
import { t } from "livecue/language";
import { answer, done, type OpenPage, PageServer, pictureHosts, refuseMethod, taking } from "livecue/pages";
import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import lottie from "lottie-web/build/player/esm/lottie_light.min.js" with { type: "text" };
import { resolve } from "node:path";
import { z } from "zod";
import { AlertRules } from "./alert_rules.ts";
import { type GameName, gameNames, Games, isForAlerts } from "./games/games.ts";
import { raffleMigrations } from "./games/entrants.ts";
import { GiftFiles } from "./gift_files.ts";
import { Kept } from "./kept.ts";
import { type Live, Lives } from "./lives.ts";
import {
  type Alert,
  type GameMessage,
  type Hello,
  type Messages,
  messagesVersion,
  type OverlayEvent,
  type Status,
} from "./messages.ts";
import type { Options } from "./options.ts";
import { describeEvent, isForPages, publicPartOf } from "./overlay_event.ts";
import { Pictures } from "./pictures.ts";
import { qrCode } from "./qr_code.ts";
import { warnOfMissingFiles } from "./rule_files.ts";
import { noTotals } from "./tally.ts";
import { makeTestEvent, type TestRequest, testSchema } from "./test_event.ts";
import { Throttle } from "./throttle.ts";
import { type AlertPage, WaitingAlerts } from "./waiting_alerts.ts";

export { commands } from "./commands.ts";
export { optionsSchema } from "./options.ts";

const sumsEveryMs = 200;
const pagesPauseMs = 100;

const shownSchema = z.strictObject({ id: z.int() });
const brokenSchema = z.strictObject({ file: z.string().min(1).max(100), why: z.string().max(200) });
/** More files than a theme folder has for gifts. */
const maxToldFiles = 200;

/** Serves pages for OBS's browser source, and sends them what happens in the live. */
export default class Overlays extends BaseQueueService<Options> {
  readonly #pages: PageServer<Messages>;
  readonly #lives = new Lives(this.state);
  readonly #waiting: WaitingAlerts;
  readonly #rules: AlertRules;
  readonly #mask: Mask;
  readonly #games: Games;
  readonly #giftFiles: GiftFiles;
  readonly #toldBroken = new Set<string>();
  readonly #pictures = new Pictures({
    onReady: (url) => this.#pages.send("picture", url),
    onForbidden: (host) =>
      this.log.info(
        t`Pages show initials in place of faces, because Livecue may not load pictures from ${host}: add ${
          pictureHosts.map((host) => `"${host}"`).join(", ")
        } to "net" in the service's "permissions".`,
      ),
  });
  /** The lives whose changes have not been sent to their pages yet. */
  readonly #changedTotals = new Set<Live>();
  readonly #changedBoards = new Set<Live>();
  readonly #sendTotals = new Throttle(() => this.#sendEach("totals", this.#changedTotals), sumsEveryMs);
  readonly #sendBoards = new Throttle(() => this.#sendEach("board", this.#changedBoards), sumsEveryMs);
  readonly #alertPages = new Map<OpenPage, AlertPage>();
  readonly #keptPages = new Kept(this.state, {
    key: "alert_pages",
    pauseMs: pagesPauseMs,
    value: () => this.#waiting.openPages,
  });
  #skippedCount = 0;
  #lastTestId = 0;

  constructor(context: ServiceContext<Options>) {
    super(context);
    const { rules, blocked_words, max_waiting_alerts, reconnect_seconds, theme_folder } = this.options;
    this.#rules = new AlertRules(rules.filter(isForAlerts), this.state);
    this.#games = new Games(this.options, this, {
      onChange: (name) => this.#sendGame(name),
      database: () => this.database(raffleMigrations),
    });
    this.#giftFiles = new GiftFiles(
      theme_folder === undefined ? null : resolve(this.configFolder, theme_folder),
    );
    this.#mask = maskOf(blocked_words);
    this.#waiting = new WaitingAlerts({
      max: max_waiting_alerts,
      reconnectMs: reconnect_seconds * 1000,
      isFor: (source, event) => this.#lives.isFor(source, event),
      onSkipped: () => {
        this.#skippedCount++;
        this.log.debug(t`More alerts came than could be shown: ${this.#skippedCount} skipped so far`);
      },
    });
    this.#pages = new PageServer(this, {
      folder: new URL("./pages/", import.meta.url),
      about: t`shows all pages and how to put them into OBS`,
      hello: (page) => this.#hello(page),
      onOpen: (page) => this.#open(page),
      onClose: (page) => this.#close(page),
      gets: { status: () => this.#status(), games: () => this.#games.views, draw: () => this.#games.proof },
      posts: {
        game: this.#games.take,
        sound: this.#games.takeSoundPage,
        shown: taking(shownSchema, ({ id }) => this.#waiting.end(id)),
        broken: taking(brokenSchema, (broken) => this.#tellBroken(broken)),
        test: taking(testSchema, (request) => this.#showTest(request)),
      },
      assets: { "lottie.js": lottie },
      routes: { picture: (request) => this.#pictureFor(request), qr_code: qrCode },
    });
  }

  override async onStart(): Promise<void> {
    await Promise.all([this.#lives.load(), this.#games.load()]);
    for (const page of await this.state.get<AlertPage[]>("alert_pages") ?? []) {
      this.#waiting.expect({ types: page.types, source: page.source ?? null });
    }
    this.stopping.addEventListener("abort", () => this.#waiting.stop(), { once: true });
    await this.#pages.start();
    await warnOfMissingFiles(this);
  }

  override async processEvent(given: LiveEvent, item: QueueItem): Promise<boolean> {
    if (!isForPages(given)) return true;
    const event = publicPartOf(given);
    const alert = await this.#alertOf(event, item);
    const overlayEvent = describeEvent(event, item, { alert, mask: this.#mask });
    const counted = this.#count(event, overlayEvent);
    this.#sendEvent(overlayEvent);
    const isWaitedFor = alert !== null && this.options.wait_for_alerts;
    await Promise.all([
      counted,
      this.#games.hear(given, item, overlayEvent),
      isWaitedFor ? this.#waiting.add(overlayEvent, item.signal) : null,
    ]);
    return true;
  }

  override onKeyPressed(press: { pane: string; key: string }): Promise<void> {
    return this.#games.onKeyPressed(press);
  }

  override async onStop(): Promise<void> {
    this.#sendTotals.stop();
    this.#sendBoards.stop();
    this.#pictures.stop();
    await Promise.all([this.#lives.saveAll(), this.#games.stop()]);
    await this.#pages.stop();
  }

  /** Resolves when the new sums are committed. Tests and late events of a forgotten live are not counted. */
  async #count(event: LiveEvent, overlayEvent: OverlayEvent): Promise<void> {
    if (event.isTest) return;
    const { live, isChanged } = this.#lives.of(event);
    if (live === null) return;
    const isCounted = live.tally.add(event, overlayEvent);
    if (live.recent.add(overlayEvent)) {
      this.#saveLater(live.keptRecent, (why) => t`Saving the latest events failed: ${why}`);
    }
    if (isCounted || isChanged) {
      this.#changedTotals.add(live);
      this.#sendTotals.call();
    }
    if (isChanged || (isCounted && event.type === "GiftEvent")) {
      this.#changedBoards.add(live);
      this.#sendBoards.call();
    }
    const isLatest = live.latest.add(overlayEvent);
    await Promise.all([
      this.#lives.save(),
      isCounted ? live.keptTally.save() : null,
      isLatest ? live.keptLatest.save() : null,
    ]);
  }

  #sendEach(name: "totals" | "board", changed: Set<Live>): void {
    for (const live of changed) {
      const isShown = (page: OpenPage) => this.#lives.shownTo(this.#sourceOf(page)) === live;
      if (name === "totals") this.#pages.send(name, live.tally.totals, isShown);
      else this.#pages.send(name, live.tally.board, isShown);
    }
    changed.clear();
  }

  #sendEvent(event: OverlayEvent): void {
    this.#pages.send("event", event, (page) => this.#lives.isFor(this.#sourceOf(page), event));
  }

  #sendGame(name: GameName): void {
    const message = { name, view: this.#games.view(name) } as GameMessage;
    this.#pages.send("game", message, (page) => page.query.get("wants") === name);
  }

  #sourceOf({ query }: OpenPage): string | null {
    return query.get("source") || this.options.source || null;
  }

  #open(page: OpenPage): void {
    const soundPage = page.query.get("player");
    if (soundPage !== null) this.#games.soundPages.open(soundPage);
    if (page.query.get("wants") !== "alerts") return;
    const types = page.query.get("types")?.split(",").filter((type) => type !== "") ?? null;
    const alertPage = { types, source: this.#sourceOf(page) };
    this.#alertPages.set(page, alertPage);
    this.#waiting.open(alertPage);
    this.#keepPages();
  }

  #close(page: OpenPage): void {
    const soundPage = page.query.get("player");
    if (soundPage !== null) this.#games.soundPages.close(soundPage);
    const alertPage = this.#alertPages.get(page);
    if (alertPage === undefined) return;
    this.#alertPages.delete(page);
    this.#waiting.close(alertPage);
    this.#keepPages();
  }

  #hello(page: OpenPage): Hello {
    const source = this.#sourceOf(page);
    const shown = this.#lives.shownTo(source);
    const alertPage = this.#alertPages.get(page);
    const game = gameNames.find((name) => name === page.query.get("wants"));
    return {
      version: messagesVersion,
      totals: shown?.tally.totals ?? noTotals,
      board: shown?.tally.board ?? [],
      latest: shown?.latest.events ?? [],
      goals: this.options.goals,
      recent: this.#lives.recentFor(source),
      games: game === undefined ? {} : { [game]: this.#games.view(game) },
      waiting: alertPage === undefined ? [] : this.#waiting.for(alertPage),
    };
  }

  async #alertOf(event: LiveEvent, item: Pick<QueueItem, "count" | "isFirstOfUser">): Promise<Alert | null> {
    const alert = await this.#rules.alertOf(event, item);
    const gift = event.type === "GiftEvent" ? event.data.gift.name : "";
    return alert && await this.#giftFiles.addTo(alert, gift);
  }

  /** Several pages may tell of the same file. */
  #tellBroken({ file, why }: z.output<typeof brokenSchema>): void {
    if (this.#toldBroken.has(file) || this.#toldBroken.size >= maxToldFiles) return;
    this.#toldBroken.add(file);
    this.log.warn(
      t`Alerts are shown without the file "${file}", because ${why}. Check it in "theme_folder".`,
    );
  }

  /** Answers without the picture if it is not there yet, because a browser has few connections to a server. */
  #pictureFor(request: Request): Response {
    if (!["GET", "HEAD"].includes(request.method)) return refuseMethod("GET");
    const picture = this.#pictures.get(new URL(request.url).searchParams.get("of") ?? "");
    if (picture === null) return done();
    const response = answer(picture.content, picture.contentType);
    response.headers.set("cache-control", "private, max-age=3600");
    return response;
  }

  async #status(): Promise<Status> {
    return {
      version: messagesVersion,
      url: this.#pages.url,
      token: this.#pages.token,
      pages: await this.#pages.pages(),
      goals: this.options.goals,
      sources: this.#lives.sources,
      openCount: this.#pages.openCount,
      openAlertsCount: this.#waiting.openPages.length,
    };
  }

  /**
   * Saves which pages are open, because alerts wait for them after a restart. Pages that close because Livecue stops
   * stay saved.
   */
  #keepPages(): void {
    if (!this.signal.aborted) {
      this.#saveLater(this.#keptPages, (why) => t`Saving which pages are open failed: ${why}`);
    }
  }

  #saveLater(kept: Kept, failed: (why: unknown) => string): void {
    kept.save().catch((error) => this.log.warn(failed(error)));
  }

  async #showTest(request: TestRequest): Promise<void> {
    const id = --this.#lastTestId;
    const event = makeTestEvent(request, id);
    const item = { id, count: event.streak?.count ?? 1, isFirstOfUser: false };
    const alert = await this.#alertOf(event, item);
    this.#sendEvent(describeEvent(event, item, { alert, mask: this.#mask }));
  }
}
