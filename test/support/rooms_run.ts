/** One Livecue on two rooms and a payment page, through drops, other rooms, restarts and kills. */
import { fileURLToPath } from "node:url";
import { type Running, startLivecue, writeConfig } from "./livecue.ts";
import { PaymentPage, randomFrom, SceneRoom } from "./rooms_scene.ts";

const dummy = fileURLToPath(new URL("../../services/dummy.ts", import.meta.url));

export const mishaps = ["drop_main", "drop_second", "main_moves", "second_moves", "kill", "restart"] as const;
export type Mishap = typeof mishaps[number];

export class RoomsRun implements AsyncDisposable {
  readonly main: SceneRoom;
  readonly second: SceneRoom;
  readonly page: PaymentPage;
  readonly #folder: string;
  #livecue: Running | null = null;
  #marks = 0;
  #hasBeenLive = false;

  constructor(folder: string, seed: number) {
    const random = randomFrom(seed);
    this.#folder = folder;
    this.main = new SceneRoom("ana.live", random);
    this.second = new SceneRoom("ben.live", random);
    const port = freePort();
    this.page = new PaymentPage(port, random);
    writeConfig(folder, {
      sources: {
        main: { type: "tiktok", user: "ana.live", endpoints: this.main.tiktok.endpoints },
        second: { type: "tiktok", user: "ben.live", endpoints: this.second.tiktok.endpoints },
        tips: { type: "webhook", port, for: "main", providers: { kofi: { token: "kofi-token" } } },
      },
      services: {
        dummy: {
          service_class: dummy,
          max_queue_size: 100_000,
          subscriptions: { "*": { is_discardable: false } },
        },
      },
    });
  }

  /** Starts Livecue; resolves when it is in both rooms and takes payments. */
  async start(): Promise<void> {
    const livecue = startLivecue(this.#folder, "start", "--plain");
    this.#livecue = livecue;
    await Promise.all([
      livecue.line(/\[tips\] http/).then(() => this.#payAtOnce()),
      this.main.tiktok.nextConnection(),
      this.second.tiktok.nextConnection(),
      livecue.line(/@ana\.live is live/),
      livecue.line(/@ben\.live is live/),
    ]);
    this.#hasBeenLive = true;
  }

  /** So many moments in both rooms, some with a payment. */
  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step++) {
      this.main.step();
      this.second.step();
      if (step % 5 === 0) await this.page.pay();
    }
  }

  async suffer(mishap: Mishap): Promise<void> {
    switch (mishap) {
      case "drop_main":
        return await this.#comeBack(this.main);
      case "drop_second":
        return await this.#comeBack(this.second);
      case "main_moves":
        await this.#settle();
        this.main.newRoom();
        return await this.#comeBack(this.main);
      case "second_moves":
        await this.#settle();
        this.second.newRoom();
        return await this.#comeBack(this.second);
      case "kill":
        // In the midst of what the rooms have just sent.
        await this.#stop("SIGKILL");
        return await this.start();
      case "restart":
        await this.#stop("SIGINT");
        return await this.start();
    }
  }

  /** Ends both broadcasts; resolves when Livecue has ended with them. Returns what it printed. */
  async end(): Promise<string> {
    await this.#settle();
    await this.#stop("SIGINT");
    // What a stop left pending is processed.
    const work = await startLivecue(this.#folder, "work", "--drain").ended;
    return work.stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop("SIGKILL");
    await Promise.all([this.main.tiktok.close(), this.second.tiktok.close()]);
  }

  async #stop(signal: Deno.Signal): Promise<void> {
    const livecue = this.#livecue;
    this.#livecue = null;
    livecue?.kill(signal);
    await livecue?.ended;
  }

  /** A provider tells again of what was not answered as soon as it can: before Livecue is in the room again. */
  async #payAtOnce(): Promise<void> {
    if (!this.#hasBeenLive) return;
    await this.page.pay();
    await this.page.tellAgain();
  }

  /** Resolves when all that was sent is taken in. */
  async #settle(): Promise<void> {
    for (const room of [this.main, this.second]) {
      const mark = `mark ${++this.#marks} is over`;
      room.say(mark);
      await this.#livecue!.line(new RegExp(mark));
    }
    await this.page.tellAgain();
  }

  /** The connection drops in the midst of things, which go on until it is back. */
  async #comeBack(room: SceneRoom): Promise<void> {
    room.drop();
    await this.steps(20);
    await room.tiktok.nextConnection();
    await this.steps(20);
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  return port;
}
