import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import type { KnownEvent, LiveEvent } from "../../src/event.ts";
import { amountOf, amountSchema, Rules, rulesSchema } from "../../src/kit/rules.ts";
import type { QueueItem } from "../../src/kit/service.ts";
import { makeEvent, makeGift } from "../support/events.ts";
import { MemoryState } from "../support/memory_state.ts";

const schema = rulesSchema(z.string());

type Given = Partial<Pick<QueueItem, "count" | "isFirstOfUser" | "viewer">>;

function read(rules: unknown[]) {
  return schema.parse(rules);
}

/** What the rules ask for on this event. */
function asked(rules: unknown[], event: LiveEvent, item: Given = {}): Promise<string[]> {
  const whole = { count: event.streak?.delta ?? 1, isFirstOfUser: false, ...item };
  return new Rules(read(rules), new MemoryState()).match(event, whole);
}

async function acts(conditions: object, event: LiveEvent, item: Given = {}): Promise<boolean> {
  return (await asked([{ when: event.type, if: conditions, do: "act" }], event, item)).length === 1;
}

/** What is wrong with these rules, as "path: message". */
function mistakes(...rules: unknown[]): string[] {
  const issues = schema.safeParse(rules).error?.issues ?? [];
  return issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

function gift(count: number, name = "Rose", diamondCount = 1): LiveEvent {
  return makeGift({
    count,
    data: {
      gift: { id: 5655, name, diamondCount, isStreakable: true, imageUrl: "" },
      repeatCount: count,
      receiver: null,
    },
  });
}

function comment(text: string, given: Partial<KnownEvent> = {}): LiveEvent {
  return makeEvent({ data: { comment: text, language: "en", emotes: [] }, ...given } as Partial<KnownEvent>);
}

Deno.test("Every rule that matches acts, in order", async () => {
  const rules = [
    { when: "GiftEvent", do: "first" },
    { when: "CommentEvent", do: "not this" },
    { when: ["FollowEvent", "GiftEvent"], do: "second" },
  ];
  assert.deepEqual(await asked(rules, gift(1)), ["first", "second"]);
});

Deno.test("Rules together ask for what each of them asks for alone, whatever is written", async () => {
  const words = fc.constantFrom("hola", "gg", "straße", "привет", "草", "ha ha", "é");
  const patterns = fc.constantFrom("^!\\w+", "ха+", "[!?]{2,}", "^.{8,}$", "dino", "\\bgg\\b");
  const condition = fc.oneof(
    words.map((word) => ({ words: word })),
    patterns.map((pattern) => ({ pattern })),
    fc.record({ words, pattern: patterns }),
  );
  const when = fc.constantFrom("CommentEvent", "GiftEvent", "FollowEvent", ["CommentEvent", "QuestionEvent"]);
  const rule = fc.tuple(when, condition).map(([when, conditions]) =>
    when === "GiftEvent" || when === "FollowEvent" ? { when } : { when, if: conditions }
  );
  const parts = fc.constantFrom(
    "Hola",
    "GG",
    "STRASSE",
    "ПРИВЕТ",
    "ха",
    "草",
    "e\u0301",
    "!?",
    "dino",
    " ",
    "x",
  );
  const texts = fc.oneof(fc.array(parts).map((all) => all.join("")), fc.string({ unit: "grapheme" }));
  await fc.assert(fc.asyncProperty(fc.array(rule, { maxLength: 20 }), texts, async (given, text) => {
    const rules = given.map((rule, index) => ({ ...rule, do: `${index}` }));
    const alone = [];
    for (const rule of rules) alone.push(...await asked([rule], comment(text)));
    assert.deepEqual(await asked(rules, comment(text)), alone);
  }));
});

Deno.test("An otherwise acts where none above it matched, also not one that is cooling down", async () => {
  const rules = [
    { when: "GiftEvent", if: { gift: "Rose" }, do: "rose", cooldown: { rule_seconds: 60 } },
    { when: "GiftEvent", do: "any other", otherwise: true },
  ];
  assert.deepEqual(await asked(rules, gift(1, "Galaxy")), ["any other"]);
  const both = new Rules(read(rules), new MemoryState());
  const item = { count: 1, isFirstOfUser: false };
  assert.deepEqual(await both.match({ ...gift(1), id: 1 }, item), ["rose"]);
  assert.deepEqual(await both.match({ ...gift(1), id: 2 }, item), []);
});

Deno.test("A gift is known by its name in any case, or by its number", async () => {
  assert.ok(await acts({ gift: "rose" }, gift(1, "Rose")));
  assert.ok(await acts({ gift: 5655 }, gift(1)));
  assert.ok(await acts({ gift: ["Galaxy", " ROSE "] }, gift(1)));
  assert.ok(!await acts({ gift: ["Galaxy", 1] }, gift(1)));
  assert.ok(!await acts({ gift: "Ros" }, gift(1)));
});

Deno.test("Diamonds and count are those of the item: what the event adds, or a whole streak", async () => {
  assert.ok(await acts({ min_diamonds: 100 }, gift(1, "Galaxy", 100)));
  assert.ok(!await acts({ min_diamonds: 100 }, gift(1, "Galaxy", 99)));
  assert.ok(await acts({ min_diamonds: 100 }, gift(120), { count: 100 }));
  assert.ok(!await acts({ min_diamonds: 100 }, gift(120), { count: 20 }));
  assert.ok(await acts({ max_diamonds: 20 }, gift(120), { count: 20 }));
  assert.ok(!await acts({ max_diamonds: 19 }, gift(120), { count: 20 }));
  assert.ok(await acts({ min_count: 3, max_count: 5 }, gift(5)));
  assert.ok(!await acts({ min_count: 3, max_count: 5 }, gift(6)));
});

Deno.test("every_count acts each time that a streak passes another so many", async () => {
  const steps = [1, 3, 7, 10, 11, 19, 40].map((count, i, all) => ({
    count,
    added: count - (all[i - 1] ?? 0),
  }));
  const acted: number[] = [];
  for (const { count, added } of steps) {
    if (await acts({ every_count: 10 }, gift(count), { count: added })) acted.push(count);
  }
  assert.deepEqual(acted, [10, 40]);
  const likes = makeEvent({
    type: "LikeEvent",
    data: { total: 900 },
    streak: { id: "l", count: 105, delta: 15, hasEnded: false },
  });
  assert.ok(await acts({ every_count: 100 }, likes));
});

Deno.test("However a streak is cut into events, every_count acts once for each whole so many", async () => {
  const every = 10;
  await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: every })), async (added) => {
    let [total, acted] = [0, 0];
    for (const count of added) {
      total += count;
      if (await acts({ every_count: every }, gift(total), { count })) acted++;
    }
    assert.equal(acted, Math.floor(total / every));
    assert.equal(await acts({ every_count: every }, gift(total), { count: total }), total >= every);
  }));
});

Deno.test("Text is looked through for words, or for a pattern", async () => {
  assert.ok(await acts({ words: ["jump", "salta"] }, comment("¡SALTA ya!")));
  assert.ok(!await acts({ words: "jump" }, comment("jumping")));
  assert.ok(await acts({ pattern: "^!(jump|duck)\\b" }, comment("!DUCK now")));
  assert.ok(!await acts({ pattern: "^!(jump|duck)\\b" }, comment("so !duck")));
  assert.ok(await acts({ words: "why" }, makeEvent({ type: "QuestionEvent", data: { question: "Why?" } })));
});

Deno.test("A gift's name is found whatever its case and accents, on both sides", async () => {
  assert.ok(await acts({ gift: "cafe  creme" }, gift(1, "Café Crème")));
  assert.ok(await acts({ gift: "CAFÉ CRÈME" }, gift(1, "cafe creme")));
});

Deno.test("A gift's receiver is the host, any guest, or the guest of this name, handle or id", async () => {
  const toHost = gift(1);
  assert.ok(toHost.type === "GiftEvent");
  const receiver = { id: "6900000000000000077", uniqueId: "gil.live", nickname: "Gíl 🌹" };
  const toGuest = { ...toHost, data: { ...toHost.data, receiver } };
  const told = ["host", "HOST", "guest", "gil 🌹", "@Gil.Live", "gil.live", "6900000000000000077", "ana"];
  const actsFor = async (event: LiveEvent) => {
    const acting = await Promise.all(told.map((receiver) => acts({ receiver }, event)));
    return told.filter((_, index) => acting[index]);
  };
  assert.deepEqual(await actsFor(toHost), ["host", "HOST"]);
  assert.deepEqual(await actsFor(toGuest), told.slice(2, -1));
  assert.ok(await acts({ receiver: ["host", "guest"] }, toHost));
  assert.ok(await acts({ receiver: ["ana", "guest"] }, toGuest));
  // Whoever goes by that name is a guest all the same.
  assert.ok(
    !await acts({ receiver: "host" }, {
      ...toGuest,
      data: { ...toHost.data, receiver: { ...receiver, nickname: "host" } },
    }),
  );
});

Deno.test("A box of subscriptions counts as many as are in it, whatever its item says", async () => {
  const box = makeEvent({
    type: "SubscribeEvent",
    data: { months: 0, isGifted: true, count: 5, isSuperFan: true },
  });
  assert.ok(await acts({ min_count: 5, max_count: 5 }, box));
  assert.ok(!await acts({ min_count: 6 }, box));
  assert.equal(amountOf("count", box, { count: 1 }, { max: 20 }), 5);
});

Deno.test("A payment is known by its amount, its currency and its tier", async () => {
  const payment = { amount: 500, currency: "EUR", provider: "kofi" };
  const donation = makeEvent({
    type: "DonationEvent",
    data: { ...payment, message: "Jump, please", isPublic: true },
  });
  assert.ok(await acts({ min_amount: 500 }, donation));
  assert.ok(!await acts({ min_amount: 501 }, donation));
  assert.ok(await acts({ min_amount: "5" }, donation) && await acts({ min_amount: "5.00" }, donation));
  assert.ok(!await acts({ min_amount: "5.01" }, donation));
  assert.ok(await acts({ max_amount: "5.00" }, donation) && !await acts({ max_amount: 499 }, donation));
  assert.ok(await acts({ currency: "eur" }, donation));
  assert.ok(await acts({ currency: ["USD", "EUR"], min_amount: 1 }, donation));
  assert.ok(!await acts({ currency: "USD" }, donation));
  assert.ok(await acts({ words: "jump" }, donation));
  const yen = makeEvent({
    data: { ...payment, currency: "JPY", items: [], message: "" },
    type: "OrderEvent",
  });
  assert.ok(await acts({ min_amount: "500" }, yen) && !await acts({ min_amount: "501" }, yen));
  const membership = makeEvent({
    type: "MembershipEvent",
    data: { ...payment, tier: "Größe L", months: 1, action: "started" },
  });
  assert.ok(await acts({ tier: ["gold", "grösse l", "große l", "größe l"] }, membership));
  assert.ok(!await acts({ tier: "gold" }, membership));
});

Deno.test("A rule may be for some sources alone", async () => {
  const rules = [
    { when: "CommentEvent", sources: "main", do: "one" },
    { when: "CommentEvent", sources: ["main", "friend"], do: "two" },
    { when: "CommentEvent", do: "all" },
  ];
  assert.deepEqual(await asked(rules, comment("hi", { source: "main" })), ["one", "two", "all"]);
  assert.deepEqual(await asked(rules, comment("hi", { source: "friend" })), ["two", "all"]);
  assert.deepEqual(await asked(rules, comment("hi", { source: "tips" })), ["all"]);
});

Deno.test("A rule may be for a type that a service emits", async () => {
  const spin = { ...makeEvent(), type: "SpinEvent", data: { prize: "hat" } } as unknown as LiveEvent;
  assert.deepEqual(await asked([{ when: ["SpinEvent", "GiftEvent"], do: "spun" }], spin), ["spun"]);
  assert.deepEqual(
    mistakes({ when: "SpinEvent", if: { words: "hat" }, do: "x" }).map((text) => text.slice(0, 40)),
    [
      "0.if.words: never holds for a SpinEvent,",
    ],
  );
  for (
    const [wrong, meant] of [["GiftEvnt", "GiftEvent"], ["giftEvent", "GiftEvent"], [
      "Comment Event",
      "CommentEvent",
    ]]
  ) {
    assert.ok(mistakes({ when: wrong, do: "x" })[0]?.includes(`did you mean "${meant}"?`), String(wrong));
  }
  assert.doesNotMatch(mistakes({ when: "whenever", do: "x" })[0] ?? "", /did you mean/);
});

Deno.test("No pattern and no text keep the service busy", async () => {
  const evil = `${"a".repeat(5_000)}!`;
  const started = performance.now();
  for (const pattern of ["^(a+)+$", "(a|aa)+$", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*b", "(x+x+)+y"]) {
    await acts({ pattern }, comment(evil));
  }
  // A backtracking matcher takes longer than the sun has left.
  assert.ok(performance.now() - started < 5_000);
  for (const pattern of ["((a{500}){500}){500}", "(a?){1000}a{1000}b", "(?s).*(.*a){900}z"]) {
    assert.match(mistakes({ when: "CommentEvent", if: { pattern }, do: "x" })[0] ?? "", /pattern/, pattern);
  }
  const manyWords = Array.from({ length: 70 }, (_, i) => `word${i}`).join("|").slice(0, 498);
  assert.deepEqual(mistakes({ when: "CommentEvent", if: { pattern: `(${manyWords})` }, do: "x" }), []);
});

Deno.test("A role is one of the viewer's", async () => {
  const event = comment("hi");
  const moderator = { ...event, user: { ...event.user, roles: ["follower", "moderator"] } } as LiveEvent;
  assert.ok(await acts({ role: "moderator" }, moderator));
  assert.ok(await acts({ role: ["subscriber", "follower"] }, moderator));
  assert.ok(!await acts({ role: "subscriber" }, moderator));
  assert.ok(!await acts({ role: "moderator" }, event));
});

Deno.test("The first time in the session is a condition, and so is any but the first", async () => {
  assert.ok(await acts({ first_time: true }, comment("hi"), { isFirstOfUser: true }));
  assert.ok(!await acts({ first_time: true }, comment("hi")));
  assert.ok(await acts({ first_time: false }, comment("hi")));
  assert.ok(!await acts({ first_time: false }, comment("hi"), { isFirstOfUser: true }));
});

Deno.test("A gift's name is found whatever its case, accents and fancy letters", async () => {
  for (const [written, name] of [["corazón", "CORAZON"], ["Łabędź", " labedz"], ["rose", "𝐑𝐨𝐬𝐞"]]) {
    assert.ok(await acts({ gift: written }, gift(1, name)), String(name));
  }
  assert.ok(!await acts({ gift: "rose" }, gift(1, "roses")));
});

Deno.test("All conditions of a rule must hold", async () => {
  assert.ok(await acts({ gift: "Rose", min_count: 5 }, gift(5)));
  assert.ok(!await acts({ gift: "Rose", min_count: 5 }, gift(4)));
});

/** Says at which seconds of the live a rule with this cooldown acts, for (viewer, second) after (viewer, second). */
async function actedAt(
  cooldown: object,
  told: [string, number][],
  rules?: Rules<string>,
): Promise<[string, number][]> {
  const kept = rules ?? new Rules(read([{ when: "CommentEvent", do: "act", cooldown }]), new MemoryState());
  const acted: [string, number][] = [];
  for (const [viewer, second] of told) {
    const event = comment("jump", { id: 1000 + second, createdAt: second * 1000 });
    const from = { ...event, user: { ...event.user, id: viewer } } as LiveEvent;
    if ((await kept.match(from, { count: 1, isFirstOfUser: false })).length > 0) acted.push([viewer, second]);
  }
  return acted;
}

Deno.test("A rule waits for its cooldown by the live's own time, for all or for each viewer", async () => {
  assert.deepEqual(
    await actedAt({ rule_seconds: 10 }, [["a", 100], ["b", 105], ["a", 109], ["b", 110], ["a", 119], [
      "a",
      120,
    ]]),
    [["a", 100], ["b", 110], ["a", 120]],
  );
  assert.deepEqual(
    await actedAt({ viewer_seconds: 10 }, [["a", 100], ["b", 105], ["a", 109], ["b", 110], ["a", 110], [
      "b",
      115,
    ]]),
    [["a", 100], ["b", 105], ["a", 110], ["b", 115]],
  );
  assert.deepEqual(
    await actedAt({ rule_seconds: 2, viewer_seconds: 10 }, [["a", 100], ["b", 101], ["b", 102], ["a", 105], [
      "a",
      110,
    ]]),
    [["a", 100], ["b", 102], ["a", 110]],
  );
});

Deno.test("An event that comes later by its priority, but happened before, waits as well", async () => {
  assert.deepEqual(await actedAt({ rule_seconds: 10 }, [["a", 100], ["b", 95]]), [["a", 100]]);
});

Deno.test("The same event handed out again gets the same, though the rule is cooling down", async () => {
  const rules = new Rules(
    read([{ when: "CommentEvent", do: "act", cooldown: { rule_seconds: 10 } }]),
    new MemoryState(),
  );
  assert.deepEqual(await actedAt({}, [["a", 100], ["a", 100], ["a", 101]], rules), [["a", 100], ["a", 100]]);
});

Deno.test("Cooldowns outlive a restart, and what is over is not kept", async () => {
  const state = new MemoryState();
  const rules = read([{ when: "CommentEvent", do: "act", cooldown: { viewer_seconds: 10 } }]);
  assert.equal((await actedAt({}, [["a77", 100], ["b77", 101]], new Rules(rules, state))).length, 2);
  assert.deepEqual(await actedAt({}, [["a77", 105], ["c77", 106]], new Rules(rules, state)), [["c77", 106]]);
  await actedAt({}, [["d77", 200]], new Rules(rules, state));
  assert.deepEqual([...state.values.values()].join().match(/"1 0 \w+"/g), ['"1 0 d77"']);
});

Deno.test("A rule that cannot be is a mistake with its place and what to do", () => {
  assert.match(
    mistakes({ when: "GiftEvnt", do: "x" })[0] ?? "",
    /^0\.when\.0: there is no event type "GiftEvnt": use GiftEvent, /,
  );
  assert.deepEqual(mistakes({ when: "FollowEvent", if: { gift: "Rose" }, do: "x" }), [
    "0.if.gift: never holds for a FollowEvent, only for GiftEvent",
  ]);
  assert.match(
    mistakes({ when: ["CommentEvent", "LikeEvent"], if: { words: "a" }, do: "x" })[0] ?? "",
    /LikeEvent, only for CommentEvent.*: split this rule into two$/,
  );
  assert.deepEqual(mistakes({ when: "GiftEvent", if: { min_count: 5, max_count: 4 }, do: "x" }), [
    "0.if.max_count: is below min_count: 4 < 5",
  ]);
  assert.match(
    mistakes({ when: "CommentEvent", if: { pattern: "(" }, do: "x" })[0] ?? "",
    /^0\.if\.pattern: is not a valid pattern .*missing/,
  );
  assert.match(mistakes({ when: "CommentEvent", if: { pattern: "(?=a)" }, do: "x" })[0] ?? "", /look-around/);
  assert.match(
    mistakes({ when: "CommentEvent", if: { role: "mod" }, do: "x" })[0] ?? "",
    /"moderator", "subscriber", "follower"/,
  );
  assert.match(
    mistakes({ when: "CommentEvent", if: { word: "mod" }, do: "x" })[0] ?? "",
    /^0\.if: "word" is unknown here: use gift, min_diamonds, .*words, /,
  );
  assert.deepEqual(mistakes({ when: "GiftEvent", do: "x", cooldown: { seconds: 5 } }), [
    '0.cooldown: "seconds" is unknown here: use rule_seconds, viewer_seconds',
  ]);
  assert.deepEqual(mistakes({ when: [], do: "x" }), ["0.when: is an empty list: add something to it"]);
  assert.match(
    mistakes({ when: "CommentEvent", if: { words: " " }, do: "x" })[0] ?? "",
    /expected one or more words/,
  );
  assert.match(
    mistakes({ when: "CommentEvent", do: "x", cooldown: { rule_seconds: -1 } })[0] ?? "",
    /rule_seconds/,
  );
  assert.deepEqual(mistakes({ do: "x" }), ["0.when: is missing"]);
});

Deno.test("A receiver, an amount, a currency or a source that cannot be is a mistake that says what can", () => {
  const mistakeOf = (conditions: object, when = "GiftEvent") =>
    mistakes({ when, if: conditions, do: "x" })[0] ?? "";
  assert.match(mistakeOf({ receiver: 6_900_000_000_000_000_077 }), /"host", "guest".* in quotes/);
  assert.match(mistakeOf({ receiver: " " }), /receiver.*"host"/);
  for (const min_amount of [0, 5.5, "5,00", "five", null]) {
    assert.match(
      mistakeOf({ min_amount }, "DonationEvent"),
      /min_amount: expected .* "5.00"/,
      String(min_amount),
    );
  }
  assert.match(mistakeOf({ currency: "€" }, "DonationEvent"), /as "EUR"/);
  assert.match(mistakeOf({ tier: "gold" }, "DonationEvent"), /only for MembershipEvent/);
  assert.match(mistakeOf({ every_count: 5 }, "SubscribeEvent"), /only for GiftEvent, LikeEvent/);
  assert.match(mistakes({ when: "GiftEvent", sources: [""], do: "x" })[0] ?? "", /name of a source/);
});

Deno.test("An amount is a number, or follows the event up to a bound", () => {
  const amount = amountSchema({ max: 20 });
  const of = (given: unknown, event: LiveEvent, count: number) =>
    amountOf(amount.parse(given), event, { count }, { max: 20 });
  assert.equal(of(3, gift(9), 9), 3);
  assert.equal(of("count", gift(9), 9), 9);
  assert.equal(of("count", gift(99), 99), 20);
  assert.equal(of("count", comment("hi"), 1), 1);
  assert.equal(of("diamonds", gift(2, "Cap", 5), 2), 10);
  assert.equal(of("diamonds", gift(0), 0), 1);
  for (const wrong of [0, 21, 1.5, "many", null]) {
    assert.match(
      amount.safeParse(wrong).error?.issues[0]?.message ?? "",
      /from 1 to 20, "count" or "diamonds"/,
    );
  }
});

Deno.test("returning, visits and total_diamonds look at the viewer over all lives", async () => {
  const by = (visits: number, totalDiamonds: number) => ({ viewer: { visits, totalDiamonds } });
  const event = makeEvent();
  const cases: [object, Given, boolean][] = [
    [{ returning: true }, by(2, 0), true],
    [{ returning: true }, by(1, 0), false],
    [{ returning: false }, by(1, 0), true],
    [{ returning: false }, by(2, 0), false],
    [{ visits: 3 }, by(3, 0), true],
    [{ visits: 3 }, by(2, 0), false],
    [{ visits: { min: 3, max: 3 } }, by(4, 0), false],
    [{ visits: { max: 3 } }, by(3, 0), true],
    [{ total_diamonds: 1000 }, by(1, 1000), true],
    [{ total_diamonds: 1000 }, by(1, 999), false],
    [{ total_diamonds: { min: 10, max: 20 } }, by(1, 21), false],
    [{ visits: 3, total_diamonds: 10 }, by(3, 9), false],
    // An event without a viewer, as one that a service made up.
    [{ returning: true }, {}, false],
    [{ visits: 1 }, {}, false],
  ];
  for (const [conditions, item, isActing] of cases) {
    assert.equal(await acts(conditions, event, item), isActing, JSON.stringify([conditions, item]));
  }
});

Deno.test("A number of visits that makes no sense is a mistake that says what to write", () => {
  for (const visits of [-1, 1.5, "5", {}, { min: 5, max: 4 }, { least: 5 }, null]) {
    const [mistake = "none"] = mistakes({ when: "CommentEvent", if: { visits }, do: "act" });
    assert.match(mistake, /visits/, JSON.stringify(visits));
    assert.match(mistake, /expected a whole number|expected/, JSON.stringify(visits));
  }
});
