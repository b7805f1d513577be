import assert from "node:assert/strict";
import { momentWanted } from "../src/time_wanted.ts";

const day = (hours: number, minutes: number, seconds = 0, days = 0) =>
  new Date(2026, 10, 27 + days, hours, minutes, seconds).getTime();

/** The moment as a local time, and what is said. */
function found(typed: string, startAt: number, endAt: number): [string, string] {
  const { at, said } = momentWanted(typed, { startAt, endAt });
  return [new Date(at).toTimeString().slice(0, 8), said];
}

Deno.test("A time is one of the day or one after the start, whichever the session has", () => {
  const session = [day(20, 0), day(20, 30)] as const;
  assert.deepEqual(found("@20:15", ...session), ["20:15:00", "20:15 is understood as the time of day."]);
  assert.deepEqual(found("20:10", day(20, 0), day(20, 15)), [
    "20:10:00",
    "20:10 is understood as the time of day.",
  ]);
  assert.deepEqual(found("21:40", ...session), ["20:21:40", "This is 21 min 40 s after the start."]);
  assert.deepEqual(found("90", ...session), ["20:01:30", "This is 1 min 30 s after the start."]);
});

Deno.test("A time that may be both is one of the day, and the other way is told", () => {
  const [at, said] = found("21:40", day(21, 0), day(23, 0));
  assert.equal(at, "21:40:00");
  assert.equal(said, "21:40 is understood as the time of day. Type +21:40 for 21 min 40 s after the start.");
  assert.equal(found("+21:40", day(21, 0), day(23, 0))[0], "21:21:40");
  assert.equal(found("@21:40", day(21, 0), day(23, 0))[0], "21:40:00");
});

Deno.test("A session that goes past midnight has times of both days", () => {
  const session = [day(23, 30), day(1, 10, 0, 1)] as const;
  assert.equal(found("@00:20", ...session)[0], "00:20:00");
  assert.equal(found("23:30:30", ...session)[0], "23:30:30");
  assert.equal(found("23:30", day(23, 30, 20), day(23, 50))[0], "23:30:20", "the minute in which it began");
});

Deno.test("What is no time, or outside of the session, is refused with what to do", () => {
  const session = { startAt: day(20, 0), endAt: day(20, 30) };
  assert.throws(() => momentWanted("soon", session), /"soon" is not a time\. Type a time of day as 21:40/);
  for (const typed of ["12:00:00", "@19:59", "+45:00", "@25:00"]) {
    assert.throws(
      () => momentWanted(typed, session),
      /outside of the session: it went from 20:00:00 to 20:30:00/,
    );
  }
});
