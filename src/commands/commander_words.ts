/** Commander's own words, in the spoken language. */
import type { Argument, HelpConfiguration } from "commander";
import { counted, msg, noun, t, translated } from "../language.ts";
import { nearestName } from "../nearest_names.ts";

const titles = [
  msg("Usage:"),
  msg("Arguments:"),
  msg("Options:"),
  msg("Global Options:"),
  msg("Commands:"),
];

/** The help of all commands. */
export const helpInWords: HelpConfiguration = {
  showGlobalOptions: true,
  styleTitle: (title) => titles.includes(title) ? translated(title) : title,
  styleUsage: withPlaces,
  styleSubcommandTerm: withPlaces,
  optionDescription: (option) => described(option, option.required || option.optional),
  argumentDescription: (argument) => described(argument, true),
};

function withPlaces(text: string): string {
  return text.replace("[options]", t`[options]`).replace("[command]", t`[command]`);
}

function described(
  { description, argChoices, defaultValue }: Pick<Argument, "description" | "argChoices" | "defaultValue">,
  hasValue: boolean,
): string {
  const notes = [
    ...argChoices === undefined ? [] : [t`choices: ${argChoices.map(quoted).join(", ")}`],
    ...defaultValue === undefined || !hasValue ? [] : [t`default: ${quoted(defaultValue)}`],
  ];
  return notes.length === 0 ? description : `${description} (${notes.join(", ")})`;
}

function quoted(value: unknown): string {
  return JSON.stringify(value);
}

/** By the form of Commander's sentence. */
const mistakes: readonly [form: RegExp, say: (...parts: string[]) => string][] = [
  [/^error: unknown command '(.*)'$/, (name) => t`error: unknown command '${name}'`],
  [/^error: unknown option '(.*)'$/, (flag) => t`error: unknown option '${flag}'`],
  [/^error: missing required argument '(.*)'$/, (name) => t`error: missing required argument '${name}'`],
  [/^error: option '(.*)' argument missing$/, (flags) => t`error: option '${flags}' argument missing`],
  [
    /^error: option '(.*)' cannot be used with option '(.*)'$/,
    (one, other) => t`error: option '${one}' cannot be used with option '${other}'`,
  ],
  [
    /^error: option '(.*)' argument '(.*)' is invalid\. (.*)$/,
    (flags, value, advice) =>
      `${t`error: option '${flags}' argument '${value}' is invalid.`} ${adviceOf(advice)}`,
  ],
  [
    /^error: command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/,
    (value, name, advice) =>
      `${t`error: command-argument value '${value}' is invalid for argument '${name}'.`} ${adviceOf(advice)}`,
  ],
  [
    /^error: too many arguments\. Expected (\d+) arguments? but got (\d+): (.*)\.$/,
    (most, given, what) =>
      t`error: too many arguments. Expected ${
        counted(Number(most), noun("argument"))
      } but got ${given}: ${what}.`,
  ],
  [
    /^error: too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+): (.*)\.$/,
    (name, most, given, what) =>
      t`error: too many arguments for '${name}'. Expected ${
        counted(Number(most), noun("argument"))
      } but got ${given}: ${what}.`,
  ],
];

function adviceOf(text = ""): string {
  const [, choices] = /^Allowed choices are (.*)\.$/.exec(text) ?? [];
  return choices === undefined ? text : t`Allowed choices are ${choices}.`;
}

/**
 * Commander's message of a mistake on one line. Commander suggests names that differ in half of their letters, so a
 * suggestion that nobody meant is left out.
 */
export function mistakeLine(text: string): string {
  const line = text.trimEnd().replaceAll("\n", " ");
  const [, message = line, wanted = "", suggested = ""] =
    /^(.*unknown \w+ '([^']*)'.*?) \(Did you mean (?:one of )?(.*)\?\)$/.exec(line) ?? [];
  const meant = nearestName(wanted, ["--version", ...suggested.split(", ")]);
  return meant === null ? sentenceFor(message) : `${sentenceFor(message)} (${t`Did you mean ${meant}?`})`;
}

function sentenceFor(message: string): string {
  for (const [form, say] of mistakes) {
    const [match, ...parts] = form.exec(message) ?? [];
    if (match !== undefined) return say(...parts);
  }
  return message;
}
