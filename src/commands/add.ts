import type { Command } from "commander";
import { basename, dirname, extname, resolve } from "node:path";
import { cleanText } from "../clean_text.ts";
import { systemClock } from "../clock.ts";
import { filled, renderBlock, withBlock } from "../config/added_block.ts";
import type { Config } from "../config/config.ts";
import { loadConfig, parseConfig, readConfigText } from "../config/load.ts";
import { pathFrom } from "../config/render.ts";
import { openOptions, type ServiceBlock, serviceBlocks } from "../config/service_blocks.ts";
import { t, translated } from "../language.ts";
import { nearestName } from "../nearest_names.ts";
import { examine } from "../doctor/finding.ts";
import { serviceCheck } from "../doctor/services.ts";
import { isInUse } from "../store/usage.ts";
import { UserError } from "../user_error.ts";
import type { CommandContext } from "./context.ts";
import { printFindings, serviceLimitMs } from "./doctor.ts";
import { onDatabase } from "./rehearsal.ts";
import { answerTo } from "./question.ts";
import { replaceFile } from "../config/replaced_file.ts";
import { defaultConfigName, exists, type GlobalOptions, projectFolder, writeConfig } from "./settings.ts";
import { print } from "./table.ts";

interface AddOptions extends GlobalOptions {
  yes?: boolean;
}

/** Characters of one line. */
const maxLineLength = 2_000;

/** `add SERVICE`: adds a service's block to the config, and checks whether the service can work. */
export function addAdd(program: Command, { setExitCode }: CommandContext): void {
  const command = program.command("add").argument(
    "<service>",
    t`a service that comes with Livecue, or the file of your own`,
  )
    .description(t`add a service to the config, and check it`)
    .option("--yes", t`ask nothing, and use the defaults`)
    .action(async (name: string) => {
      const options = command.optsWithGlobals<AddOptions>();
      const path = resolve(options.config ?? defaultConfigName);
      await ensureConfig(path);
      const found = await blockFor(name, path);
      refuseTwice(loadConfig(path), found.slug);
      const asks = !options.yes && Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
      const block = asks ? ask(found) : found;
      // The file may have been edited while the user typed the answers.
      const before = readConfigText(path);
      refuseTwice(parseConfig(before, { path }), block.slug);
      const text = withBlock(before, block);
      const config = onDatabase(loadConfig(path, { text }), options.database);
      replaceFile(path, text);
      print(t`The service ${block.slug} was added to ${path}. A running Livecue starts it at once.`);
      if (!await isWell(config, block.slug)) {
        setExitCode(1);
        print(t`Fix these problems, then check again: deno task livecue ${block.slug} check`);
      }
      if (block.page !== null) print(t`Next: follow the steps in ${block.page}.`);
    });
}

async function ensureConfig(path: string): Promise<void> {
  if (await exists(path)) return;
  await writeConfig(path);
  print(t`${path} was created. It explains each setting.`);
}

/** Throws a `UserError` if there is neither such a service nor such a file. */
async function blockFor(name: string, configPath: string): Promise<ServiceBlock> {
  const blocks = await serviceBlocks(projectFolder);
  const block = blocks.get(name);
  const configFolder = dirname(configPath);
  if (block !== undefined) return renderBlock(block, { configFolder, projectFolder });
  if (/[\\/]|\.[jt]sx?$/.test(name)) return await blockOfFile(resolve(name), configFolder);
  const near = nearestName(name, [...blocks.keys()]);
  const hint = near === null ? "" : ` ${t`Did you mean "${near}"?`}`;
  throw new UserError(
    `${t`Livecue has no service "${name}".`}${hint} ` +
      t`Its services are: ${
        [...blocks.keys()].join(", ")
      }. To add your own, give its file, such as ./services/greeter.ts.`,
  );
}

async function blockOfFile(file: string, configFolder: string): Promise<ServiceBlock> {
  if (!await exists(file)) throw new UserError(t`There is no file ${file}. Create it, or correct its name.`);
  if (!/\.[mc]?[jt]sx?$/.test(file)) {
    throw new UserError(t`${file} is not a service module. Name a file that ends in .ts or .js.`);
  }
  const slug = slugOf(file);
  const text = [
    "// docs/config.md explains every setting of a service.",
    `"${slug}": {`,
    `  "service_class": ${JSON.stringify(pathFrom(configFolder, file))},`,
    '  // The permissions of its code, such as "net": ["127.0.0.1:8080"]. By default it has none.',
    '  "permissions": {},',
    "  // Its own settings.",
    '  "options": {},',
    '  // The events that it receives. "*" means all types that are not listed.',
    '  "subscriptions": { "*": {} }',
    "}",
  ].join("\n");
  return { slug, text, page: "docs/write_a_service.md" };
}

/** "greeter" for "greeter.ts", and "wheel" for "wheel/main.ts". */
function slugOf(file: string): string {
  const name = basename(file, extname(file));
  const ownName = name === "main" ? basename(dirname(file)) : name;
  return ownName.toLowerCase().replace(/[^a-z0-9_-]+/g, "_").replace(/^[^a-z]+/, "") || "service";
}

function refuseTwice({ path, services }: Config, slug: string): void {
  const service = services.find((service) => service.slug === slug);
  if (service === undefined) return;
  const advice = service.isActive ? t`Nothing was changed.` : t`Set its "is_active" to true to switch it on.`;
  throw new UserError(`${t`${path} already has a service "${slug}".`} ${advice}`);
}

/** Asks for the options that only the user knows. An empty answer leaves the option empty. */
function ask(block: ServiceBlock): ServiceBlock {
  const answers = openOptions(block).flatMap(({ path, about }) => {
    print(`\n${translated(about)}`);
    const value = answerTo(String(path.at(-1)));
    return value === "" ? [] : [{ path, value }];
  });
  return filled(block, answers);
}

/** Prints the findings of the service's `check`. Returns whether there is no problem. */
async function isWell(config: Config, slug: string): Promise<boolean> {
  const service = config.services.find((each) => each.slug === slug);
  if (service === undefined) throw new Error(`the config lacks ${slug}`);
  const clean = (line: string) => cleanText(line, maxLineLength);
  const look = serviceCheck(service, { config, isLivecueRunning: isInUse(config.database), clean });
  const findings = await examine(look, { clock: systemClock, limitMs: serviceLimitMs });
  printFindings(service.name, findings);
  return findings.every(({ verdict }) => verdict !== "wrong");
}
