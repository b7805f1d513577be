/** The service's block and its commands, with the whole program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { livecue, startLivecue, writeConfig } from "../../support/livecue.ts";
import { blockService } from "../../support/service_blocks.ts";
import { withFolder } from "../../support/temporary_store.ts";

const ttsModule = fileURLToPath(new URL("../../../services/tts/main.ts", import.meta.url));

const demo = ["--database", "livecue.demo.db"];

Deno.test("The block's only permission is to listen on its own computer", () => {
  const { permissions, options } = blockService("tts");
  const no = { read: false, write: false, env: false, run: false, sys: false };
  assert.deepEqual(permissions, { net: [`${options["host"]}:${options["port"]}`], ...no });
});

Deno.test("say speaks through the running Livecue, or says what to do when it cannot", async () => {
  await withFolder(async (folder) => {
    writeConfig(folder, {
      services: {
        tts: {
          service_class: ttsModule,
          permissions: { net: ["127.0.0.1"] },
          options: { port: 0 },
          subscriptions: { CommentEvent: {} },
        },
      },
    });
    const early = await livecue(folder, "tts", "say", "hello");
    assert.deepEqual([early.code, early.stdout], [2, ""]);
    assert.match(early.stderr, /Livecue is not running: start it first/);

    const running = startLivecue(folder, "start", "--source", "demo", "--plain", ...demo);
    const url = (await running.line(/shows how to hear it/)).match(/http:\/\/[^/]+/)?.[0] as string;
    const said = await livecue(folder, ...demo, "tts", "say", "Good evening", "--priority", "9");
    assert.equal(said.stderr, "");
    const [speech = ""] = said.stdout.match(/http:\S+\/speech\/\d+/) ?? [];
    assert(speech.startsWith(url));
    const { text, priority } = await (await fetch(speech)).json();
    assert.deepEqual([text, priority], ["Good evening", 9]);

    for (
      const [args, why] of [
        [[], /The text is missing\. Write it as: say "Good evening" --voice es/],
        [["hello", "--loud"], /'--loud'.*Write it as/],
        [["?!"], /Livecue refused the text: The text has nothing that a voice can say\./],
        [["hello", "--priority", "11"], /The priority is "11", and has to be a number from 1 to 10\./],
        [
          ["hello", "--voice", "nobody"],
          /There is no voice "nobody": "deno task livecue tts voices" lists the voices\./,
        ],
      ] as const
    ) {
      const wrong = await livecue(folder, ...demo, "tts", "say", ...args);
      assert.equal(wrong.code, 2, wrong.stdout);
      assert.match(wrong.stderr, why);
    }
    const { stdout: call } = await livecue(folder, ...demo, "tts", "token");
    const token = call.match(/Bearer ([0-9a-f]{32})"/)?.[1];
    assert.equal((await askWith(url, "")).status, 401);
    assert.equal((await askWith(url, `Bearer ${token}`)).status, 202);
    running.kill("SIGKILL");
    await running.ended;
    assert(Deno.statSync(join(folder, "data.demo", "tts", "speech")).isDirectory);
  });
});

async function askWith(url: string, authorization: string): Promise<Response> {
  const response = await fetch(`${url}/speak`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization },
    body: '{"text":"Hello"}',
  });
  await response.body?.cancel();
  return response;
}
