/** Says that another machine has the database, and that this one stands by. */
import { t } from "../language.ts";

/** `machine`: its name; "" if it is not known. */
export function heldSentence(machine: string): string {
  return machine === ""
    ? t`Another machine has the database. This machine takes over when the other one is lost.`
    : t`The database is used by ${machine}. This machine takes over when ${machine} is lost.`;
}
