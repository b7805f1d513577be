/** A link that breaks between a commit and its answer, again and again, while payments come. */
import assert from "node:assert/strict";
import { FaultyLink, type Frame } from "../faulty_link.ts";
import { startPostgres } from "../postgres.ts";
import { withFolder } from "../temporary_store.ts";
import { Payments } from "./payments.ts";
import { freePort, Show } from "./show.ts";

/** Of a transaction that is committed: the server sends nothing of its answer before that. */
const isOfInsert = ({ type, text }: Frame) => type === "C" && text().startsWith("INSERT");

/** Throws if a payment is stored twice, or an item handed out twice. Returns how many items there were. */
export async function loseAnswers({ breaks }: { breaks: number }): Promise<number> {
  let items = 0;
  await withFolder(async (folder) => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    await using link = await FaultyLink.start({ to: address, framing: "postgres" });
    const port = freePort();
    await using show = new Show({ folder, server, address, port });
    await show.startOwner("studio-1", { address: link.address }).line(/for \/kofi/);
    const provider = new Payments(port);
    try {
      for (let count = 0; count < breaks; count++) {
        const broken = link.failBefore(isOfInsert, {
          direction: "toClient",
          how: count % 2 === 0 ? "cut" : "partition",
        });
        const sending = provider.send(40);
        await broken;
        link.heal();
        await sending;
      }
      await show.drained();
      assert.equal(await show.number("SELECT count(*) FROM live_event"), provider.answered);
      assert.equal(await show.number("SELECT count(DISTINCT message_id) FROM live_event"), provider.answered);
      items = await show.checkService("near", []);
      assert.equal(items, provider.answered);
      await show.stop("studio-1");
    } finally {
      provider.stop();
    }
  });
  return items;
}
