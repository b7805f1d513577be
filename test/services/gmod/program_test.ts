import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FakeRcon } from "../../support/fake_rcon.ts";
import { query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";

const main = fileURLToPath(new URL("../../../services/gmod/main.ts", import.meta.url));

function configFor(port: number, password: string): Record<string, unknown> {
  return {
    log_file: "livecue.log",
    services: {
      gmod: {
        service_class: main,
        permissions: { net: [`localhost:${port}`] },
        options: {
          port,
          password,
          rules: [{ when: ["CommentEvent", "JoinEvent"], do: { command: "say {user} {comment}" } }],
        },
        subscriptions: { CommentEvent: {}, JoinEvent: {} },
      },
    },
  };
}

Deno.test("A wrong password that is mended in the config, while Livecue runs, makes the commands run", async () => {
  await using server = new FakeRcon();
  await withFolder(async (folder) => {
    writeConfig(folder, configFor(server.port, "wrong-one"));
    const run = startLivecue(folder, "start", "--source", "demo", "--plain", "--verbose");
    await run.line(/gmod.* refuses the password/);
    await run.line(/item 1 .*failed: no command was sent: .* refuses the password/);
    writeConfig(folder, configFor(server.port, "swordfish"));
    await server.heard(2);
    run.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 0, stderr);

    const told = stdout + stderr + await Deno.readTextFile(join(folder, "livecue.log"));
    assert.doesNotMatch(told, /wrong-one|swordfish/);
    assert.doesNotMatch(told, /services\/gmod\/\w+\.ts:\d/, "a place in the code was told");
    const [row] = query<{ completed: number }>(
      folder,
      "SELECT count(*) AS completed FROM event_queue WHERE status = 'completed'",
    );
    assert((row?.completed ?? 0) >= 1);
  });
});
