/** JSON pointers (RFC 6901), as "/data/amount". */

/** The value at a valid `pointer`; undefined if there is none. */
export function valueAt(document: unknown, pointer: string): unknown {
  const keys = pointer.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce((value: unknown, key) => {
    if (Array.isArray(value)) return /^(0|[1-9]\d*)$/.test(key) ? value[Number(key)] : undefined;
    if (!isPlainObject(value)) return undefined;
    return Object.hasOwn(value, key) ? value[key] : undefined;
  }, document);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
