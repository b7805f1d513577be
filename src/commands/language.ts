/** Chooses the language before anything is printed: the config's `language`, or the system's. */
import { parse } from "jsonc-parser";
import { defaultConfigName } from "./settings.ts";
import { languageTags, systemLanguage } from "../config/languages.ts";
import { english, finishedPart, type Language, speak } from "../language.ts";

/** `args`: those of the command line. A config that cannot be read is reported later, in the system's language. */
export async function chooseLanguage(args: readonly string[]): Promise<void> {
  const wanted = configuredLanguage(args) ?? systemLanguage();
  speak(await languageOf(wanted));
}

async function languageOf(tag: string): Promise<Language> {
  if (tag === english.tag) return english;
  const module = await import(`../languages/${tag}.json`, { with: { type: "json" } });
  return { tag, catalogue: finishedPart(module.default) };
}

function configuredLanguage(args: readonly string[]): string | null {
  let language: unknown;
  try {
    language = parse(Deno.readTextFileSync(configPath(args)))?.language;
  } catch {
    return null;
  }
  return languageTags.find((tag) => tag === language) ?? null;
}

function configPath(args: readonly string[]): string {
  const at = args.indexOf("--config");
  const joined = args.find((arg) => arg.startsWith("--config="));
  return (at === -1 ? joined?.slice("--config=".length) : args[at + 1]) ?? defaultConfigName;
}
