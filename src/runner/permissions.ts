/** What a service may do: what its config grants, and reading what it is made of. Nothing is inherited. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Grant, Permissions, ServiceConfig } from "../config/config.ts";

/** What the pages "livecue/service", "livecue/rules", "livecue/template" and "livecue/secret" are made of. */
const authorPages = ["service", "rules", "cooldowns", "words", "template", "secret", "event", "user_error"]
  .map((name) => fileURLToPath(new URL(`../${name}.ts`, import.meta.url)));

/** The config's grants, and reading of the service's own folder and of what its author imports. */
export function permissionsOf(service: Pick<ServiceConfig, "permissions" | "serviceClass">): Permissions {
  const { read, ...others } = service.permissions;
  if (read === true) return { ...others, read };
  const granted = read === false ? [] : read;
  return { ...others, read: [...granted, dirname(service.serviceClass), ...authorPages] };
}

/** For a worker. Every kind is named: an unnamed one would be "none" today, and whatever Deno decides tomorrow. */
export function workerPermissions(permissions: Permissions): Deno.PermissionOptionsObject {
  return {
    ...permissions,
    sys: permissions.sys as Deno.PermissionOptionsObject["sys"],
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
