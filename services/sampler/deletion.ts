/** Deletes samples with their stored files. */
import { UserError } from "livecue/service";
import type { Sample } from "./sample.ts";
import type { Samples } from "./samples.ts";
import type { Storage } from "./storage/storage.ts";

/** Throws a `UserError` if there is no such sample, if it is being made, or if a file cannot be deleted. */
export async function deleteSample(samples: Samples, storage: Storage, id: number): Promise<void> {
  const sample = samples.find(id);
  if (sample === null) throw new UserError(`There is no sample ${id}.`);
  if (sample.status === "running") {
    throw new UserError(
      `Sample ${id} is being made. Delete it when it is done. If nothing happens, try it again first.`,
    );
  }
  samples.hide(sample.id);
  await removeHidden(samples, storage, sample);
}

/** Ends a deletion, also one that was cut off. */
export async function removeHidden(samples: Samples, storage: Storage, { id, files }: Sample): Promise<void> {
  for (const file of Object.values(files)) if (file !== undefined) await storage.delete(file.name);
  samples.remove(id);
}
