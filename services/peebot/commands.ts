import { msg, t } from "livecue/language";
import { pruneCommand } from "livecue/prune";
import type { ServiceCommands } from "livecue/service";
import { Book, dryRun, migrations } from "./book.ts";
import type { PeebotOptions } from "./options.ts";
import { openNetwork } from "./posting/open_network.ts";

const shownPosts = 20;

export const commands: ServiceCommands<PeebotOptions> = {
  check: {
    description: msg("signs in to where posts go, without posting anything"),
    async run({ options, configFolder, print, signal }) {
      const network = await openNetwork(options, configFolder);
      print(
        network === null
          ? t`Dry run: nothing is posted, because "post" is "dry_run".`
          : await network.check(signal),
      );
    },
  },
  prune: pruneCommand({
    what: ["post", "posts"],
    deleteBefore: ({ database, options }, before, how) =>
      new Book(database(migrations)).deleteBefore(before, { ...how, templates: options.texts.length }),
  }),
  posts: {
    description: `lists the last ${shownPosts} posts, newest first`,
    run({ database, print }) {
      for (
        const { at, network, text, status, address, error } of new Book(database(migrations)).last(shownPosts)
      ) {
        const fate = network === dryRun ? dryRun : `${status}  ${network}`;
        print(
          [new Date(at).toISOString(), fate, text, address, error].filter((part) => part !== "")
            .join("  "),
        );
      }
    },
  },
};
