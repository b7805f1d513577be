/** Imports a service's module and checks its exports. */
import {
  BaseQueueService,
  type OptionsSchema,
  type ServiceCommand,
  type ServiceContext,
} from "../kit/service.ts";
import { english, spoken, t } from "../language.ts";
import { describeFailure, describeValue, optionMistakesOf, ServiceMistake } from "./failure.ts";
import { maxSchemaLength } from "./checked_message.ts";
import type { CommandLine, OptionsView } from "./protocol.ts";

type ServiceClass = new (context: ServiceContext) => BaseQueueService;

/** A command with its code, as the module exports it. */
export type NamedCommand = CommandLine & Pick<ServiceCommand, "run">;

/** Throws a `ServiceMistake`, like all functions here. */
export async function importModule(serviceUrl: string): Promise<Record<string, unknown>> {
  try {
    return await import(serviceUrl);
  } catch (thrown) {
    const { sentence, place } = describeFailure(thrown);
    throw new ServiceMistake(`${serviceUrl} could not be loaded: ${sentence}`, { place });
  }
}

export function serviceClassOf(module: Record<string, unknown>): ServiceClass {
  const exported = module["default"];
  if (exported === undefined) {
    throw new ServiceMistake(
      "the module has no default export: write export default class … extends BaseQueueService",
    );
  }
  if (typeof exported !== "function" || !(exported.prototype instanceof BaseQueueService)) {
    throw new ServiceMistake(
      `the module's default export is ${describeValue(exported)}, which does not extend BaseQueueService ` +
        `of "livecue/service"`,
    );
  }
  return exported as ServiceClass;
}

/** The commands that the module exports; empty if it exports no `commands`. */
export function commandsOf({ commands = {} }: Record<string, unknown>): NamedCommand[] {
  if (typeof commands !== "object" || commands === null) {
    throw new ServiceMistake(
      `the module's commands are ${describeValue(commands)}, not { name: { description, run } }`,
    );
  }
  return Object.entries(commands).map(([name, command]: [string, Partial<ServiceCommand> | null]) => {
    const { description, usage = "", run } = command ?? {};
    if (typeof description !== "string" || typeof usage !== "string" || typeof run !== "function") {
      throw new ServiceMistake(
        `the module's command ${name} is not { description: "…", run(context, ...args) { … } }`,
      );
    }
    return { name, usage, description, run: run.bind(command) };
  });
}

/** Returns the options as the schema converts them, or unchanged if there is no schema. */
export async function checkOptions(
  schema: unknown,
  options: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (schema === undefined) return options;
  if (!isOptionsSchema(schema)) {
    throw new ServiceMistake(
      "the module's optionsSchema is not a Standard Schema: make it with zod or another library that supports it",
    );
  }
  await translateSchemas();
  const check = await schema["~standard"].validate(options);
  if (!check.issues) return check.value as Record<string, unknown>;
  const mistakes = check.issues.map(({ message, path = [] }) => {
    const keys = path.map((step) => typeof step === "object" ? step.key : step)
      .map((key) => typeof key === "number" ? key : String(key));
    return { path: keys, message };
  });
  throw new ServiceMistake(t`"options" of the config do not fit the service`, { inOptions: mistakes });
}

/** zod, which most schemas are made with, has sentences of its own. */
async function translateSchemas(): Promise<void> {
  if (spoken() === english) return;
  const { z } = await import("zod");
  const locales: Record<string, typeof z.locales.en | undefined> = z.locales;
  z.config(locales[spoken().tag]?.() ?? z.locales.en());
}

/** Describes options for whoever edits them. Throws no `ServiceMistake` for mistakes in them, but returns these. */
export async function viewOptions(schema: unknown, options: Record<string, unknown>): Promise<OptionsView> {
  try {
    await checkOptions(schema, options);
    return { schema: jsonSchemaOf(schema), mistakes: [] };
  } catch (thrown) {
    const mistakes = optionMistakesOf(thrown);
    if (mistakes.length === 0) throw thrown;
    return { schema: jsonSchemaOf(schema), mistakes };
  }
}

/** By the Standard JSON Schema of the library that made it; null if that does not tell it. */
function jsonSchemaOf(schema: unknown): string | null {
  const { jsonSchema } = isOptionsSchema(schema) ? schema["~standard"] : {};
  if (jsonSchema === undefined) return null;
  try {
    // zod has no JSON Schema for a value that it converts: such a part allows anything.
    const libraryOptions = { unrepresentable: "any" };
    const text = JSON.stringify(jsonSchema.input({ target: "draft-2020-12", libraryOptions }));
    return text.length <= maxSchemaLength ? text : null;
  } catch {
    // The schema has a part that its library cannot describe.
    return null;
  }
}

function isOptionsSchema(value: unknown): value is OptionsSchema {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  const standard: unknown = Reflect.get(value, "~standard");
  return typeof standard === "object" && standard !== null &&
    typeof Reflect.get(standard, "validate") === "function";
}
