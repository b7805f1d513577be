/** Names of channels in options: "livecue/channel_pattern". */
import type { Channel } from "../reading.ts";

/** A channel's name, or several names by a `*`, of one source or of any. */
export interface ChannelPattern {
  text: string;
  hasStar: boolean;
  matches(channel: Pick<Channel, "source" | "item">): boolean;
}

/** Of a text such as "tank", "iss:tank" (of the source iss) or "tank/*". Without a colon it says nothing of the source. */
export function channelPattern(text: string): ChannelPattern {
  const parts = text.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const regExp = new RegExp(`^${parts.join(".*")}$`, "su");
  const namesSource = text.includes(":");
  return {
    text,
    hasStar: parts.length > 1,
    matches: ({ source, item }) => regExp.test(item) || (namesSource && regExp.test(`${source}:${item}`)),
  };
}
