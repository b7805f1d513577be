/** The part of the config that names machines which run services for this one. */
import { z } from "zod";
import { t } from "../language.ts";
import { secretKeys, withSecret } from "./secret_keys.ts";

export const hostName = z.string().regex(/^[a-z0-9][a-z0-9_-]*$/, {
  error: () => t`lower-case letters, digits, "_" and "-", starting with a letter or a digit`,
});

function isSocketAddress(text: string): boolean {
  return /^wss?:\/\//i.test(text) && URL.canParse(text);
}

const host = z.strictObject({
  address: z.string().trim().refine(isSocketAddress, {
    error: () => t`an address that starts with ws:// or wss://, as "ws://10.0.0.5:7350"`,
  }).describe("Where the host listens. It says so when it starts."),
  ...secretKeys("token", "The secret that the host and this machine share"),
}).superRefine(withSecret("token"));

export const hosts = z.record(hostName, host).default({}).describe(
  "Machines that run services for this one, each under its name.",
);

export const runsOn = hostName.optional().describe(
  "The host that runs the service, by its name in hosts. Default: this machine.",
);
