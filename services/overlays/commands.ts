/** The service's commands: the check, those for games, and those for the entrants of the raffle. */
import { pagesCheck } from "livecue/pages";
import { pruneCommand } from "livecue/prune";
import { t } from "livecue/language";
import { type ServiceCommand, type ServiceCommandContext, UserError } from "livecue/service";
import { gameCommands } from "./games/commands.ts";
import { Entrants, raffleMigrations } from "./games/entrants.ts";
import type { Options } from "./options.ts";
import { warnOfMissingFiles } from "./rule_files.ts";

const check: ServiceCommand<Options> = {
  ...pagesCheck,
  async run(context) {
    await pagesCheck.run(context);
    await warnOfMissingFiles(context);
  },
};

const prune = pruneCommand<Options>({
  what: ["entrant of the raffle", "entrants of the raffle"],
  deleteBefore: (context, before, how) => entrantsOf(context).deleteBefore(before, how),
});

const forget: ServiceCommand<Options> = {
  description: "deletes a viewer from the entrants of the raffle",
  usage: "ID",
  run(context, userId = "") {
    if (userId === "") throw new UserError(t`Name the viewer by the id.`);
    const isGone = entrantsOf(context).forget(userId);
    context.print(isGone ? t`The viewer is no longer in the raffle.` : t`This viewer is in no raffle.`);
  },
};

export const commands = { check, ...gameCommands, prune, forget };

function entrantsOf({ database }: ServiceCommandContext<Options>): Entrants {
  return new Entrants(() => database(raffleMigrations));
}
