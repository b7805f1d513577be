/** The worker's side of `detect`, the command that every detector has. */
import { msg, t } from "../language.ts";
import { Detector } from "../kit/detector.ts";
import { UserError } from "../user_error.ts";
import { optionMistakesOf } from "./failure.ts";
import type { ServiceRequest } from "./protocol.ts";
import { ReadingAsker } from "./reading_asker.ts";
import { checkOptions, type NamedCommand, serviceClassOf } from "./service_module.ts";

export interface DetectOptions {
  module: Record<string, unknown>;
  /** As the config has them, before the service's schema. */
  options: Record<string, unknown>;
  ask(request: ServiceRequest): Promise<unknown>;
}

/** null if the module's service is not a detector. */
export function detectCommand({ module, options, ask }: DetectOptions): NamedCommand | null {
  const exported = module["default"];
  if (typeof exported !== "function" || !(exported.prototype instanceof Detector)) return null;
  const Service = serviceClassOf(module);
  return {
    name: "detect",
    usage: "[--from T] [--to T] [--set NAME=VALUE] [--compare …]",
    description: msg("run it over stored readings without acting, and print what it finds"),
    async run(context, ...args) {
      // Loaded here, because each service would pay for it.
      const { runDetect } = await import("../kit/detection/detect_command.ts");
      const { withoutEffect } = await import("../kit/detection/no_effect.ts");
      await runDetect({
        args,
        readings: new ReadingAsker(ask),
        signal: context.signal,
        async makeDetector(changes) {
          const checked = await changed(module["optionsSchema"], options, changes);
          const { configFolder, log, signal } = context;
          const own = withoutEffect({ options: checked, configFolder, log, signal, data: context });
          return new Service(own) as Detector<unknown>;
        },
        print: context.print,
        warn: (text) => context.log.warn(text),
      });
    },
  };
}

/** The options with changes from the command line, whose mistakes are not those of the config. */
async function changed(
  schema: unknown,
  options: Record<string, unknown>,
  changes: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  try {
    return await checkOptions(schema, { ...options, ...changes });
  } catch (thrown) {
    const mistakes = optionMistakesOf(thrown).map(({ path, message }) => [...path, message].join(": "));
    const names = Object.keys(changes).join(", ");
    if (names === "" || mistakes.length === 0) throw thrown;
    throw new UserError(
      t`With the changed ${names}, the options do not fit the service. ${mistakes.join(" ")}`,
    );
  }
}
