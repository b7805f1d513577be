/** Decodes the list of values in an update: fields that did not change are left out. */

/** null: the field has no value. undefined: its value is unknown, because no update named it yet. */
export type FieldValue = string | null | undefined;

/** One entry per field; undefined for an unchanged field. */
export type Changes = FieldValue[];

/**
 * The values that an update of `count` fields names; null if the list is not what the protocol allows. Differences
 * ("^P", "^T") are not allowed either, because the session asks for none.
 */
export function decodeUpdate(list: string, count: number): Changes | null {
  const changes: Changes = new Array(count).fill(undefined);
  let field = 0;
  for (const token of list.split("|", count + 1)) {
    if (field >= count) return null;
    if (token.startsWith("^")) {
      const run = /^\^([1-9]\d{0,5})$/.exec(token);
      if (run === null) return null;
      field += Number(run[1]);
    } else {
      const value = decodeValue(token);
      if (value === "undecodable") return null;
      changes[field++] = value.given;
    }
  }
  return field === count ? changes : null;
}

function decodeValue(token: string): { given: FieldValue } | "undecodable" {
  switch (token) {
    case "":
      return { given: undefined };
    case "#":
      return { given: null };
    case "$":
      return { given: "" };
  }
  const text = percentDecoded(token);
  return text === null ? "undecodable" : { given: text };
}

/** null if a percent sign does not begin an encoded character. */
export function percentDecoded(text: string): string | null {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
