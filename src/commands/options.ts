/** Parsers for option values. Commander adds the option and the value to their errors. */
import { InvalidArgumentError } from "commander";
import { t } from "../language.ts";

/** Parses a whole number of at least `least`. */
export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value) || value < least || text.trim() === "") {
      throw new InvalidArgumentError(t`Use a whole number of at least ${least}.`);
    }
    return value;
  };
}

/** Parses a number above 0, with or without a fraction. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(t`Use a number above 0.`);
  return value;
}

/** `--speed`: a number above 0, or "max". */
export function replaySpeed(text: string): number | "max" {
  if (text === "max") return text;
  if (!(Number(text) > 0)) throw new InvalidArgumentError(t`Use a number above 0, or max.`);
  return positiveNumber(text);
}

export interface ListenPlace {
  hostname: string;
  /** 0: any that is free. */
  port: number;
}

/** `--listen`: an address of this machine and a port, as "0.0.0.0:7350" or "[::]:7350". */
export function listenPlace(text: string): ListenPlace {
  const [, hostname = "", port = ""] = /^\[?([^\[\]]*?)\]?:(\d{1,5})$/.exec(text.trim()) ?? [];
  if (hostname === "" || port === "" || Number(port) > 65_535) {
    throw new InvalidArgumentError(t`Use HOST:PORT, as 0.0.0.0:7350.`);
  }
  return { hostname, port: Number(port) };
}

/** Collects the values of a repeatable option. */
export function collect(value: string, earlier: string[] | undefined): string[] {
  return [...(earlier ?? []), value];
}
