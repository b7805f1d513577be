/** What a service may do: what its config grants, and reading what it is made of. Nothing is inherited. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Grant, Permissions, ServiceConfig } from "../service.ts";

/** The pages that authors import, as "livecue/service". What these import has been loaded by `worker_entry.ts`. */
const kitFolder = fileURLToPath(new URL("../kit", import.meta.url));

/** The config's grants, reading of the service's own code and of the kit, and its own folder for its data. */
export function permissionsOf(
  { permissions, serviceClass, dataFolder }: Pick<
    ServiceConfig,
    "permissions" | "serviceClass" | "dataFolder"
  >,
): Permissions {
  return {
    ...permissions,
    read: withPaths(permissions.read, [dirname(serviceClass), kitFolder, dataFolder]),
    write: withPaths(permissions.write, [dataFolder]),
  };
}

/** The grant, and these paths. */
export function withPaths(grant: Grant, paths: string[]): Grant {
  return grant === true ? true : [...(grant || []), ...paths];
}

/** For a worker. Every kind is named: an unnamed one would be "none" today, and whatever Deno decides tomorrow. */
export function workerPermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  return {
    ...permissions,
    sys: permissions.sys as NonNullable<Deno.PermissionOptionsObject["sys"]>,
    ffi: false,
    import: false,
  };
}

/** For a process: Deno's flags. */
export function permissionFlags(permissions: Permissions): string[] {
  const flags: string[] = [];
  for (const [name, grant] of Object.entries(permissions) as [keyof Permissions, Grant][]) {
    if (grant === true) flags.push(`--allow-${name}`);
    // Deno reads a doubled comma as one that belongs to the name.
    else if (grant !== false && grant.length > 0) {
      flags.push(`--allow-${name}=${grant.map((value) => value.replaceAll(",", ",,")).join(",")}`);
    }
  }
  return flags;
}
