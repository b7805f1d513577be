/** The header Range of a request (RFC 9110), for one range of bytes. */

export interface AskedRange {
  start: number;
  /** Belongs to the range. */
  end: number;
}

/** null: the whole file, as for several ranges, which a server may ignore. "unsatisfiable": none of its bytes. */
export function rangeOf(
  request: Request,
  { bytes, etag }: { bytes: number; etag: string },
): AskedRange | "unsatisfiable" | null {
  const header = request.headers.get("range");
  const [, from, to] = header?.trim().match(/^bytes\s*=\s*(\d*)\s*-\s*(\d*)$/i) ?? [];
  if (from === undefined || to === undefined || (from === "" && to === "")) return null;
  const condition = request.headers.get("if-range");
  if (condition !== null && condition !== etag) return null;
  const start = from === "" ? Math.max(0, bytes - Number(to)) : Number(from);
  const end = from === "" || to === "" ? bytes - 1 : Math.min(Number(to), bytes - 1);
  if (from !== "" && to !== "" && Number(to) < start) return null;
  return start >= bytes || (from === "" && Number(to) === 0) ? "unsatisfiable" : { start, end };
}
