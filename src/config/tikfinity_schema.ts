/** The block of a source of the type "tikfinity". */
import { z } from "zod";

const address = z.string().refine(isSocketAddress, {
  error: 'an address that begins with ws:// or wss://, as "ws://127.0.0.1:21213/"',
});

export const tikfinitySource = z.strictObject({
  type: z.literal("tikfinity").describe("TikFinity, or another program that speaks as it does."),
  url: address.default("ws://127.0.0.1:21213/")
    .describe("Where its WebSocket is: on this computer and TikFinity's own port, where left out."),
});

function isSocketAddress(text: string): boolean {
  return /^wss?:\/\//i.test(text) && URL.canParse(text) && !text.includes("#");
}
