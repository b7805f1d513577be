import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";

function parse(providers: unknown, more: Record<string, unknown> = {}) {
  const sources = {
    main: { type: "tiktok", user: "ana" },
    tips: { type: "webhook", for: "main", providers, ...more },
  };
  const config = parseConfig(JSON.stringify({ sources }, null, 2), { path: "/live/config.jsonc" });
  const tips = config.sources[1];
  assert.ok(tips?.type === "webhook");
  return tips.settings;
}

const shop = (map: Record<string, unknown>) => ({ shop: { secret: "s", map } });
const price = { amount: "/amount", currency: { const: "EUR" } };

Deno.test("A webhook source listens on this computer's port 7423 unless told otherwise", () => {
  const { host, port, for: follows } = parse({ kofi: { token: "t" } });
  assert.deepEqual([host, port, follows], ["127.0.0.1", 7423, "main"]);
});

Deno.test("Providers are known by their key: kofi, patreon, and any other name", () => {
  const map = { type: "DonationEvent", ...price };
  const { providers } = parse({
    kofi: { token: "t" },
    patreon: { secret_env: "P" },
    shop: { secret_file: "f", map },
  });
  assert.deepEqual(providers, [
    { kind: "kofi", name: "kofi", token: "t" },
    { kind: "patreon", name: "patreon", secret_env: "P", currency: "USD" },
    { kind: "mapped", name: "shop", secret_file: "f", map },
  ]);
});

Deno.test("A mistake in a secret is told with its place, and the secret never is", () => {
  const cases: [unknown, RegExp][] = [
    [{ kofi: {} }, /providers\.kofi: .*"token", "token_env" or "token_file"/],
    [{ kofi: { token: 1234567 } }, /providers\.kofi: .*"token" is a text in double quotes/],
    [{ kofi: { token: "" } }, /not empty/],
    [{ kofi: { token: ["1234567"] } }, /"token" is a text/],
    [{ kofi: { token: "1234567", token_env: "T" } }, /only one of token, token_env, token_file/],
    [{ kofi: { tokn: "1234567" } }, /did you mean "token"/],
    [{ kofi: "1234567" }, /providers\.kofi: found a text; allowed: a block/],
    [{ patreon: { secret: "s", currency: "Euro" } }, /found "Euro"; allowed: a currency code/],
    [{ patreon: { secret: 1234567 } }, /providers\.patreon: .*"secret" is a text/],
    [
      { shop: { secret: 1234567, map: { type: "DonationEvent", ...price } } },
      /providers\.shop: .*"secret" is a text/,
    ],
  ];
  for (const [providers, sentence] of cases) {
    assert.throws(() => parse(providers), (error: Error) => {
      assert.match(error.message, sentence);
      assert.doesNotMatch(error.message, /1234567/);
      return true;
    });
  }
});

Deno.test("A mistake in a map is told with its place and what would be right", () => {
  const cases: [Record<string, unknown>, RegExp][] = [
    [{ ...price }, /map\.type: missing; required: DonationEvent or MembershipEvent or OrderEvent/],
    [{ type: "DonationEven", ...price }, /:\d+:\d+: .*map\.type: found a text; allowed: DonationEvent/],
    [{ type: { pointer: "/t", values: { a: "Gift" } }, ...price }, /map\.type: /],
    [{ type: "DonationEvent" }, /map\.amount: missing[^]*map\.currency: missing/],
    [{ type: "MembershipEvent", amount: "/a" }, /map\.currency: missing/],
    [
      { type: "MembershipEvent", message: "/m" },
      /map\.message: .*nothing: a MembershipEvent has no "message", only .*tier/,
    ],
    [{ type: "DonationEvent", ...price, tier: "/t" }, /a DonationEvent has no "tier"/],
    [{ type: "DonationEvent", ...price, massage: "/m" }, /massage: unknown key, did you mean "message"/],
    [
      { type: "DonationEvent", ...price, amount: "data.amount" },
      /found a text; allowed: a JSON pointer such as/,
    ],
    [{ type: "DonationEvent", ...price, amount: "/a~2" }, /a JSON pointer such as/],
    [{ type: "DonationEvent", ...price, amount: { pointer: "/a", defalt: 1 } }, /"default": …/],
    [{ type: "DonationEvent", ...price, currency: { const: "euro" } }, /a currency code/],
    [{ type: "DonationEvent", ...price, test: { const: "yes" } }, /true or false/],
    [{ type: "DonationEvent", ...price, amount_unit: "cent" }, /"minor" or "major"/],
    [{ type: "MembershipEvent", action: { const: "new" } }, /started or renewed or changed or ended/],
    [{ type: "MembershipEvent", action: { pointer: "/e", values: { a: "new" } } }, /values that are started/],
    [{ type: "OrderEvent", ...price, items: "/items" }, /"list": POINTER/],
  ];
  for (const [map, sentence] of cases) assert.throws(() => parse(shop(map)), { message: sentence });
});

Deno.test("What a map may hold is taken as it is", () => {
  const maps = [
    { type: "/type", ...price, message: "/m", tier: "/t" },
    { type: "MembershipEvent" },
    { type: { pointer: "/t", values: { paid: "OrderEvent" } }, ...price, items: { list: "/i", name: "/n" } },
    {
      type: "DonationEvent",
      ...price,
      message: { pointer: "/m", default: "" },
      public: { const: true },
      amount_unit: "major",
    },
  ];
  for (const map of maps) {
    const [provider] = parse(shop(map)).providers;
    assert.ok(provider?.kind === "mapped");
    assert.deepEqual(provider.map, map);
  }
});

Deno.test("A provider needs a name that can be a path, and there must be one", () => {
  assert.throws(() => parse({}), { message: /at least one provider/ });
  for (const name of ["Shop", "my shop", "a/b", "x".repeat(25), "1"]) {
    const named = { [name]: shop({ type: "DonationEvent", ...price }).shop };
    assert.throws(() => parse(named), { message: /a name of at most 24 lower-case letters/ }, name);
  }
});
