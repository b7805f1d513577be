/** Binds changes of viewers. Sums stop at the highest exact number. */
import type { Operation } from "../operation.ts";
import type { SqlValue } from "./query.ts";

type ViewerOperation = Extract<Operation, { kind: `add_viewer${string}` | "mark_viewer" }>;

const most = Number.MAX_SAFE_INTEGER;

export function boundViewer(
  operation: ViewerOperation,
): ["addViewer" | "addViewerLive" | "markViewer", SqlValue[]] {
  if (operation.kind === "mark_viewer") {
    const { platform, userId, note, isBlocked } = operation.mark;
    const blocked = isBlocked === undefined ? null : Number(isBlocked);
    return ["markViewer", [platform, userId, note ?? null, blocked, note === undefined ? 0 : 1]];
  }
  const { platform, userId, liveId, firstSeen, lastSeen, uniqueId, nickname } = operation.change;
  const { gifts, diamonds, comments } = operation.change;
  const sums = [gifts, diamonds, comments].map(sumFor);
  switch (operation.kind) {
    case "add_viewer":
      return ["addViewer", [platform, userId, firstSeen, lastSeen, ...sums, uniqueId, nickname, liveId]];
    case "add_viewer_live":
      return ["addViewerLive", [liveId, firstSeen, lastSeen, ...sums, platform, userId]];
  }
}

/** A row that a person or a failing disk changed may have any price. */
function sumFor(amount: number): number {
  return amount > 0 ? Math.min(Math.trunc(amount), most) : 0;
}
