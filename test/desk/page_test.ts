/// <reference lib="dom" />
import assert from "node:assert/strict";
import { parse } from "jsonc-parser";
import type { Page } from "puppeteer-core";
import { english, speak } from "../../src/language.ts";
import { lacksBrowser, withPage } from "../support/browser.ts";
import { readCatalogues } from "../support/catalogues.ts";
import { type DeskUnderTest, withDesk } from "../support/desk_under_test.ts";
import { makeEvent, makeGift } from "../support/events.ts";

const hostile = `<img src=x onerror="document.title='owned'">\u202eevil "'&`;
const events = [
  makeGift({ id: 1 }),
  makeEvent({
    id: 2,
    messageId: "2",
    user: { id: "7", uniqueId: "x", nickname: hostile, avatarUrl: "", roles: [] },
  }),
];

function testDesk(
  name: string,
  use: (parts: { page: Page; desk: DeskUnderTest; rules(): Record<string, unknown>[] }) => Promise<void>,
): void {
  Deno.test({
    name: lacksBrowser ? `${name} (there is no browser)` : name,
    ignore: lacksBrowser,
    fn: () =>
      withDesk({ rules: "[]", events }, (desk) =>
        withPage(async (page) => {
          const errors: unknown[] = [];
          page.on("pageerror", (error) => errors.push(error));
          await page.goto(desk.url);
          await page.waitForSelector("#services button");
          await use({ page, desk, rules: () => parse(desk.config()).services.greeter.options.rules });
          assert.deepEqual(errors, []);
        })),
  });
}

/** Presses Tab until what has the focus has this name. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 60; presses++) {
    await page.keyboard.press("Tab");
    const focused = await page.evaluate(() => {
      const { activeElement: element } = document;
      const label = element && "labels" in element
        ? (element.labels as NodeList | null)?.[0]?.textContent
        : null;
      return element?.getAttribute("aria-label") ?? label ?? element?.textContent ?? "";
    });
    if (focused === name) return;
  }
  assert.fail(`nothing named "${name}" gets the focus`);
}

/** Chooses in the list that has the focus. */
async function choose(page: Page, text: string): Promise<void> {
  await page.keyboard.type(text);
}

testDesk("A streamer writes, changes and deletes a rule with the keyboard alone", async ({ page, rules }) => {
  await tabTo(page, "Add a rule");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".editor");
  await choose(page, "Comment");
  await tabTo(page, "Say");
  await page.keyboard.type("hello {user}");
  await tabTo(page, "Add to Rule");
  await choose(page, "If");
  await tabTo(page, "Add it to Rule");
  await page.keyboard.press("Enter");
  await choose(page, "Text has");
  await tabTo(page, "Add it to If");
  await page.keyboard.press("Enter");
  await page.keyboard.type("hello");
  await page.waitForFunction(() =>
    document.querySelector(".matches h3")?.textContent?.startsWith("It matches 1 of")
  );
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#status")?.textContent?.includes("is saved"));
  assert.deepEqual(rules(), [{ when: "CommentEvent", if: { words: "hello" }, do: { say: "hello {user}" } }]);

  await tabTo(page, "Edit rule 1");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".card .editor");
  await tabTo(page, "Edit as text");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".editor textarea");
  await page.keyboard.down("Control");
  await page.keyboard.press("End");
  await page.keyboard.up("Control");
  await page.keyboard.press("Backspace");
  await page.keyboard.type(', "otherwise": true }');
  await page.keyboard.down("Control");
  await page.keyboard.press("s");
  await page.keyboard.up("Control");
  await page.waitForFunction(() => document.querySelector(".summary")?.textContent?.includes("otherwise"));
  assert.equal(rules()[0]?.["otherwise"], true);

  await tabTo(page, "Delete rule 1");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".card").length === 0);
  assert.deepEqual(rules(), []);
});

testDesk("The name of a gift is typed where its condition was added", async ({ page, rules }) => {
  await tabTo(page, "Add a rule");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".editor");
  await choose(page, "Gift");
  await tabTo(page, "Say");
  await page.keyboard.type("a rose");
  await tabTo(page, "Add to Rule");
  await choose(page, "If");
  await tabTo(page, "Add it to Rule");
  await page.keyboard.press("Enter");
  await choose(page, "Gift is");
  await tabTo(page, "Add it to If");
  await page.keyboard.press("Enter");
  await page.keyboard.type("Rose");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector("#status")?.textContent?.includes("is saved"));
  assert.deepEqual(rules(), [{ when: "GiftEvent", if: { gift: "Rose" }, do: { say: "a rose" } }]);
});

testDesk("A mistake is told while it is written, and what was written stays", async ({ page, rules }) => {
  await tabTo(page, "Add a rule");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".editor");
  await choose(page, "Gift");
  await tabTo(page, "Say");
  await page.keyboard.type("{nobody}");
  await page.waitForFunction(() => document.querySelector(".mistakes")?.textContent?.includes("nobody"));
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".mistakes")?.textContent?.includes("not saved"));
  assert.equal(await page.$eval(".editor input", ({ value }) => value), "{nobody}");
  assert.deepEqual(rules(), []);
});

testDesk("On a phone nothing is wider than the screen, and a hostile name is only text", async ({ page }) => {
  await page.setViewport({ width: 390, height: 844 });
  await page.evaluate(() => document.querySelector<HTMLButtonElement>("main > button")?.click());
  await page.waitForSelector(".editor select");
  await page.select(".editor select", "2");
  await page.select(
    ".editor select",
    await page.$eval(
      ".editor select",
      (select) => [...select.options].find(({ textContent }) => textContent === "Comment")?.value ?? "",
    ),
  );
  await page.waitForFunction(() => document.querySelector(".matches li")?.textContent?.includes("<img"));
  assert.equal(await page.title(), "Rules of Livecue");
  const widths = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok((widths[0] as number) <= (widths[1] as number), String(widths));
  assert.equal(await page.$eval(".matches", (list) => list.querySelector("img")), null);
});

Deno.test({
  name: "The desk is in the spoken language",
  ignore: lacksBrowser,
  async fn() {
    const catalogue = (await readCatalogues()).get("es") ?? {};
    speak({ tag: "es", catalogue });
    try {
      const rules = '[{ "when": "GiftEvent", "if": { "gift": "Rose" }, "do": { "say": "hola" } }]';
      await withDesk({ rules, events }, (desk) =>
        withPage(async (page) => {
          await page.goto(desk.url);
          await page.waitForSelector(".card button");
          const textsOf = (selector: string) =>
            page.$$eval(selector, (found) => found.map((each) => each.textContent));
          assert.deepEqual(await textsOf("h1, .summary"), ["Reglas", "Regalo · gift: Rose → say: hola"]);
          assert.deepEqual(
            await textsOf("main button"),
            ["Editar", "Probar", "Subir", "Bajar", "Borrar", "Añadir una regla"],
          );
          await page.click(".card button");
          await page.waitForSelector(".matches li");
          assert.deepEqual((await textsOf(".editor > .actions button")).slice(0, 3), [
            "Guardar",
            "Cancelar",
            "Editar como texto",
          ]);
          assert.deepEqual(await textsOf(".matches h3"), [
            "Cuadra con 1 de los últimos 1 eventos de estos tipos, sin contar las pausas.",
          ]);
        }));
    } finally {
      speak(english);
    }
  },
});
