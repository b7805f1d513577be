/** Kinds of bad services, and what is said of each, under its name; null where nothing that it does is an error. */
import type { BadService } from "./bad_run.ts";

type Told = RegExp | null;

const failed = (why: string) => new RegExp(`item \\d+ .* failed: ${why}`);
const tooMany = failed("Error: too many calls to state, live and emit are waiting");
const more = /… and [\d,]+ more lines/;
const noMessage = /the service sent something that is not a message: Livecue ignores it/;
const replaced = /the service (did not end item|has not answered)/;

export const throwing: Record<string, Told> = {
  "throw an error": failed("Error: it broke"),
  "throw a text": failed('threw "just words"'),
  "throw a symbol": failed("threw Symbol"),
  "throw nothing": failed("threw undefined"),
  "throw a proxy": failed("threw a value that cannot be described"),
  "throw an error with getters that throw": failed("threw a value that cannot be described"),
  "throw an error whose message is no text": failed("threw a value that cannot be described"),
  "throw a huge error": /failed|lost its worker/,
  "throw an error that causes itself": failed("Error: in a circle"),
  "throw half a letter": failed("Error:"),
  "recurse": failed("RangeError: Maximum call stack"),
  "answer nothing": failed("processEvent returned undefined"),
  "answer a number": failed("processEvent returned 1"),
  "answer an object that cannot be shown": failed("processEvent returned"),
  "answer a promise that throws": failed("Error: not then"),
  "reject, unheard": more,
  "throw from timers": /uncaught error: Error: late 0/,
  "throw in onStart": /could not start: Error: it cannot start/,
  "throw in onEventReceived": failed("Error: not received"),
  "throw in onEventProcessed": /onEventProcessed: Error: not processed/,
  "throw in onStop": null,
};

export const wrongValues: Record<string, Told> = {
  "keep under odd keys": null,
  "keep odd values": null,
  "name odd scopes": null,
  "show odd panes": null,
  "emit odd events": null,
  "change what it was given": null,
};

export const flooding: Record<string, Told> = {
  "flood the log": more,
  "flood the console": more,
  "flood standard output": more,
  "log two million lines at once": /… and 1,999,95\d more lines|one of many/,
  "log a line of 50 MB": /cut: it has 50,000,000 characters/,
  "flood the state": tooMany,
  "flood the state with keys": null,
  "flood the state with megabytes": null,
  "keep 50 MB": failed(
    'TypeError: the service passed 48829 KB as the value of "large": the limit is 1024 KB',
  ),
  "flood the state's answers": tooMany,
  "ask for the top all the time": tooMany,
  "flood the screen": null,
  "flood with events": tooMany,
  "flood with an item's events": failed(
    String.raw`Error: emit\(BadEvent\): an item can emit at most 100 events`,
  ),
  "emit all that an item may": failed(String.raw`Error: emit\(BadEvent\): the data of an item's events can`),
  "set timers in thousands": null,
  "schedule in thousands": failed("Error: every: a service can have at most 1000 schedules"),
  "post garbage in a flood": failed("Error: postMessage: the service sent too much in one second"),
  "post megabytes in a flood": failed("Error: postMessage"),
  "post buffers in a flood": failed("Error: postMessage"),
  "flood a channel": null,
  "flood in onStart": more,
};

export const forging: Record<string, Told> = {
  "post what is no message": noMessage,
  "post deep JSON": noMessage,
  "forge ends": /sent the end of an item that it does not have/,
  "forge its own end": /sent the end of an item that it does not have/,
  "forge answers": /sent "ready", which Livecue did not ask for/,
  "forge a crash": /lost its worker: not true/,
  "forge a failed start": /a failed start without its reason/,
  "forge requests": /sent a request without an id/,
  "pollute prototypes": null,
  "pollute how JSON is made": noMessage,
  "replace JSON": noMessage,
  "replace what lists do": replaced,
  "replace promises and timers": replaced,
  "replace maps": replaced,
  "replace postMessage": null,
  "freeze everything": null,
};

/** A worker that is stuck goes on using a core: most of these are for a process. */
export const hanging: Record<string, Told> = {
  "never answer": replaced,
  "hear the abort and go on": replaced,
  "loop over the state": tooMany,
  "loop over postMessage": failed("Error: postMessage"),
  "exit": /it called Deno.exit with code 3/,
  "close": /it called close/,
  "never stop asking": replaced,
  "hang in onStop": null,
  "hang in onStart": null,
};

export const stuck: Record<string, Told> = {
  "loop": replaced,
  "loop over the log": replaced,
  "wait in its thread": replaced,
  "kill its process": /lost its worker|Requires run access/,
  "fill the heap": /lost its worker|did not end item/,
  "fill buffers": /MB of memory, over its limit of 128 MB/,
};

export const brokenModules: Record<string, { module: string; told: Told }> = {
  "a syntax error": { module: "export default class {", told: /could not be loaded/ },
  "a throw at load": {
    module: 'throw new Error("not today");',
    told: /could not be loaded: Error: not today/,
  },
  "no default export": { module: "export const x = 1;", told: /no default export/ },
  "a default that is no service": { module: "export default 5;", told: /does not extend BaseQueueService/ },
  "a proxy for a default": {
    module: 'export default new Proxy(class {}, { get() { throw new Error("a trap"); } });',
    told: /could not start: Error: a trap/,
  },
  "a promise that loads for ever": { module: "await new Promise(() => {});", told: null },
  "an exit at load": { module: "Deno.exit(5);", told: /it called Deno.exit with code 5/ },
  "an import that is not there": { module: 'import "./nothing.ts";', told: /could not be loaded/ },
};

/** A service for each kind. */
export function servicesOf(kinds: Record<string, Told>, isolation: BadService["isolation"]): BadService[] {
  return Object.entries(kinds).map(([how, told]) => {
    return { slug: slugOf(how), isolation, told, isSlow: told === replaced, does: { how, every: null } };
  });
}

export function brokenServices(isolation: BadService["isolation"]): BadService[] {
  return Object.entries(brokenModules).map(([name, { module, told }]) => {
    return { slug: slugOf(name), isolation, told, isSlow: false, does: { module } };
  });
}

function slugOf(name: string): string {
  return name.replaceAll(/[^a-z0-9]+/gi, "_").toLowerCase();
}
