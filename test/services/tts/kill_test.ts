/// <reference lib="dom" />
/** Kills the whole program while it speaks in a real browser. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { lacksBrowser, withPage } from "../../support/browser.ts";
import { soundArgs } from "../../support/heard_sound.ts";
import { startLivecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { untilPages } from "../../support/tts_under_test.ts";
import { kofiBody } from "../../support/webhook_source.ts";

const ttsModule = fileURLToPath(new URL("../../../services/tts/main.ts", import.meta.url));
const names = ["Ana", "Ben", "Cleo"];

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function writeScene(folder: string, ports: { tips: number; speech: number }): void {
  const rules = [{ when: "DonationEvent", do: { say: "{user} gave {amount} {currency}" } }];
  writeConfig(folder, {
    sources: { tips: { type: "webhook", port: ports.tips, providers: { kofi: { token: "kofi-token" } } } },
    services: {
      tts: {
        service_class: ttsModule,
        permissions: { net: [`127.0.0.1:${ports.speech}`] },
        options: { port: ports.speech, rules, reconnect_seconds: 60 },
        subscriptions: { DonationEvent: {} },
      },
    },
  });
}

function statuses(folder: string): string[] {
  using database = new DatabaseSync(`${folder}/data/tts/data.db`, { readOnly: true });
  return database.prepare("SELECT status FROM speech ORDER BY id").all().map(({ status }) => String(status));
}

Deno.test({
  name: "After a kill every paid text is spoken, and only the current text may be repeated",
  ignore: lacksBrowser,
  fn: () =>
    withPage((page) =>
      withFolder(async (folder) => {
        const ports = { tips: freePort(), speech: freePort() };
        writeScene(folder, ports);
        const url = `http://127.0.0.1:${ports.speech}`;
        const killed = startLivecue(folder, "start", "--plain");
        await killed.line(/shows how to hear it/);
        const begun: number[] = [];
        page.on("request", (request) => {
          if (request.url() === `${url}/heard`) begun.push(JSON.parse(request.postData() ?? "").id);
        });
        await page.goto(`${url}/speak`);
        await untilPages(url, 1);
        for (const [index, from_name] of names.entries()) {
          const body = kofiBody({ from_name, message_id: `payment ${index}` });
          const answer = await fetch(`http://127.0.0.1:${ports.tips}/kofi`, { method: "POST", body });
          assert.equal(answer.status, 200, await answer.text());
        }
        while (!begun.includes(2)) await page.evaluate(() => new Promise(requestAnimationFrame));
        killed.kill("SIGKILL");
        await killed.ended;
        assert.deepEqual(statuses(folder), ["spoken", "speaking", "waiting"]);

        const again = startLivecue(folder, "start", "--plain");
        await again.line(/shows how to hear it/);
        const all = Array(names.length).fill("spoken");
        while (statuses(folder).join() !== all.join()) {
          await page.evaluate(() => new Promise(requestAnimationFrame));
        }
        assert.deepEqual(begun.filter((id) => id !== 2), [1, 3]);
        assert(begun.filter((id) => id === 2).length <= 2, begun.join());
        again.kill("SIGKILL");
        await again.ended;
      }), { args: soundArgs }),
});
