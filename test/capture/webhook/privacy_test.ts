/** What is never kept, looked for in every byte of the database and in every line of the log. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { App } from "../../../src/app/app.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { heardLog } from "../../support/heard_log.ts";
import { query } from "../../support/livecue.ts";
import { configIn, withFolder } from "../../support/temporary_store.ts";
import {
  type Given,
  kofiBody,
  patreonHeaders,
  signedHeaders,
  webhookSource,
} from "../../support/webhook_source.ts";

const secrets = ["kofi-token", "patreon-secret", "shop-secret"];
const personal = [
  ...["jo.example@example.com", "kopi@example.com", "ana@example.com"],
  ...["jo#4105", "Josephine Legal", "123 The Street", "Harbourton", "W1 1AA", "555-0100", "a private word"],
];

const member = JSON.stringify({
  data: {
    id: "38c264ba",
    attributes: {
      full_name: "Kopi",
      email: "kopi@example.com",
      note: "a private word",
      patron_status: "active_patron",
    },
    relationships: { user: { data: { id: "111836593" } } },
  },
  included: [{
    type: "address",
    id: "9",
    attributes: {
      addressee: "Josephine Legal",
      line_1: "123 The Street",
      city: "Harbourton",
      phone_number: "555-0100",
    },
  }],
});

const order = JSON.stringify({
  total: "12.50",
  customer: { name: "Ana", email: "ana@example.com", phone: "555-0100", street: "123 The Street" },
});

Deno.test("No secret, e-mail address, address or phone number is in the database or the log", async () => {
  await withFolder(async (folder) => {
    const clock = new FakeClock();
    const log = heardLog();
    const listening = Promise.withResolvers<string>();
    const given = {
      follows: null,
      providers: [
        { kind: "kofi", name: "kofi", token: "kofi-token" },
        { kind: "patreon", name: "patreon", currency: "EUR", secret: "patreon-secret" },
        {
          kind: "mapped",
          name: "shop",
          secret: "shop-secret",
          map: {
            type: "OrderEvent",
            amount: "/total",
            currency: { const: "EUR" },
            user: "/customer/name",
            user_id: "/customer/email",
          },
        },
      ],
    } satisfies Given;
    const app = await App.open({
      config: configIn(folder),
      clock,
      log,
      sources: [webhookSource(given, { clock, log })],
      processes: "none",
      whenIdle: "stay",
      onState: (_, state) =>
        state.phase === "listening" && listening.resolve(state.title.split(" ")[0] ?? ""),
    });
    const running = app.run();
    const url = await listening.promise;
    const post = async (path: string, body: BodyInit, headers = {}) => {
      const response = await fetch(url + path, { method: "POST", body, headers });
      return `${response.status} ${await response.text()}`;
    };
    const answers = [
      await post("/kofi", kofiBody()),
      await post("/kofi", kofiBody()),
      await post("/kofi", kofiBody({ message_id: "2", is_public: false, message: "a private word" })),
      await post("/patreon", member, patreonHeaders(member, "members:pledge:create", "patreon-secret")),
      await post("/shop", order, signedHeaders(order, { key: "shop-secret", at: clock.now() })),
      await post("/kofi", kofiBody({ verification_token: "guess" })),
      await post("/patreon", member, patreonHeaders(member, "members:pledge:create", "guess")),
      await post("/kofi", kofiBody({ message_id: "3", amount: "jo.example@example.com" })),
    ];
    assert.deepEqual(answers.map((answer) => Number(answer.slice(0, 3))), [
      200,
      200,
      200,
      200,
      200,
      401,
      401,
      422,
    ]);
    assert.deepEqual(
      query(folder, "SELECT event_type, user_nickname FROM live_event ORDER BY id").map((row) => ({
        ...row,
      })),
      [
        { event_type: "DonationEvent", user_nickname: "Jo Example" },
        { event_type: "DonationEvent", user_nickname: "Jo Example" },
        { event_type: "MembershipEvent", user_nickname: "Kopi" },
        { event_type: "OrderEvent", user_nickname: "Ana" },
      ],
    );
    app.stop("The test is over.");
    await running;

    const kept = await Promise.all(
      [...Deno.readDirSync(folder)].map(async ({ name }) =>
        new TextDecoder("latin1").decode(await Deno.readFile(join(folder, name)))
      ),
    );
    assert.ok(kept.some((text) => text.includes("Jo Example")));
    const said = [...answers, ...log.entries.map(({ text }) => text)];
    for (const word of [...secrets, ...personal]) {
      assert.ok(![...kept, ...said].some((text) => text.includes(word)), word);
    }
  });
});
