/** Addresses of PostgreSQL databases, as "postgres://livecue:secret@db.example.com/livecue". */
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";

/** What libpq knows and the driver can do. "prefer" and "allow" would connect without encryption unasked. */
const tlsModes = ["disable", "require", "verify-ca", "verify-full"];

/** Whether this names a PostgreSQL database rather than a file. */
export function isPostgresAddress(text: string): boolean {
  return /^postgres(ql)?:\/\//i.test(text);
}

/** The address for people: without passwords, also if it is no valid address. */
export function addressShown(address: string): string {
  const url = urlOf(address);
  // A password may have an @ that is not escaped, so everything up to the last one is left out.
  if (url === null) return address.replace(/\/\/.*@/s, "//").replace(/\?.*$/s, "");
  if (url.password !== "") url.password = "***";
  for (const name of url.searchParams.keys()) {
    if (/password/i.test(name)) url.searchParams.set(name, "***");
  }
  return url.href;
}

/**
 * The address as the driver needs it: the TLS modes mean what they mean in PostgreSQL's own programs. Throws a
 * `UserError` if it cannot be one.
 */
export function driverAddress(address: string): string {
  const url = urlOf(address);
  if (url === null) {
    throw new UserError(
      t`The address of the database, ${
        addressShown(address)
      }, cannot be read. It looks like postgres://USER:PASSWORD@HOST/DATABASE. In the password, write the characters @ : / ? # % as %40 %3A %2F %3F %23 %25.`,
    );
  }
  const mode = url.searchParams.get("sslmode");
  if (mode === null) return url.href;
  if (!tlsModes.includes(mode)) {
    throw new UserError(
      t`sslmode=${mode} in the address of the database is not supported. Use one of ${tlsModes.join(", ")}.`,
    );
  }
  if (mode === "verify-ca" && !url.searchParams.has("sslrootcert")) {
    throw new UserError(t`sslmode=verify-ca in the address of the database needs sslrootcert=FILE as well.`);
  }
  url.searchParams.set("uselibpqcompat", "true");
  return url.href;
}

function urlOf(address: string): URL | null {
  const url = URL.parse(address);
  return url !== null && isPostgresAddress(address) ? url : null;
}
