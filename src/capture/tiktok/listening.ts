/** Listens to a joined room until the live or the connection ends. */
import { type Clock, Limit } from "../../clock.ts";
import { t } from "../../language.ts";
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
  /** A connection without a frame for this long counts as dead. */
  silenceMs: number;
  /** The host's handle. */
  username: string;
  roomId: string;
  signal: AbortSignal;
  push(item: SourceItem): void;
  /** Resolves when there is room for more items; null if there is room now. */
  whenRoom(): Promise<void> | null;
  refusals: Refusals;
  /** False for an end that was handled before: it may come again. */
  isNewEnd(event: CapturedEvent): boolean;
}

/** After a sleep of the computer the connection is often dead, so the limit is shorter. */
const silenceAfterAbsenceMs = 10_000;
/** The wait before a heartbeat after an absence. */
const heartbeatDelayMs = 250;
/** A connection that ends this soon after an absence ended because of it. */
const aftermathMs = 20_000;

/** Resolves when everything received before the end has been pushed. */
export async function listenTo(client: RoomClient, options: ListeningOptions): Promise<Ending> {
  const { clock, silenceMs, signal, refusals, whenRoom } = options;
  const { promise: ended, resolve } = Promise.withResolvers<Ending>();
  let isOver = false;
  const end = (ending: Ending) => {
    isOver = true;
    resolve(ending);
  };
  const drop = (why: string) => end({ kind: "dropped", why: silence.explain(why) });
  const silence = new Silence({
    clock,
    silenceMs,
    sendHeartbeat: () => client.sendHeartbeat(),
    onOver: drop,
  });
  const line = new MessageLine({
    clock,
    take: (message) => {
      const why = takeMessage(message, options);
      if (why !== null) end({ kind: "over", why });
    },
    onSlice: () => silence.receive(),
    whenRoom,
    pause: () => client.pause(),
    resume: () => client.resume(),
  });
  const stop = () => end({ kind: "stopped" });
  signal.addEventListener("abort", stop, { once: true });
  client.listen({
    onFrame: (frame) => {
      if (isOver) return;
      silence.receive();
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
  /** Sends a heartbeat to TikTok. */
  sendHeartbeat(): void;
  /** `why`: a sentence that says how long the silence was. */
  onOver(why: string): void;
}

/** Measures how long TikTok is silent, without the time in which this program did not run. */
class Silence {
  readonly #clock: Clock;
  readonly #limit: Limit;
  #cancelHeartbeat = () => {};
  /** By the monotonic clock. */
  #quietSince: number;
  #absence = { ms: 0, endedAt: -Infinity };

  constructor({ clock, silenceMs, sendHeartbeat, onOver }: SilenceOptions) {
    this.#clock = clock;
    this.#quietSince = clock.monotonic();
    this.#limit = new Limit({
      clock,
      limitMs: silenceMs,
      leftAfterAbsenceMs: silenceAfterAbsenceMs,
      onAbsence: (ms) => {
        this.#quietSince = clock.monotonic();
        this.#absence = { ms, endedAt: this.#quietSince };
        // After a long time without reads, the remote system may check for a free receive window only after seconds.
        // Sending something after the first read tells it.
        this.#cancelHeartbeat();
        this.#cancelHeartbeat = clock.after(heartbeatDelayMs, sendHeartbeat);
      },
      onOver: () => onOver(t`TikTok sent nothing for ${secondsOf(clock.monotonic() - this.#quietSince)}.`),
    });
  }

  receive(): void {
    this.#limit.restart();
    this.#quietSince = this.#clock.monotonic();
  }

  /** Adds a recent absence, if there was one, to the reason for the end of the connection. */
  explain(why: string): string {
    const isAftermath = this.#clock.monotonic() - this.#absence.endedAt < aftermathMs;
    return afterAbsence(isAftermath ? this.#absence.ms : 0, why);
  }

  end(): void {
    this.#limit.cancel();
    this.#cancelHeartbeat();
  }
}

/** Pushes the message's event. Returns why the live has ended if the message says so; otherwise null. */
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
  // In a battle, this room may also report the end of the opponent's live.
  if (event.type !== "StreamEndEvent" || event.roomId !== roomId || !isNewEnd(event)) return null;
  return event.data.reason === "suspended" ? t`TikTok suspended the live.` : t`The streamer ended the live.`;
}
