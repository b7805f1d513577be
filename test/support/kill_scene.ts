/** A recording, and services that do what its comments say. The seed decides both. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { nobody, type User } from "../../src/event.ts";
import type { CapturedEvent } from "../../src/source.ts";
import { writeConfig } from "./livecue.ts";
import { writeRecording } from "./recording.ts";

const diarist = fileURLToPath(new URL("services/diarist.ts", import.meta.url));
const rose = { id: 5655, name: "Rose", diamondCount: 1, isStreakable: true, imageUrl: "" };
const viewers: User[] = Array.from({ length: 40 }, (_, index) => ({
  ...nobody,
  id: `7000000000000001${String(index).padStart(3, "0")}`,
  uniqueId: `viewer${index}`,
  nickname: `Viewer ${index}`,
  roles: [],
}));

/** With what the wheel answers a comment, and the screen that; and in what the teller tells of what it did. */
const spin = "SpinEvent";
const echo = "EchoEvent";
export const told = "ToldEvent";

export interface SceneSubscription {
  priority: number;
  is_async: boolean;
  is_discardable: boolean;
  streaks: "each" | "final";
}

export interface SceneService {
  slug: string;
  isolation: "worker" | "process";
  max_queue_size: number;
  max_concurrency: number;
  prefetch: number;
  max_attempts: number;
  max_crashes: number;
  subscriptions: Record<string, SceneSubscription>;
  answers: Record<string, string>;
  tells: string | null;
  dies: boolean;
}

/** Numbers and choices from a seed. */
export class Choices {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** From 0 to `below` - 1. */
  whole(below: number): number {
    return Math.floor(this.#random() * below);
  }

  of<Choice>(...choices: readonly Choice[]): Choice {
    return choices[this.whole(choices.length)] as Choice;
  }
}

export interface MadeRecording {
  /** As the option `--source` takes it. */
  source: string;
  /** In the recording's order; some events come twice. */
  events: CapturedEvent[];
  /** Each message's id once, in the order of the recording. */
  messageIds: string[];
}

/** One comment in this many messages says which message it is, for example "message 100". */
const spokenEvery = 100;

/** `deaths`: comments that make a service crash. */
export async function makeRecording(
  folder: string,
  choices: Choices,
  { messages, deaths }: { messages: number; deaths: number },
): Promise<MadeRecording> {
  const scene = new RecordedScene(choices);
  const deadly = new Set(Array.from({ length: deaths }, () => choices.whole(messages)));
  for (let count = 0; count < messages; count++) {
    const spoken = count > 0 && count % spokenEvery === 0 ? `message ${count}` : null;
    scene.step(deadly.has(count) ? "die" : spoken);
  }
  const source = await writeRecording(folder, scene.events);
  return {
    source,
    events: scene.events,
    messageIds: [...new Set(scene.events.map(({ messageId }) => String(messageId)))],
  };
}

class RecordedScene {
  readonly events: CapturedEvent[] = [];
  readonly #choices: Choices;
  readonly #open: { user: User; groupId: string; count: number }[] = [];
  #messages = 0;
  #groups = 0;
  #likes = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  step(order: string | null): void {
    const { whole, of } = bound(this.#choices);
    const user = of(...viewers);
    const chance = order === null ? whole(100) : 0;
    if (chance < 45) {
      const comment = order ?? of("hello", "hello", "hello", "hello", "wait", "wait", "fail");
      this.#add({ type: "CommentEvent", data: { comment, language: "en", emotes: [] }, user, streak: null });
    } else if (chance < 65) {
      this.#add({ type: "JoinEvent", data: { memberCount: whole(90) }, user, streak: null });
    } else if (chance < 75) {
      const count = 1 + whole(15);
      this.#likes += count;
      this.#add({ type: "LikeEvent", data: { total: this.#likes }, user, streak: { kind: "like", count } });
    } else if (chance < 95) this.#gift(user);
    else this.#add({ type: "FollowEvent", data: { followerCount: 9 }, user, streak: null });
    if (whole(30) === 0) this.events.push(of(...this.events));
  }

  /** A streak begins, grows or ends. */
  #gift(user: User): void {
    const { whole } = bound(this.#choices);
    if (this.#open.length < 5) {
      this.#open.push({ user, groupId: String(1_700_000_000_000 + ++this.#groups), count: 0 });
    }
    const index = whole(this.#open.length);
    const gift = this.#open[index]!;
    const isEnd = gift.count > 0 && whole(3) === 0;
    if (isEnd) this.#open.splice(index, 1);
    else gift.count += 1 + whole(3);
    this.#add({
      type: "GiftEvent",
      data: { gift: rose, repeatCount: gift.count, receiver: null },
      user: gift.user,
      streak: { kind: "gift", groupId: gift.groupId, count: gift.count, isEnd },
    });
  }

  #add(event: object): void {
    const messageId = String(7_500_000_000_000_000_000n + BigInt(++this.#messages));
    const createdAt = 1_760_000_000_000 + this.#messages * 20;
    this.events.push({ ...event, roomId: "7400000000000000001", messageId, createdAt } as CapturedEvent);
  }
}

function bound(choices: Choices) {
  return {
    whole: choices.whole.bind(choices),
    of: choices.of.bind(choices) as Choices["of"],
  };
}

const types = ["CommentEvent", "JoinEvent", "LikeEvent", "GiftEvent", "FollowEvent"] as const;

/** Services of all kinds; the first takes all that comes, and is there for its marks. */
export function makeServices(
  choices: Choices,
  { hasProcess, dies }: { hasProcess: boolean; dies: boolean },
): SceneService[] {
  const make = (slug: string, given: Partial<SceneService> = {}): SceneService => ({
    slug,
    isolation: "worker",
    max_queue_size: choices.of(1, 5, 30, 100_000),
    max_concurrency: choices.of(1, 3, 16),
    prefetch: choices.of(1, 1, 5, 64),
    max_attempts: choices.of(1, 2, 3),
    max_crashes: 3,
    subscriptions: makeSubscriptions(choices, types),
    answers: {},
    tells: null,
    dies: false,
    ...given,
  });
  const steady = make("steady", { max_queue_size: 100_000, prefetch: choices.of(1, 64), max_crashes: 20 });
  const services = [
    steady,
    make("small", { max_queue_size: choices.of(1, 5, 30) }),
    make("wheel", { answers: { CommentEvent: spin } }),
    make("screen", {
      subscriptions: makeSubscriptions(choices, [spin, told, "FollowEvent", "GiftEvent"]),
      answers: { [spin]: echo },
    }),
    make("teller", {
      subscriptions: makeSubscriptions(choices, ["FollowEvent", echo]),
      tells: told,
      max_queue_size: 100_000,
      max_crashes: 20,
    }),
  ];
  if (hasProcess) services.push(make("apart", { isolation: "process" }));
  if (dies) {
    services.push(
      make("frail", {
        dies: true,
        isolation: choices.of("worker", "process"),
        max_crashes: choices.of(1, 2, 3),
      }),
    );
  }
  return services;
}

function makeSubscriptions(choices: Choices, types: readonly string[]): SceneService["subscriptions"] {
  const modes = choices.of([true], [false], [true, false]);
  return Object.fromEntries(types.map((type) => [type, {
    priority: 1 + choices.whole(10),
    is_async: choices.of(...modes),
    is_discardable: choices.of(true, false),
    streaks: type === "GiftEvent" ? choices.of("each" as const, "final" as const) : "each" as const,
  }]));
}

export const markEvery = 20;

export function diaryOf(folder: string, slug: string): string {
  return join(folder, `${slug}.diary`);
}

/** `name`: of all services; what changes with it changes nothing of what they do. */
export function writeScene(
  folder: string,
  services: readonly SceneService[],
  { durability, name }: { durability: string; name: string },
): void {
  const entries = services.map(({ slug, answers, tells, dies, ...service }) => {
    const diary = diaryOf(folder, slug);
    return [slug, {
      ...service,
      name,
      service_class: diarist,
      backoff_ms: 1,
      emits: [...Object.values(answers), ...(tells === null ? [] : [tells])],
      permissions: { write: [diary] },
      options: { diary, answers, tells, dies, markEvery },
    }];
  });
  writeConfig(folder, { durability, services: Object.fromEntries(entries) });
}
