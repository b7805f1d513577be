import assert from "node:assert/strict";
import { readNumber, readTime, type TimeForm } from "../../src/capture/reading_values.ts";

const noon = Date.UTC(2026, 10, 27, 12);

/** As "2026-11-27T12:00:00.000Z"; null if the time could not be read. */
function read(value: unknown, form: TimeForm, now: string | number = noon): string | null {
  const at = readTime(value, form, typeof now === "string" ? Date.parse(now) : now);
  return at === null ? null : new Date(at).toISOString();
}

Deno.test("Hours of the year start at 24 on the first of January, because that is day 1", () => {
  assert.equal(read("24", "hours_of_year"), "2026-01-01T00:00:00.000Z");
  assert.equal(read("7956.5", "hours_of_year"), "2026-11-27T12:30:00.000Z");
  assert.equal(read(7955.999861111, "hours_of_year"), "2026-11-27T11:59:59.500Z");
});

for (
  const [name, now, hours, expected] of [
    ["goes on after the turn of the year", "2027-01-01T00:00:05Z", "24.001", "2027-01-01T00:00:03.600Z"],
    ["belongs to last year if it comes late", "2027-01-01T00:10:00Z", "8783.999", "2026-12-31T23:59:56.400Z"],
    [
      "is of next year already while this computer's clock is behind",
      "2026-12-31T23:59:50Z",
      "24.002",
      "2027-01-01T00:00:07.200Z",
    ],
    [
      "is of last year still while this computer's clock is ahead",
      "2027-01-01T03:00:00Z",
      "8783.5",
      "2026-12-31T23:30:00.000Z",
    ],
    [
      "has a day more at the end of a leap year",
      "2028-12-31T23:59:59Z",
      "8807.999",
      "2028-12-31T23:59:56.400Z",
    ],
    ["of a leap year comes late", "2029-01-01T00:00:59Z", "8807.999", "2028-12-31T23:59:56.400Z"],
    [
      "counts on past the end of the year for a moment",
      "2027-01-01T00:00:01Z",
      "8784.0005",
      "2027-01-01T00:00:01.800Z",
    ],
    ["is months old if nothing changed since", "2026-11-27T12:00:00Z", "8000", "2025-11-29T08:00:00.000Z"],
    [
      "after the last of February counts a leap year's day",
      "2028-03-01T00:00:01Z",
      "1464",
      "2028-03-01T00:00:00.000Z",
    ],
  ] as const
) {
  Deno.test(`A time in hours of the year ${name}`, () => {
    assert.equal(read(hours, "hours_of_year", now), expected);
  });
}

Deno.test("Times are read as seconds, milliseconds and ISO 8601 with a time zone", () => {
  assert.equal(read("1790000000.25", "unix_seconds"), "2026-09-21T14:13:20.250Z");
  assert.equal(read(1790000000250, "unix_ms"), "2026-09-21T14:13:20.250Z");
  assert.equal(read("2026-11-27T13:00:00.5+01:00", "iso8601"), "2026-11-27T12:00:00.500Z");
  assert.equal(read("2026-11-27 12:00Z", "iso8601"), "2026-11-27T12:00:00.000Z");
  assert.equal(read("whatever", "arrival"), "2026-11-27T12:00:00.000Z");
});

Deno.test("What is no time is not read as one", () => {
  for (const form of ["unix_seconds", "unix_ms", "iso8601", "hours_of_year"] as const) {
    for (
      const value of ["", " ", "soon", null, undefined, true, {}, [], [24], NaN, Infinity, "1e999", "0x10"]
    ) {
      assert.equal(read(value, form), null, `${form} ${String(value)}`);
    }
  }
  for (const hours of ["-1", "8833", 1e12]) assert.equal(read(hours, "hours_of_year"), null);
  for (const text of ["2026-11-27", "2026-11-27T12:00:00", "2026-13-40T12:00:00Z", "27.11.2026 12:00"]) {
    assert.equal(read(text, "iso8601"), null);
  }
  assert.equal(read(1e300, "unix_seconds"), null);
});

Deno.test("Only a decimal number is a number", () => {
  for (const [value, number] of [["12", 12], [" -1.5e3 ", -1500], [".5", 0.5], [7, 7], ["007", 7]] as const) {
    assert.equal(readNumber(value), number);
  }
  for (const value of ["", "1,5", "12 %", "0x1f", "Infinity", "NaN", null, false, [], {}, "9".repeat(65)]) {
    assert.equal(readNumber(value), null, String(value));
  }
});
