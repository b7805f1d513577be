/** The command `prune` of a service, which deletes what is old in the service's own data. */
import { type ServiceCommand, type ServiceCommandContext, UserError } from "./service.ts";

export interface Pruning<Options> {
  /** What is deleted, for one and for several: as ["post", "posts"]. */
  what: readonly [one: string, several: string];
  /** Deletes what is older than `before` (Unix milliseconds), or only counts it. Returns how many there are. */
  deleteBefore(
    context: ServiceCommandContext<Options>,
    before: number,
    how: { isDryRun: boolean },
  ): number | Promise<number>;
}

/** Livecue then makes the service's database smaller. */
export function pruneCommand<Options>({ what, deleteBefore }: Pruning<Options>): ServiceCommand<Options> {
  const [one, several] = what;
  return {
    description: `delete ${several} from before a time`,
    usage: "TIME [--dry-run]",
    async run(context, time, dryRun) {
      const before = Date.parse(time ?? "");
      if (Number.isNaN(before)) throw new UserError("Name a time, as 2026-11-27T12:00Z.");
      const isDryRun = dryRun === "--dry-run";
      const count = await deleteBefore(context, before, { isDryRun });
      context.print(`${count} ${count === 1 ? one : several} ${isDryRun ? "would be deleted" : "deleted"}`);
    },
  };
}
