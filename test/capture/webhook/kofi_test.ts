import assert from "node:assert/strict";
import type { ProviderSettings } from "../../../src/capture/webhook/providers.ts";
import { kofiBody, WebhookSourceUnderTest } from "../../support/webhook_source.ts";

const providers: ProviderSettings[] = [{ kind: "kofi", name: "kofi", token: "kofi-token" }];

/** What becomes of one payment. */
async function eventOf(changes: Record<string, unknown> = {}) {
  await using source = new WebhookSourceUnderTest({ providers });
  const { status, text } = await source.post("/kofi", kofiBody(changes));
  assert.equal(status, 200, text);
  return (await source.event(1)).event;
}

/** The answer to one that is refused. */
async function refusalOf(body: BodyInit) {
  await using source = new WebhookSourceUnderTest({ providers });
  const answer = await source.post("/kofi", body);
  assert.equal(source.events.length, 0);
  return answer;
}

Deno.test("A donation has its amount, message and giver, and is known by its message_id", async () => {
  const event = await eventOf();
  assert.equal(event.type, "DonationEvent");
  assert.deepEqual(event.data, {
    amount: 300,
    currency: "USD",
    provider: "kofi",
    message: "Good luck!",
    isPublic: true,
  });
  assert.equal(event.messageId, "kofi:3a1fac0c-f960-4506-a60e-824979a74e74");
  assert.deepEqual([event.user.id, event.user.nickname], ["kofi:jo example", "Jo Example"]);
  assert.equal(event.isTest, false);
});

Deno.test("A donation from long ago that comes now is new", async () => {
  const { createdAt, isHistory } = await eventOf({ timestamp: "2020-01-01T00:00:00Z" });
  assert.deepEqual([createdAt, isHistory], [null, undefined]);
});

Deno.test("The message of one who is not public is not kept; Ko-fi does not ask to hide the name", async () => {
  for (const type of ["Donation", "Shop Order", "Commission"]) {
    const { data, user } = await eventOf({ type, is_public: false });
    assert.ok("message" in data);
    assert.equal(data.message, "");
    assert.equal(user.nickname, "Jo Example");
    if ("isPublic" in data) assert.equal(data.isPublic, false);
  }
});

Deno.test("What Ko-fi's test buttons send is a test event", async () => {
  const { isTest } = await eventOf({ kofi_transaction_id: "00000000-1111-2222-3333-444444444444" });
  assert.equal(isTest, true);
});

Deno.test("A subscription begins, and is renewed", async () => {
  const subscription = { type: "Subscription", is_subscription_payment: true, tier_name: "Gold" };
  const first = await eventOf({ ...subscription, is_first_subscription_payment: true });
  assert.equal(first.type, "MembershipEvent");
  const paid = { amount: 300, currency: "USD", provider: "kofi" };
  assert.deepEqual(first.data, { ...paid, tier: "Gold", months: 1, action: "started" });
  const next = await eventOf(subscription);
  assert.deepEqual(next.data, { ...paid, tier: "Gold", months: 0, action: "renewed" });
});

Deno.test("A shop order has its items, a commission is an order of one", async () => {
  const order = await eventOf({
    type: "Shop Order",
    shop_items: [
      { direct_link_code: "1a2b3c4d5e", variation_name: "Blue", quantity: 2 },
      { direct_link_code: "a1b2c3d4e5" },
    ],
  });
  assert.equal(order.type, "OrderEvent");
  assert.deepEqual(order.data, {
    amount: 300,
    currency: "USD",
    provider: "kofi",
    items: [{ name: "1a2b3c4d5e (Blue)", count: 2 }, { name: "a1b2c3d4e5", count: 1 }],
    message: "Good luck!",
  });
  const commission = await eventOf({ type: "Commission" });
  assert.ok(commission.type === "OrderEvent");
  assert.deepEqual(commission.data.items, [{ name: "Commission", count: 1 }]);
});

Deno.test("An amount is converted by its currency", async () => {
  for (const [amount, currency, minor] of [["500", "JPY", 500], ["1.5", "KWD", 1500], [4.35, "eur", 435]]) {
    const { data } = await eventOf({ amount, currency });
    assert.ok("amount" in data);
    assert.equal(data.amount, minor);
  }
});

Deno.test("Text is cleaned, and nobody's e-mail address is kept, wherever it stands", async () => {
  const { data, user } = await eventOf({
    from_name: "jo.example@example.com",
    message: "\u001b[31mwrite to jo\u200b.example@example.com\u202e",
  });
  assert.ok(data !== null && "message" in data);
  assert.equal(data.message, "write to …");
  assert.deepEqual([user.id, user.nickname], ["", ""]);
});

Deno.test("Those who gave no name are not one person", async () => {
  for (const from_name of ["Ko-fi Supporter", "", null, "Somebody"]) {
    assert.equal((await eventOf({ from_name })).user.id, "");
  }
});

Deno.test("A wrong token is refused with 401, whatever else the request holds", async () => {
  for (const verification_token of ["guess", "", null, 5, undefined, "kofi-token ", ["kofi-token"]]) {
    const { status, text } = await refusalOf(kofiBody({ verification_token, amount: "?" }));
    assert.equal(status, 401);
    assert.doesNotMatch(text, /kofi-token|guess/);
  }
});

Deno.test("What is not in Ko-fi's form is refused with a sentence that repeats none of it", async () => {
  const nested = "[".repeat(40_000);
  const cases: [BodyInit, number][] = [
    ["", 400],
    ["{}", 400],
    [new URLSearchParams({ data: "{geheim" }), 400],
    [new URLSearchParams({ data: nested + nested.replaceAll("[", "]") }), 400],
    [new URLSearchParams({ data: "null" }), 401],
    [kofiBody({ amount: "-3.00" }), 422],
    [kofiBody({ amount: "1e30" }), 422],
    [kofiBody({ amount: null }), 422],
    [kofiBody({ amount: "99999999999999.00" }), 422],
    [kofiBody({ currency: "Dollar" }), 422],
    [kofiBody({ message_id: "" }), 422],
    [kofiBody({ type: "Geheim" }), 422],
    [kofiBody({ from_name: { geheim: 1 } }), 422],
  ];
  for (const [body, expected] of cases) {
    const { status, text } = await refusalOf(body);
    assert.equal(status, expected, text);
    assert.match(text, /^[A-Z].*\.\n$/);
    assert.doesNotMatch(text, /geheim/i);
  }
});
