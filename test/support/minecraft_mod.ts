/**
 * A program written for TikFinity, as such programs are: it reads the fields that it knows without a look whether they
 * are there, drops messages that it has seen by their id, and acts on a streak at its last frame.
 */
import { FeedClient } from "./feed_under_test.ts";

// deno-lint-ignore no-explicit-any
type Message = any;

export class MinecraftMod implements AsyncDisposable {
  gifts = 0;
  diamonds = 0;
  likes = 0;
  /** What it stumbled over. */
  readonly problems: string[] = [];
  readonly #client: FeedClient;
  readonly #seen = new Set<string>();
  /** The last count of each streak that it has shown as running. */
  readonly #running = new Map<string, number>();
  #read = 0;

  private constructor(client: FeedClient) {
    this.#client = client;
  }

  static async open(address: string): Promise<MinecraftMod> {
    return new MinecraftMod(await FeedClient.open(address));
  }

  get messages(): Message[] {
    return this.#client.messages;
  }

  get closed(): Promise<void> {
    return this.#client.closed.then(() => this.#readAll());
  }

  async heard(isSo: () => boolean): Promise<void> {
    await this.#client.heard(() => {
      this.#readAll();
      return isSo();
    });
  }

  /** Resolves when it has acted on this many `gifts`. Rejects if it has acted on more. */
  async counted(gifts: number): Promise<void> {
    await this.heard(() => this.gifts >= gifts);
    if (this.gifts > gifts) throw new Error(`It counted ${this.gifts} gifts, not ${gifts}.`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client[Symbol.asyncDispose]();
  }

  #readAll(): void {
    while (this.#read < this.messages.length) {
      const message = this.messages[this.#read++];
      try {
        this.#act(message);
      } catch (error) {
        this.problems.push(`${message.event}: ${error}`);
      }
    }
  }

  #act({ event, data }: Message): void {
    if (data.tikfinityUserId.toString() === "" || data.tikfinityUsername.trim() === "") {
      throw new Error("whose?");
    }
    if (typeof data.createTime !== "string" || data.msgId === "") throw new Error("no time or id");
    if (event === "roomUser") return void data.topViewers.map((viewer: Message) => viewer.user.uniqueId);
    if (event === "streamEnd") return;
    if (this.#seen.has(data.msgId)) return;
    this.#seen.add(data.msgId);
    const picture = data.profilePictureUrl || data.userDetails.profilePictureUrls[0];
    if (picture === null || data.followInfo.followStatus === undefined) throw new Error("no person");
    data.userBadges.filter((badge: Message) => badge.url);
    if (event === "like") this.likes += data.likeCount;
    if (event === "chat") data.emotes.sort((a: Message, b: Message) => a.placeInComment - b.placeInComment);
    if (event === "gift") this.#take(data);
  }

  #take(data: Message): void {
    const isRunning = data.giftType === 1 && !data.repeatEnd;
    if (data.gift.repeat_end !== (data.repeatEnd ? 1 : 0)) throw new Error("two ends");
    const shown = this.#running.get(data.groupId) ?? 0;
    if (data.repeatCount < shown) throw new Error("a count that falls");
    if (isRunning) return void this.#running.set(data.groupId, data.repeatCount);
    this.#running.delete(data.groupId);
    this.gifts += data.repeatCount;
    this.diamonds += data.repeatCount * data.diamondCount;
  }
}
