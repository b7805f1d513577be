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

export const runsOn = z.union([hostName, z.array(hostName)]).optional().describe(
  'The host that runs the service, by its name in hosts, or several hosts, as ["gpu-1", "gpu-2"], that share ' +
    "its events. Default: this machine.",
);

/** More would not help on one machine. */
const maxReplicas = 64;

export const replicas = z.number().int().min(1).max(maxReplicas).default(1).describe(
  "How many workers on this machine share its events. More than 1 needs is_async in each of its subscriptions.",
);

interface ReplicatedService {
  runs_on?: string | string[] | undefined;
  replicas: number;
  isolation?: string | undefined;
  subscriptions: Record<string, { is_async: boolean }>;
}

/** Several workers cannot keep the order of sync items, and a host runs one worker of a service. */
export function withReplicas(service: ReplicatedService, context: z.RefinementCtx): void {
  const { runs_on, replicas, isolation, subscriptions } = service;
  const mistake = (key: string, message: string) =>
    context.addIssue({ code: "custom", path: [key], message, input: service });
  const hosts = [runs_on ?? []].flat();
  if (runs_on !== undefined && hosts.length === 0) mistake("runs_on", t`at least one host`);
  if (new Set(hosts).size < hosts.length) mistake("runs_on", t`each host once`);
  if (replicas > 1 && runs_on !== undefined) {
    return mistake("replicas", t`nothing with "runs_on": each host that is named there runs one worker`);
  }
  const count = Math.max(replicas, hosts.length);
  const key = replicas > 1 ? "replicas" : "runs_on";
  if (count < 2) return;
  if (isolation === "shared") return mistake(key, t`one worker only, because "isolation" is "shared"`);
  const [sync] = Object.entries(subscriptions).find(([, { is_async }]) => !is_async) ?? [];
  if (sync === undefined) return;
  mistake(
    key,
    t`one worker only, because the subscription to ${sync} has no "is_async": true, and several workers cannot keep the order`,
  );
}
