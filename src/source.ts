/** What a source of events is: the one shape that TikTok, a webhook, a replay and the demo share. */
import type { EventDataByType, EventType, User } from "./event.ts";
import type { CountsByType } from "./live.ts";

/** One Webcast message as it came, and as a recording keeps it. */
export interface RawMessage {
  /** As "WebcastGiftMessage". */
  method: string;
  /** Unix milliseconds, null where the message has none. */
  createTime: number | null;
  /** The host's handle. */
  streamer: string;
  /** The protobuf of one Webcast message. */
  payload: Uint8Array;
}

/**
 * What one message says of a streak. A gift's `count` is cumulative and its frames may repeat, skip,
 * come out of order or lack the end; `groupId` null means that it does not streak. A like's `count` is its own.
 */
export type StreakFrame =
  | { kind: "gift"; groupId: string | null; count: number; isEnd: boolean }
  | { kind: "like"; count: number };

interface CapturedEventOf<Type extends EventType> {
  type: Type;
  data: EventDataByType[Type];
  roomId: string;
  /** null where the source gave none, or "" or "0": never a duplicate. */
  messageId: string | null;
  /** Unix milliseconds; null where the message has none (then it counts as created when received). */
  createdAt: number | null;
  user: User;
  /** Set on gifts and likes, null on all others. */
  streak: Type extends "GiftEvent" | "LikeEvent" ? StreakFrame : null;
  /** Set by a replay of an exported session: it was history then, too. */
  isHistory?: boolean;
  /** Of another room than the source's. Left out: where its room is another than the session's. */
  isForeign?: boolean;
  /** Sent to try things out, by a person or by a provider. */
  isTest?: boolean;
}

/** A decoded and cleaned event, before it has an id, a session and its streak's sums. */
export type CapturedEvent = { [Type in EventType]: CapturedEventOf<Type> }[EventType];

/** Where a connection stands. `why` is a whole sentence for a person. Times are Unix milliseconds. */
export type ConnectionState =
  | { phase: "looking_up"; username: string }
  | { phase: "connecting"; username: string }
  /** Waits to be called, as a webhook: `title` says where. */
  | { phase: "listening"; title: string }
  | { phase: "live"; username: string; roomId: string; title: string }
  | { phase: "waiting"; username: string; why: string; nextAt: number }
  | { phase: "reconnecting"; username: string; why: string; attempt: number; nextAt: number }
  | { phase: "ended"; username: string; why: string };

/** What the rest of Livecue has to know of a source. Nothing goes by its name. */
export interface SourceTraits {
  /** What kind it is, as "tiktok": stored with each live. */
  type: string;
  /** Whether its times are now; else recorded, and streaks idle by the recorded times. */
  isLive: boolean;
  /** Whether its ids are kept in the database for a day, over all lives: it brings little, and none of it twice. */
  keepsIds: boolean;
  /** Whether it brings what happened before it was connected: stored, and not acted on. */
  hasHistory: boolean;
  /**
   * The types that it never sheds, however fast events come: what matters least of the others goes first. "all": it
   * lets nothing go, and is held back instead.
   */
  keeps: readonly EventType[] | "all";
  /** Whether it goes on until it is stopped: a run does not wait for its end. */
  isEndless: boolean;
  /** Its live is the room that it names; it goes on over restarts. Else each run of it is a live of its own. */
  hasRooms: boolean;
  /** The source whose live its events belong to; null: its own. Only where it has no rooms. */
  follows: string | null;
}

export type SourceItem =
  | { kind: "state"; state: ConnectionState }
  /**
   * Opens a session; one already open for the same user and room goes on. `connectedAt` is by the clock that
   * the messages' times come from, where that may be another than this computer's.
   */
  | { kind: "session"; username: string; roomId: string; title?: string; connectedAt?: number }
  /** `committed` is called when the event cannot be lost any more, or was known already. */
  | { kind: "event"; event: CapturedEvent; raw: RawMessage | null; committed?: () => void }
  /** A message that could not be decoded: counted, and logged once a method. */
  | { kind: "corrupt"; method: string }
  /** So many events of this type were shed: more came than could be stored in time (only from a source that sheds). */
  | { kind: "shed"; eventType: EventType; count: number }
  /** The source's clock moved on without an event. */
  | { kind: "time"; at: number }
  /** Something a person should read, as a line of a recording that is not JSON. */
  | { kind: "notice"; text: string }
  /** The live, the file or the demo ended, or cannot go on; the session closes. */
  | { kind: "end"; status: "completed" | "aborted"; reason: string };

export interface Source {
  /** Stored in `live_session.source`: a key of the config's `sources`, "replay:FILE" or "demo". */
  readonly name: string;
  readonly traits: SourceTraits;
  /** What it has shed so far, also while nobody pulls; its items tell it in their order. Left out: it sheds nothing. */
  readonly shed?: Readonly<CountsByType>;
  /**
   * Runs until the source ends or `signal` aborts, after which it ends without an `end` item.
   * Being pulled is its backpressure. Throws only a `UserError`, or on a bug.
   */
  open(signal: AbortSignal): AsyncIterable<SourceItem>;
}
