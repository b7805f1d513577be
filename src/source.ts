/** The interface that all sources of events and readings implement: TikTok, a webhook, telemetry, a replay, the demo. */
import type { EventDataByType, EventType, User } from "./event.ts";
import type { CountsByType } from "./live.ts";
import type { Playback } from "./playback.ts";

/** One Webcast message as received, and as a recording stores it. */
export interface RawMessage {
  /** For example "WebcastGiftMessage". */
  method: string;
  /** Unix milliseconds; null if the message has no time. */
  createTime: number | null;
  /** The host's handle. */
  streamer: string;
  /** The protobuf of one Webcast message. */
  payload: Uint8Array;
}

/**
 * The streak data in one message. A gift's `count` is cumulative, and its frames may repeat, skip, arrive out of
 * order or lack the end; `groupId` null means that the gift cannot streak. A like's `count` is what it adds.
 */
export type StreakFrame =
  | { kind: "gift"; groupId: string | null; count: number; isEnd: boolean }
  | { kind: "like"; count: number };

interface CapturedEventOf<Type extends EventType> {
  type: Type;
  data: EventDataByType[Type];
  roomId: string;
  /** null if the source gave no id, or "" or "0": then it is never a duplicate. */
  messageId: string | null;
  /** Unix milliseconds; null if the message has no time (then it counts as created when received). */
  createdAt: number | null;
  user: User;
  /** Set for gifts and likes, null for all others. */
  streak: Type extends "GiftEvent" | "LikeEvent" ? StreakFrame : null;
  /** Set by a replay of an exported session, in which it was history too. */
  isHistory?: boolean;
  /** From another room. Default: whether its room is not the session's. */
  isForeign?: boolean;
  /** A test, sent by a person or by a provider. */
  isTest?: boolean;
}

/** A decoded and cleaned event, before it gets an id, a session and its streak's counts. */
export type CapturedEvent = { [Type in EventType]: CapturedEventOf<Type> }[EventType];

/** The state of a connection. `why` is a complete sentence for a person. Times are Unix milliseconds. */
export type ConnectionState =
  | { phase: "looking_up"; username: string }
  | { phase: "connecting"; username: string }
  /** Waits for requests, as a webhook does; `title` says where. */
  | { phase: "listening"; title: string }
  | { phase: "live"; username: string; roomId: string; title: string }
  | { phase: "waiting"; username: string; why: string; nextAt: number }
  | { phase: "reconnecting"; username: string; why: string; attempt: number; nextAt: number }
  | { phase: "ended"; username: string; why: string };

/** What the rest of Livecue has to know about a source. No code depends on a source's name. */
export interface SourceTraits {
  /** The type of source, as "tiktok": stored with each live. */
  type: string;
  /** Whether its events happen now. Otherwise they are recorded, and streaks idle by their recorded times. */
  isLive: boolean;
  /** Whether its ids are kept in the database for a day, over all lives, to detect repetitions. */
  keepsIds: boolean;
  /** Whether it sends events from before it connected. They are stored, but no service gets them. */
  hasHistory: boolean;
  /**
   * The types that it never sheds, however fast events come. Of the others, the least important are shed first.
   * "all": it sheds nothing, and backpressure slows it down instead.
   */
  keeps: readonly EventType[] | "all";
  /** Whether it runs until it is stopped, so that a run does not wait for its end. */
  isEndless: boolean;
  /**
   * Whether it names a room. Then the room is the live, which continues over restarts. Otherwise each run is a live.
   */
  hasRooms: boolean;
  /** false: it brings nothing but readings. */
  bringsEvents?: false;
  /** The source to whose live its events belong; null: its own live. Only for sources without rooms. */
  follows: string | null;
}

/** A reading of a channel as its sender gave it, before it is checked. */
export interface SentReading {
  channel: string;
  /** Unix milliseconds, by the sender's clock; null if its time could not be read. */
  at: number | null;
  /** A text is not a number. It says what was sent, and may be cut. */
  value: number | string;
}

/** What people see of a channel, by the channel. */
export type ChannelLabels = Readonly<
  Record<string, { name?: string | undefined; unit?: string | undefined }>
>;

/** Readings in the order in which they came. */
export interface ReadingBatch {
  readings: SentReading[];
  /** In a recording, the source from which they came. Default: the source that yields them. */
  source?: string;
  /** Of the channels of its source. Set by the app, and in a recording. */
  labels?: ChannelLabels;
  /** Unix milliseconds; in a recording, when they came to the one who recorded them. */
  receivedAt: number;
  /**
   * Only in a batch without readings: for how long the source has been silent, without the `silenceMs` that it may be.
   * Set by the app, and in a recording.
   */
  silentMs?: number;
  /** Called when they are stored safely, or when it is known that they will not be. */
  committed?: () => void;
  /** Whether the sender of some of them waits for that, so that they are not to wait for others. */
  isAwaited?: boolean;
}

/**
 * The names of Livecue's own sources, which no other source may have. While no source is in a live, test events belong
 * to a live of "test", and events that services emit outside of an item to one of "services".
 */
export const ownSources = { tests: "test", services: "services" } as const;

export type SourceItem =
  | { kind: "state"; state: ConnectionState }
  /**
   * Opens a session, or continues the open one if it has the same user and room. `connectedAt` is by the clock of the
   * messages' times, if that may differ from this computer's clock.
   */
  | { kind: "session"; username: string; roomId: string; title?: string; connectedAt?: number }
  /** `committed` is called when the event is stored safely, or if it was known already. */
  | { kind: "event"; event: CapturedEvent; raw: RawMessage | null; committed?: () => void }
  | { kind: "readings"; batch: ReadingBatch }
  /** A message that could not be decoded: counted, and logged once per method. */
  | { kind: "corrupt"; method: string }
  /** Events of this type were shed, because more came than could be stored in time. */
  | { kind: "shed"; eventType: EventType; count: number }
  /** The source's clock advanced without an event. */
  | { kind: "time"; at: number }
  /** Something that a person should read, as about a line of a recording that is not JSON. */
  | { kind: "notice"; text: string }
  /** The live, the file or the demo has ended, or cannot continue. The session closes. */
  | { kind: "end"; status: "completed" | "aborted"; reason: string };

export interface Source {
  /** A key of the config's `sources`, "replay:FILE" or "demo"; stored in `live_session.source`. */
  readonly name: string;
  readonly traits: SourceTraits;
  /** Absent if nothing is known of its channels, or if it has none. */
  readonly labels?: ChannelLabels;
  /**
   * The longest time from one of its readings to the next one, in milliseconds. After that it counts as silent. Absent: it
   * may be silent for any time.
   */
  readonly silenceMs?: number | undefined;
  /** What it has shed so far, even while nobody pulls; its items report it in order. Absent if it never sheds. */
  readonly shed?: Readonly<CountsByType>;
  /**
   * Runs until the source ends or `signal` aborts; after an abort it finishes without an `end` item. Pulling provides
   * backpressure. Throws only a `UserError`, or on a bug.
   */
  open(signal: AbortSignal): AsyncIterable<SourceItem>;
  /** Only for a source that plays a recording. */
  readonly playback?: Playback;
}
