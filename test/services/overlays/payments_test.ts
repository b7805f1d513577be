/// <reference lib="dom" />
/** Donations, memberships and orders, in alerts, goals and the ticker. */
import assert from "node:assert/strict";
import { optionsSchema } from "../../../services/overlays/options.ts";
import { makeEvent } from "../../support/events.ts";
import { OverlayPage, startOverlays } from "../../support/overlays.ts";
import { donation, viewer } from "../../support/overlay_events.ts";
import { openPage, testPages, waitForTexts } from "../../support/overlays_under_test.ts";
import type { EventDataByType, LiveEvent } from "../../../src/event.ts";

const payment = { amount: 500, currency: "EUR", provider: "kofi" };

function membership(nickname: string, given: Partial<EventDataByType["MembershipEvent"]> = {}): LiveEvent {
  return makeEvent<"MembershipEvent">({
    type: "MembershipEvent",
    user: viewer(nickname),
    data: { ...payment, tier: "Gold", months: 1, action: "started", ...given },
  });
}

function order(nickname: string, items: { name: string; count: number }[]): LiveEvent {
  return makeEvent<"OrderEvent">({
    type: "OrderEvent",
    user: viewer(nickname),
    data: { ...payment, items, message: "Send it to 1 Main Street" },
  });
}

const words = ".placed:not(.leaving) .words";

testPages(
  "Donations, memberships and orders are alerts with words of their own",
  async ({ page, overlays }) => {
    const { feed } = overlays.tested;
    await openPage(page, overlays.url, "/alerts?duration=0.5&volume=0");
    const cases: [LiveEvent, string][] = [
      [donation("Ana"), "donated €5!"],
      [donation("Ana", { amount: 1250, message: "Great show" }), "donated €12.50: Great show"],
      [donation("Ana", { amount: 500, currency: "JPY" }), "donated ¥500!"],
      [donation("Ana", { amount: 0 }), "donated!"],
      [donation("Ana", { currency: "coffees <b>" }), "donated 5!"],
      [membership("Bo"), "joined Gold!"],
      [membership("Bo", { action: "renewed", months: 3 }), "renewed Gold for month 3!"],
      [order("Cy", [{ name: "Mug", count: 2 }, { name: "Cap", count: 1 }]), "ordered Mug ×2, Cap!"],
      [order("Cy", []), "ordered for €5!"],
    ];
    for (const [index, [event, text]] of cases.entries()) {
      const ended = feed.add(index + 1, event);
      await waitForTexts(page, words, [text]);
      await ended;
    }
    assert.doesNotMatch(await page.content(), /Main Street/);
  },
);

Deno.test("A private message is shown nowhere, whatever a rule says", async () => {
  const rules = [{ when: "DonationEvent", do: { text: "{user}: {comment}" } }];
  const { tested, url } = await startOverlays({ rules });
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  void tested.feed.add(1, donation("Ana", { message: "my secret", isPublic: false }));
  const event = await page.heard("event");
  assert.deepEqual([event.comment, event.alert?.text.trim()], ["", "Ana:"]);
  assert.doesNotMatch(JSON.stringify(page.messages), /secret/);
  assert.doesNotMatch(JSON.stringify([...tested.feed.state]), /secret/);
});

Deno.test("That a membership is over is told to nobody", async () => {
  const { tested, url } = await startOverlays();
  await using _ = tested;
  await using page = await OverlayPage.open(url, "?wants=alerts");
  assert.equal((await tested.feed.add(1, membership("Bo", { action: "ended" }))).kind, "completed");
  await tested.feed.say(2, "hello");
  assert.equal((await page.heard("event")).id, 2);
});

Deno.test("Donations are summed by currency; memberships, orders and tests are none", async () => {
  const { tested, url } = await startOverlays({ wait_for_alerts: false });
  await using _ = tested;
  const events = [
    donation("Ana", { amount: 250 }),
    donation("Bo", { amount: 300, isPublic: false }),
    donation("Cy", { amount: 1000, currency: "usd" }),
    donation("Di", { amount: 9, currency: "__proto__" }),
    { ...donation("Ed", { amount: 7777 }), isTest: true },
    membership("Fe"),
    order("Gi", []),
  ];
  for (const [index, event] of events.entries()) await tested.feed.add(index + 1, event);
  await using page = await OverlayPage.open(url);
  assert.deepEqual(page.hello.totals.donations, { EUR: 550, USD: 1000 });
});

const goals = [{
  name: "desk",
  of: "donations",
  currency: "eur",
  target: "100",
  title: "New desk",
  start: 2000,
}];

testPages(
  "A goal of donations counts those of its currency, in whole units",
  async ({ page, browser, overlays }) => {
    const { feed } = overlays.tested;
    await page.goto(`${overlays.url}/goal?name=desk`);
    await waitForTexts(page, "#now", ["€20"]);
    await waitForTexts(page, "#target", ["€100"]);
    await feed.add(1, donation("Ana", { amount: 1250 }));
    await feed.add(2, donation("Bo", { amount: 99_900, currency: "USD" }));
    await waitForTexts(page, "#now", ["€32.50"]);
    assert.equal(await page.evaluate(() => document.getElementById("bar")?.style.width), "32.5%");
    await feed.add(3, donation("Cy", { amount: 6750 }));
    await page.waitForSelector("#goal.full.celebrating");
    const other = await browser.newPage();
    await other.goto(`${overlays.url}/goal?of=donations&currency=usd&target=2000`);
    await waitForTexts(other, "#title", ["Donations"]);
    await waitForTexts(other, "#now", ["$999"]);
  },
  { goals },
);

Deno.test("A goal of donations says its currency, and no other does", () => {
  const problem = (goal: Record<string, unknown>) =>
    optionsSchema.safeParse({ goals: [{ name: "desk", target: 100, ...goal }] }).error?.issues[0]?.message;
  assert.match(problem({ of: "donations" }) ?? "", /set the currency of the goal/);
  assert.match(problem({ of: "likes", currency: "EUR" }) ?? "", /remove it/);
  assert.match(problem({ of: "donations", currency: "euros" }) ?? "", /three letters/);
  assert.match(problem({ of: "likes", target: "100.00" }) ?? "", /without quotes, such as 100/);
  assert.match(problem({ of: "donations", currency: "EUR", target: "a lot" }) ?? "", /an amount in quotes/);
  assert.equal(problem({ of: "donations", currency: "EUR" }), undefined);
  assert.equal(problem({ of: "donations", currency: "EUR", target: "99.90" }), undefined);
});

testPages("The ticker has payments, too", async ({ page, overlays }) => {
  const { feed } = overlays.tested;
  await page.goto(`${overlays.url}/ticker`);
  await feed.add(1, donation("Ana"));
  await feed.add(2, membership("Bo"));
  await feed.add(3, order("Cy", [{ name: "Mug", count: 1 }]));
  await waitForTexts(page, ".entry .words", ["ordered Mug", "Gold", "donated €5"]);
});
