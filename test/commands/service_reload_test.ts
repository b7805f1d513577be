/** A service's file is saved while Livecue runs. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { startLivecue, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

const greeter = (says: string) =>
  `import { BaseQueueService, type LiveEvent } from "livecue/service";
export default class Greeter extends BaseQueueService {
  override processEvent(event: LiveEvent): boolean {
    if (event.type !== "CommentEvent") return true;
    this.log.info(\`${says}\`);
    return true;
  }
}
`;

Deno.test("A saved service is loaded at once, and one with a misspelled field is not: the old code goes on", async () => {
  await withFolder(async (folder) => {
    const save = (says: string) => Deno.writeTextFileSync(join(folder, "greeter.ts"), greeter(says));
    save("one ${event.data.comment}");
    writeConfig(folder, {
      services: { greeter: { service_class: "./greeter.ts", subscriptions: { CommentEvent: {} } } },
    });
    const running = startLivecue(folder, "demo", "--plain", "--rate", "20", "--for", "60");
    await running.line(/\[greeter\] one /);
    save("two ${event.data.comment}");
    await running.line(/\[greeter\] greeter\.ts was saved: the service loads it\./);
    await running.line(/\[greeter\] two /);

    save("three ${event.data.commnt}");
    const told = await running.line(/greeter\.ts was saved with a mistake/);
    assert.match(
      told,
      /\[greeter\] greeter\.ts was saved with a mistake, so the service keeps its code: Property 'commnt' does not exist .*Did you mean 'comment'\?$/,
    );
    await running.line(/at file:.*greeter\.ts:5:\d+/);
    save("four ${event.data.comment}");
    await running.line(/\[greeter\] four /);
    running.kill("SIGKILL");
    assert.doesNotMatch((await running.ended).stdout, /three/);
  });
});
