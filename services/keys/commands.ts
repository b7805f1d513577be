/** The commands for the command line: `deno task livecue keys windows`, and others. */
import { msg, t } from "livecue/language";
import { nearestName } from "livecue/nearest_names";
import { type ServiceCommand, UserError } from "livecue/service";
import type { Target } from "./backends/backend.ts";
import { backendOfSystem } from "./backends/system.ts";
import { combinationIn } from "./combination.ts";
import { tapMs } from "./deed.ts";
import { Hands, noWindow } from "./hands.ts";
import type { Options } from "./options.ts";
import { look, quote, stateOf } from "./window.ts";

/** How long `try` waits for the window. */
const tryWaitMs = 30_000;

export const check: ServiceCommand<Options> = {
  description: msg("looks for the program that presses keys, and for the window"),
  async run({ options, signal, print, log }) {
    const target = targetOf(options);
    const seen = await look(backendOfSystem(), signal);
    print(t`The program that presses keys works.`);
    if (target.title === "") log.warn(noWindow());
    else if (stateOf(target, seen) === "not found") log.warn(notFound(target, seen.titles));
    else print(t`The window ${quote(target.title)} is open.`);
    if (options.rehearse) print(t`Rehearsal: nothing is pressed until "rehearse" is false.`);
  },
};

export const windows: ServiceCommand<Options> = {
  description: msg('lists the titles of the open windows, for "window" in the options'),
  async run({ options, signal, print }) {
    const target = targetOf(options);
    const { titles } = await look(backendOfSystem(), signal);
    if (titles.length === 0) return print(t`No window has a title.`);
    for (const title of titles) {
      const fits = stateOf(target, { front: title, titles: [] }) === "in front";
      print(`${fits ? "→" : " "} ${quote(title)}`);
    }
  },
};

export const tryKey: ServiceCommand<Options> = {
  description: msg(
    "presses a key of the list in the window, for real, as soon as you bring the window to the front",
  ),
  usage: "KEY",
  async run({ options, signal, print }, ...args) {
    const [text] = args;
    if (args.length !== 1 || text === undefined) throw new UserError(t`Write it as: try space`);
    const found = combinationIn(text);
    if (typeof found === "string") throw new UserError(`${found}.`);
    if (!options.keys.includes(found.name)) throw new UserError(notListed(found.name, options.keys));
    const target = targetOf(options);
    const hands = new Hands({
      backend: backendOfSystem(),
      target,
      waitMs: tryWaitMs,
      onWait: () => print(t`Bring ${quote(target.title)} to the front within ${tryWaitMs / 1000} seconds.`),
      stopping: signal,
    });
    await hands.perform({ kind: "press", keys: found.keys, ms: tapMs }, signal);
    print(t`Pressed ${found.name}.`);
  },
};

function targetOf({ window, window_match }: Options): Target {
  return { title: window, match: window_match };
}

function notFound({ title }: Target, titles: readonly string[]): string {
  const near = nearestName(title, titles);
  return near === null
    ? t`There is no window ${quote(title)} now: "deno task livecue keys windows" lists the titles`
    : t`There is no window ${quote(title)} now: did you mean ${quote(near)}?`;
}

function notListed(name: string, list: readonly string[]): string {
  const written = JSON.stringify(name);
  return list.length === 0
    ? t`${written} is not in the list "keys". It is empty.`
    : t`${written} is not in the list "keys". It has ${list.join(", ")}.`;
}
