/** Parsers for option values, which name the option, the value and what is allowed. */
import { InvalidArgumentError } from "commander";

/** A whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === "") {
      throw new InvalidArgumentError(`It takes a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** A number above 0, fractions allowed. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError("It takes a number above 0.");
  return value;
}

/** `--speed`: a number above 0, or "max". */
export function replaySpeed(text: string): number | "max" {
  return text === "max" ? text : positiveNumber(text);
}

/** For an option that may be given several times. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
