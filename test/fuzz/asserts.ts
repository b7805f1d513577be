/** Assertions that more than one target uses. */
import assert from "node:assert/strict";
import { cleanText } from "../../src/clean_text.ts";
import { ExportedEvents, recordedLine } from "../../src/capture/replay/exported.ts";
import type { CapturedEvent, SentReading } from "../../src/source.ts";
import { UserError } from "../../src/user_error.ts";

/** Characters that steer a terminal or turn the writing round, and halves of characters. */
export const hostileCharacters = /[\p{Cc}\p{Cs}\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** Asserts that the text is fit for a person: printable lines without the program's internals. */
export function assertSentence(text: string): void {
  assert.notEqual(text.trim(), "", "an empty message");
  for (const line of text.split("\n")) assert.doesNotMatch(line, hostileCharacters, "steers a terminal");
  assert.doesNotMatch(text, /\[object \w+\]|\n\s+at .*:\d+:\d+/, "shows the program's inside");
  assert.ok(text.length < 1_000_000, `a message of ${text.length} letters`);
}

/** Runs it, and returns what it made, or null where it told a mistake in a sentence. */
export function unlessRefused<Value>(run: () => Value): Value | null {
  try {
    return run();
  } catch (error) {
    assertRefusal(error);
    return null;
  }
}

export function assertRefusal(error: unknown): void {
  if (!(error instanceof UserError)) throw error;
  assertSentence(error.message);
}

/** It is as the types say, cleaned and bounded: written into a recording and read back it is the same. */
export function assertCaptured(event: CapturedEvent): void {
  const { isTest = false, isForeign: _, ...rest } = event;
  const read = new ExportedEvents().parse(JSON.parse(recordedLine(event)));
  if ("problem" in read) assert.fail(`not as an event is: ${read.problem}`);
  const { isTest: isTestRead = false, ...readRest } = read.value;
  assert.deepEqual({ isTest: isTestRead, ...readRest }, { isTest, ...rest });
  assertCleaned(event.user.nickname);
  assertCleaned(event.user.uniqueId);
}

/** It can be shown, and cleaning it again changes nothing. */
export function assertCleaned(text: string): void {
  assert.doesNotMatch(text, hostileCharacters);
  assert.equal(cleanText(text, text.length + 1), text, "cleaning it twice is not as cleaning it once");
}

/** Asserts that a reading is as a source passes it on, before it is checked. */
export function assertReading({ channel, at, value }: SentReading): void {
  assert.equal(typeof channel, "string");
  assert.ok(at === null || Number.isSafeInteger(at), `the time ${at}`);
  if (typeof value === "string") assert.ok(value.length <= 60, `a value of ${value.length} letters`);
  else assert.ok(Number.isFinite(value), `the value ${value}`);
}
