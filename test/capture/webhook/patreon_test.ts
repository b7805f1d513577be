import assert from "node:assert/strict";
import type { ProviderSettings } from "../../../src/capture/webhook/providers.ts";
import { patreonHeaders, WebhookSourceUnderTest } from "../../support/webhook_source.ts";

const providers: ProviderSettings[] = [{
  kind: "patreon",
  name: "patreon",
  currency: "EUR",
  secret: "patreon-secret",
}];
/** The clock of the tests begins on 2023-11-14 22:13 UTC. */
const today = "2023-11-14T20:00:00.000+00:00";

interface Changes {
  id?: string | null;
  attributes?: Record<string, unknown>;
  tiers?: string[];
}

function memberBody({ id = "38c264ba", attributes = {}, tiers = ["2", "1"] }: Changes = {}): string {
  return JSON.stringify({
    data: {
      type: "member",
      id,
      attributes: {
        email: "kopi@example.com",
        full_name: "Kopi",
        note: "geheim",
        is_follower: false,
        last_charge_date: today,
        last_charge_status: "Paid",
        patron_status: "active_patron",
        pledge_relationship_start: today,
        currently_entitled_amount_cents: 500,
        will_pay_amount_cents: 500,
        lifetime_support_cents: 0,
        ...attributes,
      },
      relationships: {
        address: { data: { id: "9", type: "address" } },
        currently_entitled_tiers: { data: tiers.map((tier) => ({ id: tier, type: "tier" })) },
        user: { data: { id: "111836593", type: "user" } },
      },
    },
    included: [
      { type: "campaign", id: "7", attributes: { patron_count: 5, summary: null } },
      {
        type: "user",
        id: "111836593",
        attributes: { full_name: "Kopi", social_connections: { discord: null } },
      },
      { type: "tier", id: "1", attributes: { title: "Free", amount_cents: 0 } },
      { type: "tier", id: "2", attributes: { title: "Gold", amount_cents: 500 } },
      { type: "tier", id: "3", attributes: { title: "Platinum", amount_cents: 5000 } },
      { type: "address", id: "9", attributes: { line_1: "123 The Street", phone_number: "+44-555-0100" } },
    ],
  });
}

async function post(source: WebhookSourceUnderTest, kind: string, body = memberBody()) {
  return await source.post("/patreon", body, patreonHeaders(body, kind, "patreon-secret"));
}

async function eventOf(kind: string, changes: Changes = {}) {
  await using source = new WebhookSourceUnderTest({ providers });
  assert.equal((await post(source, kind, memberBody(changes))).status, 200);
  return (await source.event(1)).event;
}

Deno.test("A pledge is a membership, with the best of its tiers, its amount and its month", async () => {
  const event = await eventOf("members:pledge:create");
  assert.equal(event.type, "MembershipEvent");
  assert.deepEqual(event.data, {
    amount: 500,
    currency: "EUR",
    provider: "patreon",
    tier: "Gold",
    months: 1,
    action: "started",
  });
  assert.deepEqual([event.user.id, event.user.nickname], ["patreon:111836593", "Kopi"]);
  assert.equal(event.isTest, false);
});

Deno.test("Patreon's own words on the currency go before the config's", async () => {
  const { data } = await eventOf("members:pledge:create", {
    attributes: { campaign_currency: "USD", campaign_pledge_amount_cents: 700 },
  });
  assert.ok("currency" in data);
  assert.deepEqual([data.amount, data.currency], [700, "USD"]);
});

Deno.test("A change, an end and a renewal are told apart", async () => {
  const months = { pledge_relationship_start: "2023-08-20T10:00:00.000+00:00" };
  const cases = [
    ["members:pledge:update", months, "changed", 3],
    ["members:pledge:delete", { ...months, patron_status: "former_patron" }, "ended", 3],
    ["members:delete", months, "ended", 3],
    ["members:update", months, "renewed", 3],
    ["members:update", { ...months, last_charge_date: "2023-10-20T10:00:00.000+00:00" }, "changed", 3],
    ["members:create", { pledge_relationship_start: null, last_charge_status: null }, "started", 0],
  ] as const;
  for (const [kind, attributes, action, count] of cases) {
    const { data } = await eventOf(kind, { attributes });
    assert.ok("action" in data);
    assert.deepEqual([data.action, data.months], [action, count], kind);
  }
});

Deno.test("What Patreon tells twice has one id, and what is new another", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  await post(source, "members:create");
  await post(source, "members:pledge:create");
  await post(source, "members:pledge:create", memberBody({ attributes: { email: "new@example.com" } }));
  await post(source, "members:pledge:create", memberBody({ id: "another" }));
  await post(source, "members:pledge:delete");
  const [created, pledged, again, another, ended] = source.events.map(({ event }) => event.messageId);
  assert.equal(created, pledged);
  assert.equal(created, again);
  assert.equal(new Set([created, another, ended]).size, 3);
});

Deno.test("What Patreon's test button sends has no id of a member, and is a test event", async () => {
  const event = await eventOf("members:pledge:create", { id: null });
  assert.equal(event.isTest, true);
  assert.equal(event.messageId, null);
});

Deno.test("What is no news to viewers is answered 200, and makes no event", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  const declined = memberBody({
    attributes: { last_charge_status: "Declined", patron_status: "declined_patron" },
  });
  for (
    const [kind, body] of [
      ["posts:publish", memberBody()],
      ["", memberBody()],
      ["members:pledge:create", declined],
      ["members:update", declined],
      // The first charge comes with the pledge.
      ["members:update", memberBody()],
    ] as const
  ) assert.equal((await post(source, kind, body)).status, 200, kind);
  assert.equal(source.events.length, 0);
});

Deno.test("A signature that does not fit is refused with 401", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  const body = memberBody();
  const headers = patreonHeaders(body, "members:pledge:create", "patreon-secret");
  for (
    const [sent, given] of [
      [`${body} `, headers],
      [body, {}],
      [body, patreonHeaders(body, "members:pledge:create", "another")],
    ] as const
  ) assert.equal((await source.post("/patreon", sent, { ...given })).status, 401);
  assert.equal((await source.post("/patreon", body, headers)).status, 200);
  assert.equal(source.events.length, 1);
});

Deno.test("What is signed and not in Patreon's form is refused with a sentence", async () => {
  await using source = new WebhookSourceUnderTest({ providers });
  for (const [body, status] of [["{", 400], ["{}", 422], ['{"data":{"id":5}}', 422]] as const) {
    const answer = await post(source, "members:pledge:create", body);
    assert.equal(answer.status, status);
    assert.match(answer.text, /^[A-Z].*\.\n$/);
  }
});
