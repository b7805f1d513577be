import { t } from "livecue/language";
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

const maxLoggedSites = 20;

/** Sends every event to all programs that connect to its WebSocket, in Livecue's format or in TikFinity's. */
export default class Feed extends BaseQueueService<Options> {
  readonly #clients = new Clients((from, unread) => {
    this.log.warn(
      t`A program (${from}) read too slowly and was disconnected with ${unread} unread messages. It may reconnect`,
    );
  });
  readonly #gifts: GiftFrames;
  readonly #loggedSites = new Set<string>();
  #server: Server | null = null;

  constructor(context: ServiceContext<Options>) {
    super(context);
    this.#gifts = new GiftFrames(this.options.streak_seconds * 1000, (frame) => {
      this.#clients.send("tikfinity", frame.event, () => giftMessageOf(frame, this.options.username));
    });
  }

  override async onStart(): Promise<void> {
    const own = await ownTokenOf(this.options, this.configFolder);
    const token = own ?? await this.#generatedToken();
    // A token from the options is kept out of the log. A generated one is shown only there.
    const shownToken = own === undefined ? token : "YOUR_TOKEN";
    retryListening(() => this.#listen(token, shownToken), this);
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

  #listen(token: string, shownToken: string): void {
    const { host, port, origins, format } = this.options;
    this.#server = new Server({
      access: { host, port, token, origins },
      clients: this.#clients,
      format,
      onForeignPage: (origin) => this.#logSite(origin),
    });
    const query = shownToken === "" ? "" : `?token=${shownToken}`;
    this.log.info(t`Programs can connect to ${this.#server.url}${query}`);
  }

  #logSite(origin: string): void {
    if (this.#loggedSites.has(origin) || this.#loggedSites.size >= maxLoggedSites) return;
    this.#loggedSites.add(origin);
    this.log.warn(
      t`A page of ${origin} tried to connect and was refused. If you trust that site, add "${origin}" to "origins"`,
    );
  }

  /** If other computers can connect, a token is required. It is generated once and kept. */
  async #generatedToken(): Promise<string> {
    if (!isOpenToOthers(this.options.host)) return "";
    const kept = await this.state.get<string>("token");
    if (kept !== undefined) return kept;
    const made = crypto.randomUUID().replaceAll("-", "");
    await this.state.set("token", made);
    return made;
  }
}
