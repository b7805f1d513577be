/** The block of a source of type "tikfinity". */
import { z } from "zod";
import { t } from "../language.ts";
import { isAddress } from "./addresses.ts";

const address = z.string().refine((text) => isAddress(text, ["ws", "wss"]), {
  error: () => t`an address that starts with ws:// or wss://, as "ws://127.0.0.1:21213/"`,
});

export const tikfinitySource = z.strictObject({
  type: z.literal("tikfinity").describe("TikFinity, or another program with the same WebSocket."),
  url: address.default("ws://127.0.0.1:21213/")
    .describe("The address of its WebSocket. Default: TikFinity's own port on this computer."),
});
