import { BaseQueueService, type LiveEvent, type QueueItem, type ServiceContext } from "livecue/service";
import { isOpenToOthers, ownTokenOf } from "./access.ts";
import { Clients } from "./clients.ts";
import { GiftFrames } from "./gift_frames.ts";
import { check, retryListening } from "./listening.ts";
import { eventText } from "./livecue_form.ts";
import type { Options } from "./options.ts";
import { Server } from "./server.ts";
import { giftMessageOf, messageOf } from "./tikfinity_form.ts";

export { optionsSchema } from "./options.ts";

export const commands = { check };

/** Sites that are told of, at most. */
const maxToldSites = 20;

/** Gives every event to all programs that connect to its WebSocket, in Livecue's form or in TikFinity's. */
export default class Feed extends BaseQueueService<Options> {
  readonly #clients = new Clients((from, unread) => {
    this.log.warn(
      `A program (${from}) does not keep up: it was cut off with ${unread} messages unread; it may connect again`,
    );
  });
  readonly #gifts: GiftFrames;
  readonly #toldSites = new Set<string>();
  #server: Server | null = null;

  constructor(context: ServiceContext<Options>) {
    super(context);
    this.#gifts = new GiftFrames(this.options.streak_seconds * 1000, (frame) => {
      this.#clients.send("tikfinity", frame.event, () => giftMessageOf(frame, this.options.username));
    });
  }

  override async onStart(): Promise<void> {
    const own = await ownTokenOf(this.options, this.configFolder);
    const token = own ?? await this.#madeToken();
    // The streamer knows a token of their own; one that was made is told nowhere else.
    const toldToken = own === undefined ? token : "YOUR_TOKEN";
    retryListening(() => this.#listen(token, toldToken), this);
  }

  override processEvent(event: LiveEvent, item: QueueItem): boolean {
    this.#clients.send("livecue", event, () => eventText(event, item));
    if (event.type === "GiftEvent") this.#gifts.add(event, item.count);
    else this.#clients.send("tikfinity", event, () => messageOf(event, item.count, this.options.username));
    return true;
  }

  override async onStop(): Promise<void> {
    this.#gifts.endAll();
    await this.#server?.stop();
  }

  #listen(token: string, toldToken: string): void {
    const { host, port, origins, format } = this.options;
    this.#server = new Server({
      access: { host, port, token, origins },
      clients: this.#clients,
      format,
      onForeignPage: (origin) => this.#tellOfSite(origin),
    });
    const query = toldToken === "" ? "" : `?token=${toldToken}`;
    this.log.info(`Programs can connect to ${this.#server.url}${query}`);
  }

  #tellOfSite(origin: string): void {
    if (this.#toldSites.has(origin) || this.#toldSites.size >= maxToldSites) return;
    this.#toldSites.add(origin);
    this.log.warn(
      `A page of ${origin} wanted to connect, and may not: if you trust that site, add "${origin}" to "origins"`,
    );
  }

  /** Where others can connect, one is needed: made once, and kept. */
  async #madeToken(): Promise<string> {
    if (!isOpenToOthers(this.options.host)) return "";
    const kept = await this.state.get<string>("token");
    if (kept !== undefined) return kept;
    const made = crypto.randomUUID().replaceAll("-", "");
    await this.state.set("token", made);
    return made;
  }
}
