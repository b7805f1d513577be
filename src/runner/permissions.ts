/** A service's permissions: those that its config grants, and reading its own code. It inherits no others. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Grant, Permissions, ServiceConfig } from "../service.ts";

/**
 * The modules that authors import, such as "livecue/service". `worker_entry.ts` has loaded everything that these
 * import.
 */
const kitFolder = fileURLToPath(new URL("../kit", import.meta.url));

/** The config's grants, plus reading the service's own code and the kit, plus its own data folder. */
export function permissionsOf(
  { permissions, serviceClass, dataFolder, roomsFolder = dataFolder }: Pick<
    ServiceConfig,
    "permissions" | "serviceClass" | "dataFolder" | "roomsFolder"
  >,
): Permissions {
  return {
    ...permissions,
    read: withPaths(permissions.read, [dirname(serviceClass), kitFolder, roomsFolder]),
    write: withPaths(permissions.write, [roomsFolder]),
  };
}

/** Adds these paths to the grant. */
export function withPaths(grant: Grant, paths: string[]): Grant {
  return grant === true ? true : [...(grant || []), ...paths];
}

/**
 * Permissions for a worker. It names every kind, because the default for an unnamed kind ("none") might change in Deno.
 */
export function workerPermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  return {
    ...permissions,
    sys: permissions.sys as NonNullable<Deno.PermissionOptionsObject["sys"]>,
    ffi: false,
    import: false,
  };
}

/** Deno's flags for a process. */
export function permissionFlags(permissions: Permissions): string[] {
  const flags: string[] = [];
  for (const [name, grant] of Object.entries(permissions) as [keyof Permissions, Grant][]) {
    if (grant === true) flags.push(`--allow-${name}`);
    // Deno reads a doubled comma as a comma in the name.
    else if (grant !== false && grant.length > 0) {
      flags.push(`--allow-${name}=${grant.map((value) => value.replaceAll(",", ",,")).join(",")}`);
    }
  }
  return flags;
}
