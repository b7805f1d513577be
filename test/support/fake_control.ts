/** A made-up pipeline behind the screen's interface: what it shows can be set, what it is told is kept. */
import type { ViewerDetail } from "../../src/viewer_view.ts";
import { giftMatches, giftsWith, type KnownGift, sortedGifts } from "../../src/gift.ts";
import { plainFailure } from "../../src/failure.ts";
import type { ChannelLine } from "../../src/channel_view.ts";
import type {
  Action,
  ActionResult,
  Answer,
  ChannelDetail,
  Control,
  ItemLine,
  Query,
  ServiceView,
  Snapshot,
  SourceView,
  StepLine,
} from "../../src/control.ts";
import type { EventLine } from "../../src/event_view.ts";
import { mainEventTypes } from "../../src/event.ts";
import type { PastSession } from "../../src/session_view.ts";
import { isChosen } from "../../src/event_types.ts";
import { eventSign } from "../../src/describe.ts";
import { usualScreen } from "../../src/screen_settings.ts";
import { noTotals } from "../../src/live.ts";
import { makeGift } from "./events.ts";

export const sampleNow = 1_763_730_000_000;

/** Names of all that breaks columns: wide, joined, turned round, piled up. */
export const hostileNames = [
  "Ana",
  "李小龙在直播",
  "👩‍👩‍👧‍👦 family",
  "🇩🇪🇪🇸 flags",
  "❤️‍🔥 heart ☀️",
  "محمد العربي ١٢٣",
  "Z̷̢̛a̶̧͝l̸̰͠g̵̱͐o",
  "กำลังใจ",
  "क्षत्रिय",
  "👋🏽 wave 1️⃣",
  "한국어 사용자",
  "ｆｕｌｌｗｉｄｔｈ",
];

export function sampleEvent(id: number, name = hostileNames[id % hostileNames.length] as string): EventLine {
  const type = mainEventTypes[(id * 5) % mainEventTypes.length] ?? "CommentEvent";
  const what: Record<string, string> = {
    GiftEvent: `${name} sent Rose ×${(id % 9) + 1}`,
    SubscribeEvent: `${name} subscribed`,
    FollowEvent: `${name} followed`,
    ShareEvent: `${name} shared the live`,
    CommentEvent: `${name}: hello from here, this is comment number ${id}`,
    LikeEvent: `${name} liked ×15`,
    JoinEvent: `${name} joined`,
  };
  const streakId = type === "GiftEvent" ? `gift ${id}` : null;
  return {
    id,
    firstId: id,
    at: sampleNow - 60_000 + id * 300,
    type,
    source: "main",
    liveId: 3,
    isTest: false,
    text: `${eventSign(type)} ${what[type]}`,
    diamonds: type === "GiftEvent" ? (id % 9) + 1 : 0,
    streakId,
  };
}

export function sampleEvents(first: number, last: number): EventLine[] {
  return Array.from({ length: last - first + 1 }, (_, index) => sampleEvent(first + index));
}

export function sampleService(given: Partial<ServiceView> & { slug: string }): ServiceView {
  return {
    name: given.slug,
    phase: "running",
    failure: null,
    inMs: null,
    runsOn: null,
    pending: 12,
    maxQueueSize: 500,
    inFlight: 1,
    completed: 1_204,
    failed: 0,
    discarded: 0,
    troubles: [],
    rate: 12.3,
    wait: { p50: 4, p95: 1_200 },
    run: { p50: 45, p95: 310 },
    depths: Array.from({ length: 60 }, (_, second) => Math.round(20 + 18 * Math.sin(second / 6))),
    restarts: 0,
    upMs: 4_000_000,
    heartbeatMs: 400,
    memoryBytes: 4_300_000,
    busy: 0.42,
    panes: [],
    page: null,
    ...given,
  };
}

/** In the midst of a live. */
export function sampleSource(given: Partial<SourceView> = {}): SourceView {
  return {
    name: "main",
    type: "tiktok",
    user: "ana",
    connection: { phase: "live", username: "ana", title: "Dino 🦖 with you", forMs: 4_323_000 },
    session: { id: 3, startedAt: sampleNow - 4_323_000 },
    liveId: 3,
    viewers: 1_204,
    totals: { ...noTotals(), likes: 123_456, diamonds: 3_204, follows: 37 },
    storedCount: 200,
    readings: null,
    playback: null,
    ...given,
  };
}

/** Two rooms, of which one has lost its connection, and a webhook that is for the first. */
export const severalSources: SourceView[] = [
  sampleSource({ storedCount: 1_310 }),
  sampleSource({
    name: "second",
    user: "ben.live",
    connection: {
      phase: "reconnecting",
      username: "ben.live",
      why: "The connection was lost.",
      attempt: 3,
      inMs: 8_000,
    },
    session: { id: 4, startedAt: sampleNow - 300_000 },
    liveId: 4,
    viewers: 87,
    totals: { ...noTotals(), likes: 4_821, diamonds: 96, follows: 2 },
    storedCount: 96,
  }),
  sampleSource({
    name: "tips",
    type: "webhook",
    user: null,
    connection: { phase: "listening", title: "http://127.0.0.1:7423: kofi, patreon" },
    session: { id: 5, startedAt: sampleNow - 4_000_000 },
    viewers: null,
    storedCount: 12,
  }),
];

export function sampleSnapshot(given: Partial<Snapshot> = {}): Snapshot {
  return {
    takenMs: 1_000_000,
    sources: [sampleSource()],
    switchable: (given.sources ?? [sampleSource()]).filter(({ type }) => type === "tiktok").map(({ name }) =>
      name
    ),
    eventCount: 200,
    rates: Array.from({ length: 120 }, (_, second) => Math.round(30 + 25 * Math.sin(second / 9))),
    events: sampleEvents(1, 200),
    services: [
      sampleService({ slug: "dino_chrome", name: "Chrome's dino" }),
      sampleService({ slug: "overlays", name: "Overlays", phase: "paused", pending: 420, discarded: 31 }),
      sampleService({
        slug: "gmod",
        name: "Garry's Mod",
        phase: "backing off",
        failure: plainFailure("The server at 127.0.0.1:27015 refused the connection."),
        inMs: 8_000,
        pending: 500,
        failed: 4,
        restarts: 3,
        upMs: null,
        heartbeatMs: null,
        memoryBytes: null,
        busy: 0,
      }),
    ],
    log: [
      { id: 1, at: sampleNow - 50_000, level: "info", from: "dino_chrome", text: "ready" },
      { id: 2, at: sampleNow - 30_000, level: "warn", from: "overlays", text: "OBS is not connected." },
      {
        id: 3,
        at: sampleNow - 9_000,
        level: "error",
        from: "gmod",
        text: "Connection refused\n  at 127.0.0.1",
      },
    ],
    newestItemId: 900,
    hasChannels: false,
    stopping: null,
    strain: null,
    settings: usualScreen,
    recentUsers: ["ana.live", "ben", "carla.gg"],
    configError: null,
    ...given,
  };
}

export const emptySnapshot: Snapshot = sampleSnapshot({
  sources: [
    sampleSource({
      user: null,
      connection: { phase: "idle" },
      session: null,
      liveId: null,
      viewers: null,
      totals: noTotals(),
      storedCount: 0,
      readings: null,
    }),
  ],
  eventCount: 0,
  rates: [],
  events: [],
  log: [],
});

function sampleItem(id: number, status: ItemLine["status"], why = ""): ItemLine {
  return {
    id,
    serviceSlug: ["dino_chrome", "overlays", "gmod"][id % 3] as string,
    status,
    priority: 8,
    attempts: 1,
    queuedAt: sampleNow - 5_000,
    startedAt: status === "pending" ? null : sampleNow - 4_800,
    finishedAt: status === "pending" ? null : sampleNow - 4_700,
    text: sampleEvent(id).text,
    why,
  };
}

const stack =
  "Error: Connection refused\n    at connect (rcon.ts:40:11)\n    at Gmod.processEvent (gmod.ts:88:5)";

export class FakeControl implements Control {
  readonly actions: Action[] = [];
  readonly queries: Query[] = [];
  result: ActionResult = { text: "Done.", isError: false };
  /** How often it was looked at. */
  looks = 0;
  readonly #listeners = new Set<() => void>();
  #shown: Snapshot;

  constructor(shown: Snapshot = sampleSnapshot()) {
    this.#shown = shown;
  }

  get shown(): Snapshot {
    return this.#shown;
  }

  /** Tells whoever listens. */
  set shown(snapshot: Snapshot) {
    this.#shown = snapshot;
    for (const listener of this.#listeners) listener();
  }

  snapshot(): Snapshot {
    this.looks++;
    return this.#shown;
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  dispatch(action: Action): Promise<ActionResult> {
    this.actions.push(action);
    return Promise.resolve(this.result);
  }

  query<Asked extends Query>(query: Asked): Promise<Answer<Asked>> {
    this.queries.push(query);
    return Promise.resolve(answerOf(query) as Answer<Asked>);
  }
}

const sampleStep = (name: string, status: StepLine["status"], given: Partial<StepLine> = {}): StepLine => ({
  name,
  status,
  attempts: 1,
  durationMs: 1_500,
  inMs: null,
  progress: null,
  why: "",
  ...given,
});

const sampleSteps: StepLine[] = [
  sampleStep("download", "completed", { attempts: 3 }),
  sampleStep("convert", "running", { progress: { fraction: 0.405, text: "to MP3" } }),
  sampleStep("analyze", "running", {
    progress: {
      fraction: 0.999,
      text: "the tempo of the sound, by its beats, and then its key and its loudness",
    },
  }),
  sampleStep("upload", "waiting", { durationMs: null, inMs: 8_000, why: stack }),
  ...hostileNames.map((name) => sampleStep(name, "failed", { why: name })),
];

/** Hundreds of channels: with wide units, huge and negative values, constants, gaps, and without a signal. */
export const sampleChannels: ChannelLine[] = Array.from({ length: 300 }, (_, index): ChannelLine => ({
  source: "iss",
  item: `NODE${index}`,
  name: `${hostileNames[index % hostileNames.length]} ${index}`,
  unit: ["%", "", "立方米每小时", "kPa"][index % 4] as string,
  newest: index % 50 === 7
    ? null
    : { at: sampleNow, value: [41.5, -1.234567e300, 0, -0.000012, 7][index % 5] as number },
  ageMs: index % 50 === 7 ? null : index * 1_000,
  signal: (["live", "quiet", "lost"] as const)[index % 3] as ChannelLine["signal"],
  hour: Array.from({ length: 60 }, (_, minute) => minute % 20 > 16 ? null : Math.sin((minute + index) / 9)),
}));

/** The values rise from 0 to 90, with a gap in the middle. */
function sampleChart({ item, points }: Query & { kind: "channel" }): ChannelDetail {
  const [from, to] = [sampleNow - 3_600_000, sampleNow];
  const all = Array.from({ length: points }, (_, index) => {
    const value = 90 * index / (points - 1);
    const at = Math.round(from + (to - from) * index / points);
    return { at, low: value, high: value, first: value, last: value };
  });
  return {
    kind: "channel",
    line: sampleChannels.find((channel) => channel.item === item) ?? null,
    from,
    to,
    points: all.filter((_, index) => index < points * 0.4 || index > points * 0.6),
    marks: [{
      at: from + (to - from) / 4,
      name: "tank filled",
      text: "The tank has 40 %.",
      confidence: 0.95,
    }],
  };
}

const sampleGift = (id: number, name: string, given: Partial<KnownGift> = {}): KnownGift => ({
  id,
  name,
  diamonds: 1,
  imageUrl: "",
  count: 0,
  firstAt: null,
  lastAt: null,
  earlier: [],
  ...given,
});

export const sampleGifts: KnownGift[] = [
  sampleGift(5655, "Rose", { count: 1_234, firstAt: 1_700_000_000_000, lastAt: 1_700_000_900_000 }),
  sampleGift(8913, "Rosa", { count: 3, diamonds: 10, firstAt: 1_700_000_000_000, lastAt: 1_700_000_000_000 }),
  sampleGift(77, "Rose", { diamonds: 5 }),
  sampleGift(6369, "Lion", { diamonds: 29_999 }),
  ...hostileNames.map((name, index) => sampleGift(0, name, { count: index + 1 })),
];

/** The latest first, as many as a streamer has in a year. */
export const sampleSessions = Array.from({ length: 300 }, (_, index): PastSession => ({
  id: 300 - index,
  username: index % 7 === 6 ? "" : "streamer",
  name: null,
  source: "main",
  startedAt: sampleNow - (index + 1) * 86_400_000,
  endedAt: sampleNow - (index + 1) * 86_400_000 + 7_803_000,
}));

/** Who has been in three lives. */
export const sampleViewer: ViewerDetail = {
  kind: "viewer",
  viewer: {
    platform: "tiktok",
    userId: "77",
    uniqueId: "leo.live",
    nickname: "Leo",
    firstSeen: sampleNow - 40 * 86_400_000,
    lastSeen: sampleNow,
    lives: 3,
    gifts: 41,
    diamonds: 12_345,
    comments: 87,
    note: null,
    isBlocked: false,
  },
  lives: [{
    liveId: 3,
    username: "ana",
    firstSeen: sampleNow - 600_000,
    lastSeen: sampleNow,
    gifts: 4,
    diamonds: 404,
    comments: 7,
  }],
  names: ["Leon @leon.old"],
  comments: [{ at: sampleNow, text: "hello from here" }],
};

function answerOf(query: Query): Answer {
  switch (query.kind) {
    case "events": {
      const last = query.after === null ? (query.before ?? 201) - 1 : query.after + 200;
      const events = sampleEvents(last - 199, last).filter((line) =>
        isChosen(query.types, line.type) &&
        (query.source === null || line.source === query.source) && line.text.includes(query.text)
      );
      return { kind: "events", events, hasMore: true };
    }
    case "event_place":
      return { kind: "event_place", first: query.firstId, last: query.id, count: 26_004 };
    case "event_search":
      return { kind: "event_search", id: query.from + 1, number: 3, count: 12 };
    case "event_time":
      return { kind: "event_time", id: 100, said: "This is 1 min after the start." };
    case "sessions": {
      const { first, limit } = query;
      return {
        kind: "sessions",
        count: sampleSessions.length,
        lines: sampleSessions.slice(first, first + limit),
      };
    }
    case "session_sums":
      return {
        kind: "session_sums",
        sums: query.ids.slice(0, 4).map((id) => ({
          id,
          events: id * 100,
          gifts: 7,
          diamonds: 1_234,
          viewers: 56,
        })),
      };
    case "session_work":
      return {
        kind: "session_work",
        services: [{ slug: "overlays", completed: 90, failed: 2, open: 0, discarded: { queue_full: 3 } }],
      };
    case "event":
      return {
        kind: "event",
        event: makeGift({ id: query.id, count: 5 }),
        items: [
          { ...sampleItem(1, "processing"), steps: sampleSteps },
          { ...sampleItem(2, "failed", stack), steps: [sampleStep("publish", "waiting")] },
          { ...sampleItem(3, "pending"), steps: [] },
        ],
        streak: null,
      };
    case "gifts": {
      const gifts = sampleGifts.filter(({ count }) => query.isAll || count > 0);
      const { text, order, first, limit } = query;
      const found = order === null ? giftMatches(gifts, text) : sortedGifts(giftsWith(gifts, text), order);
      return { kind: "gifts", count: found.length, lines: found.slice(first, first + limit) };
    }
    case "viewer":
      return sampleViewer;
    case "channels": {
      const found = sampleChannels.filter(({ name }) => name.includes(query.text));
      const lines = found.slice(query.first, query.first + query.limit);
      return { kind: "channels", count: found.length, lines };
    }
    case "channel":
      return sampleChart(query);
    case "items":
      return { kind: "items", asked: { count: 12, upToId: 31 }, room: 488 };
    case "service":
      return {
        kind: "service",
        subscriptions: mainEventTypes.map((type, index) => ({
          type,
          isEnabled: index !== 3,
          priority: 10 - index,
          isAsync: index % 2 === 0,
          isDiscardable: index > 3,
          streaks: index === 0 ? "final" : "each",
          sources: index === 1 ? ["main"] : null,
        })),
        running: [{ ...sampleItem(9, "processing"), steps: sampleSteps }],
        pending: Array.from({ length: 12 }, (_, index) => sampleItem(index + 20, "pending")),
        failures: [sampleItem(2, "failed", stack)],
        log: sampleSnapshot().log,
      };
  }
}
