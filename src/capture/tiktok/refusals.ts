/** Frames and messages from TikTok that were skipped: counts them by method, and reports each kind once. */
import { t } from "../../language.ts";
import type { SourceItem } from "../../source.ts";

/** Bytes of one frame. Real ones have a few kilobytes. */
export const maxFrameBytes = 16 * 1024 * 1024;

type Kind = "corrupt_frame" | "long_frame" | "corrupt_message";

const frameMethod = "WebcastPushFrame";

export class Refusals {
  readonly #push: (item: SourceItem) => void;
  readonly #reported = new Set<Kind>();

  constructor(push: (item: SourceItem) => void) {
    this.#push = push;
  }

  addFrame(kind: "corrupt_frame" | "long_frame"): void {
    this.#add(kind, frameMethod);
  }

  /** `method`: already cleaned for display. */
  addMessage(method: string): void {
    this.#add("corrupt_message", method);
  }

  #add(kind: Kind, method: string): void {
    this.#push({ kind: "corrupt", method });
    if (this.#reported.has(kind)) return;
    this.#reported.add(kind);
    this.#push({
      kind: "notice",
      text: t`${sentence(kind, method)} The live continues. Further ones are only counted as unreadable.`,
    });
  }
}

function sentence(kind: Kind, method: string): string {
  switch (kind) {
    case "corrupt_frame":
      return t`A frame from TikTok is unreadable or has too much in it, and was skipped.`;
    case "long_frame":
      return t`A frame from TikTok has more than ${maxFrameBytes / 1024 / 1024} MB and was skipped.`;
    case "corrupt_message":
      return t`A message from TikTok (${method}) is unreadable or too large, and was skipped.`;
  }
}
