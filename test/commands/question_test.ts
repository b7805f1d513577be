/** What commands ask in a real terminal. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig } from "../../src/config/load.ts";
import { livecue } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";
import { lacksTmux, small, withTerminal } from "../support/terminal.ts";

Deno.test({
  name: "add asks for the OBS password, does not show it, and writes it into the block",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await livecue(folder, "init");
      await withTerminal(folder, { size: small }, async (terminal) => {
        await terminal.livecue("add", "obs");
        const asked = await terminal.shows(/password \(not shown\):/);
        assert.match(asked, /Show Connect Info/);
        await terminal.type('tru"ité');
        await terminal.press("BSpace");
        await terminal.type("h");
        await terminal.press("Enter");
        const told = await terminal.shows(/The service obs was added to/);
        assert.doesNotMatch(told, /tru/);
        await terminal.ended();
      });
      const obs = loadConfig(join(folder, "config.jsonc")).services.find(({ slug }) => slug === "obs");
      assert.equal(obs?.options["password"], 'tru"ith');
    });
  },
});

Deno.test({
  name: "Ctrl-C at a question adds nothing, and restores the terminal",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await livecue(folder, "init");
      const before = await Deno.readTextFile(join(folder, "config.jsonc"));
      await withTerminal(folder, { size: small }, async (terminal) => {
        await terminal.livecue("add", "gmod");
        await terminal.shows(/password \(not shown\):/);
        await terminal.press("C-c");
        await terminal.shows(/Nothing was added\./);
        assert.equal(await terminal.ended(), 2);
        await terminal.isGivenBack();
      });
      assert.equal(await Deno.readTextFile(join(folder, "config.jsonc")), before);
    });
  },
});

Deno.test({
  name: "A question is answered with the yes of its language, with or without its accent",
  ignore: lacksTmux,
  async fn() {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(join(folder, "config.jsonc"), '{ "language": "es", "services": {} }');
      await livecue(folder, "init");
      for (
        const [answer, told] of [["no", /No se borró nada\./], ["si", /livecue\.db se borró\./]] as const
      ) {
        await withTerminal(folder, { size: small }, async (terminal) => {
          await terminal.livecue("reset");
          await terminal.shows(/Escribe sí para borrar:/);
          await terminal.type(answer);
          await terminal.press("Enter");
          await terminal.shows(told);
          await terminal.ended();
        });
      }
    });
  },
});
