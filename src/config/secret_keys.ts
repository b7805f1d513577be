/**
 * The keys of a secret in the block of a source. A mistake in a secret is reported for its block, because an error shows
 * the found value, which must not be a secret.
 */
import { z } from "zod";
import { secretGivenTwice } from "../kit/secret.ts";
import { t } from "../language.ts";

const secretText = (description: string) => z.unknown().optional().meta({ type: "string", description });

/** The three keys for a secret. */
export function secretKeys<Name extends string>(name: Name, what: string) {
  return {
    [name]: secretText(`${what}. Better: ${name}_env or ${name}_file.`),
    [`${name}_env`]: secretText("The environment variable that contains it."),
    [`${name}_file`]: secretText("The file that contains it, relative to this file."),
  } as { [Key in Name | `${Name}_env` | `${Name}_file`]: ReturnType<typeof secretText> };
}

/** The mistake in a block's secret; null if there is none. */
function secretMistake(name: string, block: Record<string, unknown>, isOptional: boolean): string | null {
  const keys = [name, `${name}_env`, `${name}_file`];
  const given = keys.filter((key) => block[key] !== undefined);
  const wrong = given.find((key) => typeof block[key] !== "string" || block[key].trim() === "");
  if (wrong !== undefined) return t`a block whose "${wrong}" is a text in double quotes (not empty)`;
  if (given.length === 0 && !isOptional) return t`a block with "${name}", "${name}_env" or "${name}_file"`;
  return secretGivenTwice(name, block) === null ? null : t`a block with only one of ${keys.join(", ")}`;
}

/** A refinement that adds the mistake in a block's secret. */
export function withSecret(name: string, { isOptional = false } = {}) {
  return (block: Record<string, unknown>, context: z.core.$RefinementCtx) => {
    const message = secretMistake(name, block, isOptional);
    if (message !== null) context.addIssue({ code: "custom", message });
  };
}
