import { FinalError } from "livecue/service";
import { join, resolve } from "node:path";
import { readSecret } from "livecue/secret";
import { FolderStorage } from "./folder.ts";
import type { StorageOptions } from "./options.ts";
import { S3Storage } from "./s3.ts";
import type { Storage } from "./storage.ts";

/**
 * Opens the storage of the options. `dataFolder` is the service's own folder, `configFolder` the one to which paths in
 * the config are relative; both are absolute. Throws a `UserError` if a key cannot be read.
 */
export async function openStorage(
  options: StorageOptions,
  { dataFolder, configFolder }: { dataFolder: string; configFolder: string },
): Promise<Storage> {
  if (options.kind === "folder") {
    return new FolderStorage(
      options.folder === undefined ? join(dataFolder, "samples") : resolve(configFolder, options.folder),
    );
  }
  const accessKeyId = await readSecret("access_key_id", options, configFolder);
  const secretAccessKey = await readSecret("secret_access_key", options, configFolder);
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    throw new FinalError('The storage has no key: set "access_key_id_env" and "secret_access_key_env"');
  }
  return new S3Storage(options, { accessKeyId, secretAccessKey });
}
