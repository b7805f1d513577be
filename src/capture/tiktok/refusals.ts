/** What came from TikTok and was left out: counted by its method, and told once a kind. */
import type { SourceItem } from "../../source.ts";

/** Of one frame. Real ones have some kilobytes. */
export const maxFrameBytes = 16 * 1024 * 1024;

type Kind = "corrupt_frame" | "long_frame" | "corrupt_message";

const frameMethod = "WebcastPushFrame";

export class Refusals {
  readonly #push: (item: SourceItem) => void;
  readonly #told = new Set<Kind>();

  constructor(push: (item: SourceItem) => void) {
    this.#push = push;
  }

  addFrame(kind: "corrupt_frame" | "long_frame"): void {
    this.#add(kind, frameMethod);
  }

  /** `method`: fit to be shown. */
  addMessage(method: string): void {
    this.#add("corrupt_message", method);
  }

  #add(kind: Kind, method: string): void {
    this.#push({ kind: "corrupt", method });
    if (this.#told.has(kind)) return;
    this.#told.add(kind);
    this.#push({
      kind: "notice",
      text: `${sentence(kind, method)} The live goes on; more of this is counted as unreadable.`,
    });
  }
}

function sentence(kind: Kind, method: string): string {
  switch (kind) {
    case "corrupt_frame":
      return "A frame from TikTok cannot be read, or holds more than a frame may: it was left out.";
    case "long_frame":
      return `A frame from TikTok has more than ${maxFrameBytes / 1024 / 1024} MB: it was left out.`;
    case "corrupt_message":
      return `A message from TikTok (${method}) cannot be read, or is too large: it was left out.`;
  }
}
