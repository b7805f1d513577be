/** Voices on the command line and in the config, with the whole program. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Ended, livecue, startLivecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";

const ttsModule = fileURLToPath(new URL("../../../services/tts/main.ts", import.meta.url));

function withTts(
  options: Record<string, unknown>,
  use: (folder: string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    const permissions = { net: ["127.0.0.1"] };
    const subscriptions = { CommentEvent: {} };
    writeConfig(folder, {
      services: {
        tts: { service_class: ttsModule, permissions, options: { port: 0, ...options }, subscriptions },
      },
    });
    await use(folder);
  });
}

Deno.test("voices lists the voices by language and engine, and needs no permission beyond the service's", () =>
  withTts({}, async (folder) => {
    const { code, stdout, stderr } = await livecue(folder, "tts", "voices", "--language", "es");
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /^es {6}Spanish\nes-419 {2}Latin American Spanish\n\n.*"es\+f3": .*\+whisper/);
    const mistakes: [string[], RegExp][] = [
      [["--language", "xx"], /There is no voice for the language "xx"\. The languages with a voice are af, /],
      [["--engine", "edge"], /"edge" needs "net": \["speech\.platform\.bing\.com:443"\]/],
      [["--loud"], /'--loud'.*Write it as: voices --language es --play/],
    ];
    for (const [args, why] of mistakes) {
      const wrong: Ended = await livecue(folder, "tts", "voices", ...args);
      assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
      assert.match(wrong.stderr, why);
    }
  }));

Deno.test("voices --play opens a page that plays the voices, until Ctrl-C", () =>
  withTts({}, async (folder) => {
    const running = startLivecue(folder, "tts", "voices", "--language", "es", "--play");
    const line = await running.line(/Open http/);
    const url = line.match(/http:\S+/)?.[0] as string;
    assert.match(line, /to hear 2 voices\. Press Ctrl-C to stop/);
    const page = await (await fetch(url)).text();
    assert.match(page, /<audio [^>]*src="\/\?voice=es-419"/);
    assert.match(page, /lunes, martes/);
    const sound = await fetch(`${url}/?voice=es-419`);
    assert.equal(sound.headers.get("content-type"), "audio/mpeg");
    assert.ok((await sound.arrayBuffer()).byteLength > 5_000);
    const unknown = await fetch(`${url}/?voice=nobody`);
    assert.equal(unknown.status, 404);
    await unknown.body?.cancel();
    running.kill("SIGINT");
    assert.equal((await running.ended).code, 0);
  }));

Deno.test("The message about an unknown voice has its place in the config and the nearest name", () =>
  withTts({
    voice: "en-uss",
    rules: [{ when: "CommentEvent", do: { say: "{comment}", voice: { voice: "es-418", rate: 1.2 } } }],
  }, async (folder) => {
    const { code, stderr } = await livecue(folder, "tts", "check");
    assert.equal(code, 2);
    const lines = (await Deno.readTextFile(join(folder, "config.jsonc"))).split("\n");
    for (const [name, meant] of [["en-uss", "en-us"], ["es-418", "es-419"]] as const) {
      const line = lines.findIndex((text) => text.includes(`"${name}"`));
      const column = (lines[line] ?? "").indexOf(`"${name}"`) + 1;
      const place = new RegExp(
        `config\\.jsonc:${line + 1}:${column}\\b.*no voice "${name}" of espeak: did you mean "${meant}"`,
      );
      assert.match(stderr, place);
    }
  }));

Deno.test("check reports that the engine speaks, or why it does not", async () => {
  await withTts({}, async (folder) => {
    assert.match((await livecue(folder, "tts", "check")).stdout, /The engine espeak speaks\./);
  });
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const edge = { url: `http://127.0.0.1:${listener.addr.port}/readaloud` };
  listener.close();
  await withTts({ engine: "edge", edge }, async (folder) => {
    const { code, stderr } = await livecue(folder, "tts", "check");
    assert.equal(code, 2);
    assert.match(stderr, /edge does not list its voices: Livecue cannot reach 127/);
  });
});
