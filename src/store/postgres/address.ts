/** Addresses of PostgreSQL databases, as "postgres://livecue:secret@db.example.com/livecue". */
import { databaseShown } from "../../database_address.ts";
import { t } from "../../language.ts";
import { UserError } from "../../user_error.ts";

/** What libpq knows and the driver can do. "prefer" and "allow" would connect without encryption unasked. */
const tlsModes = ["disable", "require", "verify-ca", "verify-full"];

/**
 * The address as the driver needs it: the TLS modes mean what they mean in PostgreSQL's own programs. Throws a
 * `UserError` if it cannot be one.
 */
export function driverAddress(address: string): string {
  const url = URL.parse(address);
  if (url === null) {
    throw new UserError(
      t`The address of the database, ${
        databaseShown(address)
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
