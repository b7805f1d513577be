/** The block of a source of type "tikfinity". */
import { z } from "zod";

const address = z.string().refine(isSocketAddress, {
  error: 'an address that starts with ws:// or wss://, as "ws://127.0.0.1:21213/"',
});

export const tikfinitySource = z.strictObject({
  type: z.literal("tikfinity").describe("TikFinity, or another program with the same WebSocket."),
  url: address.default("ws://127.0.0.1:21213/")
    .describe("The address of its WebSocket. Default: TikFinity's own port on this computer."),
});

function isSocketAddress(text: string): boolean {
  return /^wss?:\/\//i.test(text) && URL.canParse(text) && !text.includes("#");
}
