/** The commands that list the voices and check the engine. */
import { msg, t } from "livecue/language";
import { parseArgs } from "node:util";
import { pagesCheck } from "livecue/pages";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import { audition } from "./audition.ts";
import { askToSay } from "./commands.ts";
import { type EngineName, engineNames, Engines } from "./engine.ts";
import type { Options } from "./options.ts";
import { sampleText } from "./sample_text.ts";
import type { Voice } from "./speech.ts";
import { whyNotAsked } from "./voice_mistakes.ts";

type Context = ServiceCommandContext<Options>;

/** The most voices that a running Livecue speaks one after the other. */
const mostSaid = 10;

export const voices: ServiceCommand<Options> = {
  description: msg("lists the voices, or plays a sample of each"),
  usage: "[--language es] [--engine edge] [--play]",
  async run(context, ...args) {
    const { language, engine = context.options.engine, isPlayed } = voicesArguments(args);
    const problem = await whyNotAsked(engine, context.options);
    if (problem !== null) throw new UserError(problem);
    const engines = enginesOf(context);
    const listed = spoken(await voicesOf(engines, engine), language);
    if (isPlayed && context.isLivecueRunning) return await sayEach(listed, { context, engine });
    if (isPlayed) return await audition(listed, { context, engines });
    for (const line of table(listed)) context.print(line);
    const variants = await engines.variants(engine);
    if (variants.length === 0) return;
    context.print(
      `\nEach voice has these variants, such as "${listed[0]?.name}+f3": ` +
        variants.map((variant) => `+${variant}`).join(" "),
    );
  },
};

export const check: ServiceCommand<Options> = {
  description: msg("checks whether the service can show its pages, and whether the engine speaks"),
  async run(context) {
    await pagesCheck.run(context);
    const { options: { engine }, print, signal } = context;
    const engines = enginesOf(context);
    const [voice] = await voicesOf(engines, engine);
    if (voice === undefined) return;
    try {
      await engines.speak(voice, { text: "1", rate: 1, pitch: 1, volume: 1, signal });
    } catch (error) {
      throw new UserError(
        t`${engine} does not speak: ${messageOf(error)}. espeak speaks until ${engine} works again.`,
      );
    }
    print(t`The engine ${engine} speaks.`);
  },
};

function enginesOf({ options, configFolder, log }: Context): Engines {
  return new Engines(options, { folder: configFolder, log: { ...log, warn: () => {} } });
}

function voicesArguments(args: string[]): { language?: string; engine?: EngineName; isPlayed: boolean } {
  try {
    const { values: { language, engine, play = false } } = parseArgs({
      args,
      options: { language: { type: "string" }, engine: { type: "string" }, play: { type: "boolean" } },
    });
    const known = engineNames.find((name) => name === engine);
    if (engine !== undefined && known === undefined) {
      throw new TypeError(t`There is no engine "${engine}". The engines are ${engineNames.join(", ")}`);
    }
    return {
      ...language === undefined ? {} : { language },
      ...known === undefined ? {} : { engine: known },
      isPlayed: play,
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(t`${error.message}. Write it as: voices --language es --play`);
  }
}

async function voicesOf(engines: Engines, engine: EngineName): Promise<Voice[]> {
  try {
    return await engines.voices(engine);
  } catch (error) {
    throw new UserError(t`${engine} does not list its voices: ${messageOf(error)}`);
  }
}

/** `language` is a tag, such as "es" or "es-MX", or the language's English name. */
function spoken(voices: readonly Voice[], language: string | undefined): Voice[] {
  if (language === undefined) return [...voices];
  const wanted = language.toLowerCase();
  const found = voices.filter((voice) => {
    const names = [
      voice.language,
      languageName(voice.language),
      languageName(voice.language.split("-")[0] ?? ""),
    ];
    return names.some((name) => name.toLowerCase() === wanted) ||
      voice.language.toLowerCase().startsWith(`${wanted}-`);
  });
  if (found.length > 0) return found;
  const known = [...new Set(voices.map((voice) => voice.language.split("-")[0]))].sort();
  throw new UserError(
    t`There is no voice for the language "${language}". The languages with a voice are ${known.join(", ")}.`,
  );
}

function table(voices: readonly Voice[]): string[] {
  const width = Math.max(...voices.map(({ name }) => name.length));
  return voices.map(({ name, language }) => `${name.padEnd(width)}  ${languageName(language)}`);
}

/** The name of a dialect, or the language's name when the dialect has none. */
function languageName(language: string): string {
  const names = new Intl.DisplayNames("en", { type: "language", fallback: "none" });
  for (const tag of [language, language.split("-")[0] ?? ""]) {
    try {
      const name = names.of(tag);
      if (name !== undefined) return name;
    } catch {
      // Some of eSpeak's tags are not BCP 47.
    }
  }
  return language;
}

async function sayEach(
  voices: readonly Voice[],
  { context, engine }: { context: Context; engine: EngineName },
): Promise<void> {
  if (engine !== context.options.engine) {
    throw new UserError(
      t`Livecue is running with the voices of ${context.options.engine}. Stop it to hear the voices of ${engine}.`,
    );
  }
  if (voices.length > mostSaid) {
    throw new UserError(
      t`While Livecue is running, it plays at most ${mostSaid} voices, not ${voices.length}. Choose fewer with --language.`,
    );
  }
  for (const { name, language } of voices) {
    await askToSay(context, { text: sampleText(language), voice: name });
    context.print(t`Livecue will play a sample of ${name} on the page /speak.`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
