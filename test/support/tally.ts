/** Sums over a source as the pipeline makes them: duplicates dropped, then streaks counted. */
import type { SourceItem } from "../../src/source.ts";
import { SeenMessages } from "../../src/lives/seen_messages.ts";
import { Streaks } from "../../src/lives/streaks.ts";
import type { EventType, Streak } from "../../src/event.ts";

export interface Tally {
  unique: number;
  repeated: number;
  corrupt: number;
  gifts: number;
  diamonds: number;
  likes: number;
  byType: Partial<Record<EventType, number>>;
  /** Count, sum of deltas and whether it ended, by streak. */
  streaks: Map<string, { count: number; sum: number; hasEnded: boolean }>;
}

export function tally(items: Iterable<SourceItem>): Tally {
  const sums: Tally = {
    unique: 0,
    repeated: 0,
    corrupt: 0,
    gifts: 0,
    diamonds: 0,
    likes: 0,
    byType: {},
    streaks: new Map(),
  };
  const seen = new SeenMessages();
  const streaks = new Streaks();
  let at = 0;
  for (const item of items) {
    if (item.kind === "corrupt") sums.corrupt++;
    if (item.kind !== "event") continue;
    const { event } = item;
    if (!seen.isNew(event.roomId, event.messageId)) {
      sums.repeated++;
      continue;
    }
    at = Math.max(at, event.createdAt ?? 0);
    streaks.advance(at);
    sums.unique++;
    sums.byType[event.type] = (sums.byType[event.type] ?? 0) + 1;
    const { streak } = streaks.count(event, at, sums.unique);
    if (streak) note(sums, streak);
    if (event.type === "GiftEvent") {
      sums.gifts += streak?.delta ?? 0;
      sums.diamonds += (streak?.delta ?? 0) * event.data.gift.diamondCount;
    }
    if (event.type === "LikeEvent") sums.likes += streak?.delta ?? 0;
  }
  return sums;
}

function note(sums: Tally, { id, count, delta, hasEnded }: Streak): void {
  sums.streaks.set(id, { count, sum: (sums.streaks.get(id)?.sum ?? 0) + delta, hasEnded });
}
