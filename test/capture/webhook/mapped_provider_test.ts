import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { valueAt } from "../../../src/capture/json_pointer.ts";
import type { PaymentMap } from "../../../src/capture/webhook/mapping.ts";
import { parseJson } from "../../../src/capture/webhook/provider.ts";
import { signedHeaders, WebhookSourceUnderTest } from "../../support/webhook_source.ts";

const secret = `whsec_${Buffer.from("the key of the shop").toString("base64")}`;
const key = Buffer.from("the key of the shop");

const donation: PaymentMap = {
  type: "DonationEvent",
  amount: "/data/amount",
  currency: "/data/currency",
  message: "/data/note",
  user: "/data/name",
  id: "/id",
  test: "/test",
};
const paid = { id: 7, test: false, data: { amount: 300, currency: "EUR", note: "hi", name: "Ana" } };

function shop(map: PaymentMap, given = secret): WebhookSourceUnderTest {
  return new WebhookSourceUnderTest({ providers: [{ kind: "mapped", name: "shop", secret: given, map }] });
}

async function post(source: WebhookSourceUnderTest, body: string, id?: string) {
  return await source.post("/shop", body, signedHeaders(body, { key, id, at: source.clock.now() }));
}

async function eventOf(map: PaymentMap, body: unknown, id?: string) {
  await using source = shop(map);
  const { status, text } = await post(source, typeof body === "string" ? body : JSON.stringify(body), id);
  assert.equal(status, 200, text);
  return (await source.event(1)).event;
}

async function refusalOf(map: PaymentMap, body: unknown): Promise<string> {
  await using source = shop(map);
  const { status, text } = await post(source, typeof body === "string" ? body : JSON.stringify(body));
  assert.equal(status, 422, text);
  assert.equal(source.events.length, 0);
  // It is counted, and shown with the source.
  await source.until(() =>
    source.states.some((state) => state.phase === "listening" && /1 refused/.test(state.title))
  );
  return text;
}

Deno.test("A donation of a shop has what the map says", async () => {
  const event = await eventOf(donation, paid);
  assert.equal(event.type, "DonationEvent");
  assert.deepEqual(event.data, {
    amount: 300,
    currency: "EUR",
    provider: "shop",
    message: "hi",
    isPublic: true,
  });
  assert.deepEqual([event.messageId, event.isTest], ["shop:7", false]);
  assert.deepEqual([event.user.id, event.user.nickname], ["shop:ana", "Ana"]);
});

Deno.test("A payment without an id of its own is known by its webhook-id", async () => {
  const { id: _, test: __, ...map } = donation;
  assert.equal((await eventOf(map, paid, "msg_2KWP")).messageId, "shop:msg_2KWP");
  const long = await eventOf(map, paid, "m".repeat(300));
  assert.equal(long.messageId?.length, 37);
});

Deno.test("A membership and an order are mapped with what is theirs", async () => {
  const membership = await eventOf({
    type: "MembershipEvent",
    amount: "/price",
    currency: { const: "KWD" },
    tier: "/plan/0/title",
    months: "/month",
    action: { pointer: "/event", values: { "sub.new": "started", "sub.paid": "renewed" } },
    user: "/name",
    user_id: "/customer",
  }, { price: "1.5", plan: [{ title: "Gold" }], month: 4, event: "sub.paid", name: "Ana", customer: 99 });
  assert.deepEqual(membership.data, {
    amount: 1500,
    currency: "KWD",
    provider: "shop",
    tier: "Gold",
    months: 4,
    action: "renewed",
  });
  assert.equal(membership.user.id, "shop:99");
  const order = await eventOf({
    type: "OrderEvent",
    amount: "/total",
    currency: { const: "EUR" },
    items: { list: "/lines", name: "/title", count: "/n" },
  }, { total: 12.5, lines: [{ title: "Mug", n: 2 }, { title: "Cap", n: 1 }] });
  assert.deepEqual(order.data, {
    amount: 1250,
    currency: "EUR",
    provider: "shop",
    items: [{ name: "Mug", count: 2 }, { name: "Cap", count: 1 }],
    message: "",
  });
});

Deno.test("The type may stand in what is posted, in the sender's words; what the map leaves out makes no event", async () => {
  const map: PaymentMap = {
    ...donation,
    type: { pointer: "/kind", values: { tip: "DonationEvent", "order.paid": "OrderEvent" } },
  };
  assert.equal((await eventOf(map, { ...paid, kind: "order.paid" })).type, "OrderEvent");
  assert.equal(
    (await eventOf({ ...donation, type: "/kind" }, { ...paid, kind: "DonationEvent" })).type,
    "DonationEvent",
  );
  await using source = shop(map);
  for (const kind of ["order.refunded", "constructor", null]) {
    assert.equal((await post(source, JSON.stringify({ ...paid, kind }))).status, 200);
  }
  assert.equal(source.events.length, 0);
});

Deno.test("Whole numbers are cents, decimals and texts are not, and all are exact", async () => {
  const map: PaymentMap = { type: "DonationEvent", amount: "/a", currency: "/c" };
  const cases: [string, string, number, PaymentMap["amount_unit"]?][] = [
    ["300", "EUR", 300],
    ["3.00", "EUR", 300],
    ["3.5", "EUR", 350],
    ["4.35", "EUR", 435],
    ['"3.00"', "EUR", 300],
    ['"3"', "EUR", 300],
    ['"500"', "JPY", 500],
    ["1.234", "KWD", 1234],
    ["3", "EUR", 300, "major"],
    ['"300"', "EUR", 300, "minor"],
    ["0", "EUR", 0],
  ];
  for (const [amount, currency, minor, unit] of cases) {
    const { data } = await eventOf(
      unit === undefined ? map : { ...map, amount_unit: unit },
      `{"a":${amount},"c":"${currency}"}`,
    );
    assert.ok("currency" in data);
    assert.equal(data.amount, minor, `${amount} ${currency}`);
  }
});

Deno.test("Amounts below 0, finer than the currency or beyond all measure are refused", async () => {
  const map: PaymentMap = { type: "DonationEvent", amount: "/a", currency: "/c" };
  const amounts = [
    "-1",
    '"-3.00"',
    "3.005",
    "1e3",
    "1e400",
    "900000000000",
    '"3,00"',
    '""',
    "true",
    "null",
    "{}",
    "[3]",
  ];
  for (const amount of amounts) {
    assert.match(await refusalOf(map, `{"a":${amount},"c":"EUR"}`), /"amount"/, amount);
  }
  assert.match(await refusalOf(map, `{"a":0.5,"c":"JPY"}`), /"amount"/);
});

Deno.test("A request that lacks a mapped value is refused with its place, unless the map has a default", async () => {
  const sentence = await refusalOf(donation, { ...paid, data: { ...paid.data, note: undefined } });
  assert.equal(sentence, 'There is no value at /data/note, which the map uses as "message".\n');
  const lenient: PaymentMap = { ...donation, message: { pointer: "/data/note", default: "" } };
  const { data } = await eventOf(lenient, { ...paid, data: { ...paid.data, note: undefined } });
  assert.ok("message" in data);
  assert.equal(data.message, "");
  // Who writes nothing often sends null.
  await eventOf(donation, { ...paid, data: { ...paid.data, note: null, name: null }, test: null });
});

Deno.test("What stands at a place and does not fit is refused, and never repeated", async () => {
  for (
    const [field, changes] of [
      ["message", { data: { ...paid.data, note: { geheim: 1 } } }],
      ["user", { data: { ...paid.data, name: ["geheim"] } }],
      ["currency", { data: { ...paid.data, currency: "geheim" } }],
      ["test", { test: "geheim" }],
    ] as const
  ) {
    const text = await refusalOf(donation, { ...paid, ...changes });
    assert.match(text, new RegExp(`"${field}"`));
    assert.doesNotMatch(text, /geheim/);
  }
  assert.match(await refusalOf({ ...donation, type: "/id" }, paid), /"type"/);
  assert.match(await refusalOf({ type: "MembershipEvent", action: "/id" }, paid), /"action"/);
});

Deno.test("A test payment is a test event, and what is not public is not kept", async () => {
  const event = await eventOf({ ...donation, public: "/public" }, { ...paid, test: true, public: false });
  assert.equal(event.isTest, true);
  assert.ok(event.type === "DonationEvent");
  assert.deepEqual([event.data.message, event.data.isPublic], ["", false]);
});

Deno.test("An e-mail address that the map takes for a name or an id is not kept", async () => {
  const { user } = await eventOf({ ...donation, user: "/mail", user_id: "/mail" }, {
    ...paid,
    mail: "ana@example.com",
  });
  assert.deepEqual([user.id, user.nickname], ["", ""]);
});

Deno.test("Signatures are those of Standard Webhooks: one of several fits, within five minutes", async () => {
  await using source = shop(donation);
  const body = JSON.stringify(paid);
  const at = (leadMs: number) => signedHeaders(body, { key, at: source.clock.now() + leadMs });
  const good = at(0);
  const several = { ...good, "webhook-signature": `v1a,other v1,bm9uZQ== ${good["webhook-signature"]}` };
  for (const headers of [good, several, at(-299_000), at(299_000)]) {
    assert.equal((await source.post("/shop", body, headers)).status, 200);
  }
  const { "webhook-signature": _, ...unsigned } = good;
  for (
    const headers of [
      {},
      unsigned,
      at(-301_000),
      at(302_000),
      { ...good, "webhook-id": "msg_other" },
      { ...good, "webhook-timestamp": "1e9" },
      { ...good, "webhook-signature": good["webhook-signature"]!.replace("v1,", "v2,") },
      signedHeaders(body, { key: "another", at: source.clock.now() }),
    ]
  ) assert.equal((await source.post("/shop", body, headers)).status, 401);
  assert.equal((await source.post("/shop", `${body} `, good)).status, 401);
  assert.equal(source.events.length, 4);
});

Deno.test("A secret without whsec_ is the key itself", async () => {
  await using source = shop(donation, "plain secret");
  const body = JSON.stringify(paid);
  const headers = signedHeaders(body, { key: "plain secret", at: source.clock.now() });
  assert.equal((await source.post("/shop", body, headers)).status, 200);
});

Deno.test("A pointer finds what RFC 6901 says, and nothing of an object's own nature", () => {
  const document = { foo: ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, " ": 7 };
  for (
    const [pointer, value] of [
      ["/foo", ["bar", "baz"]],
      ["/foo/0", "bar"],
      ["/", 0],
      ["/a~1b", 1],
      ["/c%d", 2],
      ["/m~0n", 8],
      ["/ ", 7],
      ["/foo/01", undefined],
      ["/foo/-", undefined],
      ["/foo/length", undefined],
      ["/constructor", undefined],
      ["/__proto__", undefined],
      ["/foo/0/0", undefined],
    ] as const
  ) assert.deepEqual(valueAt(document, pointer), value, pointer);
  fc.assert(fc.property(fc.string(), fc.integer(), (name, value) => {
    const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    assert.equal(valueAt({ ["x" + name]: value }, pointer.replace("/", "/x")), value);
  }));
});

Deno.test("Long numbers keep all their digits", async () => {
  assert.equal(String(valueAt(parseJson('{"id":12345678901234567890}'), "/id")), "12345678901234567890");
  const { messageId } = await eventOf(
    donation,
    JSON.stringify(paid).replace('"id":7', '"id":12345678901234567890'),
  );
  assert.equal(messageId, "shop:12345678901234567890");
});
