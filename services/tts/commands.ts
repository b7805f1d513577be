/** The commands that speak a text through the running Livecue. */
import { msg, t } from "livecue/language";
import { parseArgs } from "node:util";
import { pruneCommand } from "livecue/prune";
import { readSecret } from "livecue/secret";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import type { Options } from "./options.ts";
import { deleteEnded, doorOf, migrations } from "./speeches.ts";

type Context = ServiceCommandContext<Options>;

/** The address and token of the running Livecue. */
interface Door {
  url: string;
  token: string;
}

export const say: ServiceCommand<Options> = {
  description: msg("speaks a text through the running Livecue"),
  usage: '"TEXT" [--voice NAME] [--priority 1-10]',
  async run(context, ...args) {
    const address = await askToSay(context, sayArguments(args));
    context.print(t`Livecue accepted the text. ${address} shows its state.`);
  },
};

export const token: ServiceCommand<Options> = {
  description: msg("prints the call with which other programs have a text spoken, including the token"),
  async run(context) {
    const { url, token } = await openDoor(context);
    context.print(
      `curl ${url}/speak -H "Authorization: Bearer ${token}" -H "Content-Type: application/json" ` +
        `-d '{"text": "Hello"}'`,
    );
  },
};

export const prune = pruneCommand<Options>({
  what: ["text that was spoken or left out", "texts that were spoken or left out"],
  deleteBefore: ({ database }, before, how) => deleteEnded(database(migrations), before, how),
});

interface Asked {
  text: string;
  voice?: string;
  priority?: number;
}

/** Asks the running Livecue to speak the text. Resolves to the address that shows the text's state. */
export async function askToSay(context: Context, asked: Asked): Promise<string> {
  const { url, token } = await openDoor(context);
  const response = await fetch(`${url}/speak`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(asked),
    signal: context.signal,
  }).catch((error) => {
    throw new UserError(t`The running Livecue does not answer at ${url}: ${error.message}`);
  });
  const answer = (await response.text()).trim();
  if (!response.ok) throw new UserError(t`Livecue refused the text: ${answer}`);
  return `${url}/speech/${JSON.parse(answer).id}`;
}

function sayArguments(args: string[]): Asked {
  try {
    const { positionals, values: { voice, priority } } = parseArgs({
      args,
      allowPositionals: true,
      options: { voice: { type: "string" }, priority: { type: "string" } },
    });
    if (positionals.length === 0) throw new TypeError(t`The text is missing`);
    if (priority !== undefined && !/^(?:[1-9]|10)$/.test(priority)) {
      throw new TypeError(
        t`The priority is ${JSON.stringify(priority)}, and has to be a number from 1 to 10`,
      );
    }
    return {
      text: positionals.join(" "),
      ...(voice === undefined ? {} : { voice }),
      ...(priority === undefined ? {} : { priority: Number(priority) }),
    };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UserError(t`${error.message}. Write it as: say "Good evening" --voice es`);
  }
}

async function openDoor({ options, configFolder, isLivecueRunning, database }: Context): Promise<Door> {
  if (!isLivecueRunning) {
    throw new UserError(
      t`Livecue is not running: start it first. For a demo, write "--database livecue.demo.db" before the service.`,
    );
  }
  const door = doorOf(database(migrations));
  if (door === null) throw new UserError(t`The service has not started yet. Livecue's log has the reason.`);
  return { ...door, token: await readSecret("token", options, configFolder) ?? door.token };
}
