/** Asks a service's module, in its worker, for the form of its options and for mistakes in them. */
import { limit, systemClock } from "../clock.ts";
import { failureText } from "../failure.ts";
import type { Log } from "../log/log.ts";
import type { OptionMistake } from "../runner/failure.ts";
import { runServiceCommand } from "../runner/service_commands.ts";
import type { ServiceConfig } from "../service.ts";
import type { DeskService } from "./overview.ts";

export interface ModuleView {
  /** null: the module does not tell it. */
  schema: DeskService["schema"];
  note: DeskService["note"];
  mistakes: OptionMistake[];
  /** Why the module could not be asked; null if it was. */
  problem: string | null;
}

type JsonObject = Record<string, unknown>;

/** Time for a module to load and answer, also on a busy computer. */
const limitMs = 60_000;

export async function viewModule(service: ServiceConfig, log: Log): Promise<ModuleView> {
  const giveUp = new AbortController();
  const cancelLimit = limit(systemClock, limitMs, () => giveUp.abort(new Error("did not answer in time")));
  try {
    const end = await runServiceCommand({
      service,
      command: null,
      args: [],
      log,
      print: () => {},
      isLivecueRunning: true,
      signal: giveUp.signal,
      givenUp: giveUp.signal,
      describeOptionMistakes: () => [],
      placeOfOption: () => "",
    });
    if (end.kind === "failed") {
      return { schema: null, note: null, mistakes: [], problem: failureText(end.failure) };
    }
    if (end.kind === "completed") throw new Error("a list of commands did not come");
    const { schema, mistakes } = end.options;
    return { ...ruleSchemaOf(schema), mistakes, problem: null };
  } finally {
    cancelLimit();
  }
}

/** Whether a service has rules: in the config, or by its module. */
export function hasRules({ options }: ServiceConfig, view: ModuleView): boolean {
  return Array.isArray(options["rules"]) || view.schema !== null;
}

function ruleSchemaOf(text: string | null): Pick<DeskService, "schema" | "note"> {
  if (text === null) return { schema: null, note: null };
  const schema = JSON.parse(text) as JsonObject;
  const rules = (schema["properties"] as JsonObject | undefined)?.["rules"] as JsonObject | undefined;
  if (rules?.["items"] === undefined) return { schema: null, note: null };
  const { items, description } = rules;
  return {
    schema: { rule: items, definitions: schema["$defs"] ?? {} },
    note: typeof description === "string" ? description : null,
  };
}

/** The mistakes as sentences: of the rule `index`, with their place in it, and of all else. */
export function mistakesIn(
  { mistakes, problem }: ModuleView,
  index: number | null = null,
): { own: string[]; others: string[] } {
  if (problem !== null) return { own: [], others: [problem] };
  const { own = [], others = [] } = Object.groupBy(
    mistakes,
    ({ path }) => path[0] === "rules" && path[1] === index ? "own" : "others",
  );
  return {
    own: own.map(({ path, message }) => sentence(path.slice(2), message)),
    others: others.map(({ path, message }) => sentence(path, message)),
  };
}

function sentence(path: readonly (string | number)[], message: string): string {
  const place = placeText(path);
  return place === "" ? message : `${place}: ${message}`;
}

function placeText(path: readonly (string | number)[]): string {
  return path.map((key, index) => typeof key === "number" ? `[${key}]` : index === 0 ? key : `.${key}`).join(
    "",
  );
}
