/** One room that was joined, from then on to the end of the live or of the connection. */
import { type Clock, Limit } from "../../clock.ts";
import type { CapturedEvent, RawMessage, SourceItem } from "../../source.ts";
import { afterAbsence, secondsOf } from "../absence.ts";
import { cleanMethod, decodeEvent } from "./decode.ts";
import { MessageLine } from "./message_line.ts";
import type { Refusals } from "./refusals.ts";
import type { RoomClient } from "./room_client.ts";
import type { InnerMessage } from "./schema.ts";

export type Ending =
  | { kind: "stopped" }
  | { kind: "dropped"; why: string }
  | { kind: "over"; why: string };

export interface ListeningOptions {
  clock: Clock;
  /** A connection without a frame for so long is taken for dead. */
  silenceMs: number;
  /** The host's handle. */
  username: string;
  roomId: string;
  signal: AbortSignal;
  push(item: SourceItem): void;
  refusals: Refusals;
  /** An end that was acted on may come again. */
  isNewEnd(event: CapturedEvent): boolean;
}

/** The connection of a computer that slept is often dead: it has less time to show that it is not. */
const silenceAfterAbsenceMs = 10_000;
/** After an absence. */
const greetingMs = 250;
/** A connection that ends so soon after an absence ends because of it. */
const aftermathMs = 20_000;

/** Resolves when all that came before the end has been pushed. */
export async function listenTo(client: RoomClient, options: ListeningOptions): Promise<Ending> {
  const { clock, silenceMs, signal, refusals } = options;
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  let isOver = false;
  const end = (ending: Ending) => {
    isOver = true;
    resolve(ending);
  };
  const drop = (why: string) => end({ kind: "dropped", why: silence.explain(why) });
  const silence = new Silence({ clock, silenceMs, greet: () => client.greet(), onOver: drop });
  const line = new MessageLine({
    clock,
    take: (message) => {
      const why = takeMessage(message, options);
      if (why !== null) end({ kind: "over", why });
    },
    onSlice: () => silence.hear(),
    pause: () => client.pause(),
    resume: () => client.resume(),
  });
  const stop = () => end({ kind: "stopped" });
  signal.addEventListener("abort", stop, { once: true });
  client.listen({
    onFrame: (frame) => {
      if (isOver) return;
      silence.hear();
      if (frame === "corrupt") refusals.addFrame("corrupt_frame");
      else if (frame === "too_long") refusals.addFrame("long_frame");
      else line.add(frame.messages);
    },
    onClose: drop,
  });
  const ending = await ended;
  silence.end();
  signal.removeEventListener("abort", stop);
  await line.emptied();
  return ending;
}

interface SilenceOptions extends Pick<ListeningOptions, "clock" | "silenceMs"> {
  /** Tells TikTok that somebody is there. */
  greet(): void;
  /** Gets how long it was, in a sentence. */
  onOver(why: string): void;
}

/** How long TikTok has been silent while there was somebody to hear it. */
class Silence {
  readonly #clock: Clock;
  readonly #limit: Limit;
  #cancelGreeting = () => {};
  /** All moments are by the monotonic clock. */
  #quietSince: number;
  #absence = { ms: 0, endedAt: -Infinity };

  constructor({ clock, silenceMs, greet, onOver }: SilenceOptions) {
    this.#clock = clock;
    this.#quietSince = clock.monotonic();
    this.#limit = new Limit({
      clock,
      limitMs: silenceMs,
      leftAfterAbsenceMs: silenceAfterAbsenceMs,
      onAbsence: (ms) => {
        this.#quietSince = clock.monotonic();
        this.#absence = { ms, endedAt: this.#quietSince };
        // A system that was not read from for long may only ask after seconds whether there is room again: what is
        // sent to it after the first reading says so.
        this.#cancelGreeting();
        this.#cancelGreeting = clock.after(greetingMs, greet);
      },
      onOver: () => onOver(`TikTok sent nothing for ${secondsOf(clock.monotonic() - this.#quietSince)}.`),
    });
  }

  hear(): void {
    this.#limit.restart();
    this.#quietSince = this.#clock.monotonic();
  }

  /** Why the connection has ended, where an absence was behind it. */
  explain(why: string): string {
    const isAftermath = this.#clock.monotonic() - this.#absence.endedAt < aftermathMs;
    return afterAbsence(isAftermath ? this.#absence.ms : 0, why);
  }

  end(): void {
    this.#limit.cancel();
    this.#cancelGreeting();
  }
}

/** Why the live has ended, where the message says so; else null. */
function takeMessage(
  { method, payload }: InnerMessage,
  { username, roomId, push, refusals, isNewEnd }: ListeningOptions,
): string | null {
  const raw: RawMessage = { method, createTime: null, streamer: username, payload };
  const event = decodeEvent(raw, roomId);
  if (event === "corrupt") {
    refusals.addMessage(cleanMethod(method));
    return null;
  }
  raw.createTime = event.createdAt;
  push({ kind: "event", event, raw });
  // In a battle the other side's end may be told in this room as well.
  if (event.type !== "StreamEndEvent" || event.roomId !== roomId || !isNewEnd(event)) return null;
  return event.data.reason === "suspended" ? "TikTok suspended the live." : "The streamer ended the live.";
}
