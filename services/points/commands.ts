import { msg, t } from "livecue/language";
import { pruneCommand } from "livecue/prune";
import { type ServiceCommandContext, type ServiceCommands, UserError } from "livecue/service";
import { type Account, Ledger, migrations } from "./ledger.ts";
import { mostPoints, type Options } from "./options.ts";

const listedByDefault = 20;

type Context = ServiceCommandContext<Options>;

export const commands: ServiceCommands<Options> = {
  list: {
    description: msg("lists the viewers with the most points"),
    usage: "[COUNT]",
    run({ database, print }: Context, count = String(listedByDefault)) {
      const wanted = Number(count);
      if (!Number.isSafeInteger(wanted) || wanted < 1) {
        throw new UserError(t`"${count}" is not a whole number above 0.`);
      }
      const top = new Ledger(database(migrations)).top(wanted);
      if (top.length === 0) print(t`Nobody has any points yet.`);
      for (const account of top) print(lineOf(account));
    },
  },
  add: {
    description: msg("gives a viewer points, or takes some with a number below 0; a balance stops at 0"),
    usage: "NAME POINTS",
    run({ database, print }: Context, name = "", points = "") {
      const amount = Number(points);
      if (points.trim() === "" || !Number.isSafeInteger(amount) || Math.abs(amount) > mostPoints) {
        throw new UserError(t`Say whom and how many, as: add @ana 100. At most ${mostPoints} at once.`);
      }
      const ledger = new Ledger(database(migrations));
      const account = onlyAccount(ledger, name);
      ledger.adjust(account.userId, { key: `by hand ${crypto.randomUUID()}`, at: Date.now(), amount });
      print(lineOf(ledger.account(account.userId) ?? account));
    },
  },
  prune: pruneCommand<Options>({
    what: ["entry of the ledger", "entries of the ledger"],
    deleteBefore: ({ database }, before, how) => new Ledger(database(migrations)).deleteBefore(before, how),
  }),
  forget: {
    description: msg("deletes the points of a viewer, and all that is kept about them"),
    usage: "ID",
    run({ database, print }: Context, userId = "") {
      if (userId === "") throw new UserError(t`Say whom, by the id of the viewer: the list shows it.`);
      const isGone = new Ledger(database(migrations)).forget(userId);
      print(isGone ? t`The viewer's points are deleted.` : t`This viewer has no points.`);
    },
  },
};

function onlyAccount(ledger: Ledger, name: string): Account {
  const byId = ledger.account(name);
  const found = byId === null ? ledger.find(name) : [byId];
  const [account] = found;
  if (account === undefined) throw new UserError(t`No viewer with points has the name "${name}".`);
  if (found.length === 1) return account;
  throw new UserError(
    t`Several viewers have the name "${name}". Give the id of one:\n${found.map(lineOf).join("\n")}`,
  );
}

function lineOf({ name, handle, points, userId }: Account): string {
  return `${points}  ${name}${handle === "" ? "" : ` (@${handle})`}  ${userId}`;
}
