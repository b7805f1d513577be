/** How the connection that writes is opened, and which settings it needs. */
import type { Clock } from "../../clock.ts";
import { databaseShown } from "../../database_address.ts";
import { abandon, openConnection } from "./connection.ts";
import { type LossReason, Pipeline } from "./pipeline.ts";
import { migrate } from "./schema.ts";
import { checkServer } from "./server_checks.ts";

export interface WritingOptions {
  address: string;
  /** The name of this machine, for people. */
  machine: string;
  /** full: a committed batch survives a loss of power of the server. normal: as the server is set. */
  durability: "normal" | "full";
  clock: Clock;
  silenceMs: number;
  onLost(pipeline: Pipeline, reason: LossReason, error: Error): void;
}

/** With the probes, the server notices within 5 s that a machine is gone, and frees the locks of its rooms. */
const alwaysSet = {
  tcp_keepalives_idle: "2",
  tcp_keepalives_interval: "1",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "5000",
  default_transaction_isolation: "read committed",
  lock_timeout: "3000",
  // All statements find their rows by a key, and are planned once, often while the tables are still empty.
  enable_seqscan: "off",
  plan_cache_mode: "force_generic_plan",
};
const sessionSettings = { normal: alwaysSet, full: { ...alwaysSet, synchronous_commit: "on" } };

/**
 * Creates the tables, or brings them up to date. Throws a `UserError` if the server is none that Livecue can write to, and errors of the
 * driver and the server.
 */
export async function openPipeline(options: WritingOptions): Promise<Pipeline> {
  const { address, machine, durability, clock, silenceMs, onLost } = options;
  const client = await openConnection({
    address,
    clock,
    applicationName: `livecue ${machine}`,
    isPipelined: true,
    settings: sessionSettings[durability],
  });
  try {
    await checkServer(client, address);
    await migrate(client, { name: databaseShown(address) });
  } catch (error) {
    abandon(client);
    throw error;
  }
  const pipeline: Pipeline = new Pipeline(client, {
    clock,
    silenceMs,
    onLost: (reason, error) => onLost(pipeline, reason, error),
  });
  return pipeline;
}
