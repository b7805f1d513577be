/** What a moderator may do and see: with real roles of the database, also past Livecue's own watcher. */
import assert from "node:assert/strict";
import type { Action, Query } from "../../src/control.ts";
import { type Client } from "../../src/store/postgres/connection.ts";
import type { Reply } from "../../src/watch/messages.ts";
import { protocolVersion } from "../../src/watch/messages.ts";
import { makeService } from "../support/app_on_a_live.ts";
import { testWithPostgres } from "../support/postgres.ts";
import { withClient } from "../support/postgres_copy.ts";
import { grantsInDocs, type Stage, when, withStage } from "../support/watched_machine.ts";

const failing = makeService("greeter", {
  serviceClass: new URL("../support/services/failing_with_secret.ts", import.meta.url).pathname,
});

/** For somebody who may only look. */
async function grantsToLook(): Promise<string> {
  return (await grantsInDocs()).replace(", action)", ")");
}

/** Calls by hand, as a role that has another program than Livecue. */
class HandMade {
  readonly #client: Client;
  readonly #watcher: string;
  constructor(client: Client, watcher: string) {
    this.#client = client;
    this.#watcher = watcher;
  }

  async run(text: string): Promise<Record<string, unknown>[]> {
    return (await this.#client.query<Record<string, unknown>>({ text })).rows;
  }

  /** Fails with the server's own words. */
  async isRefused(text: string, why = /permission denied/): Promise<void> {
    await assert.rejects(this.run(text), why, text);
  }

  async send(body: string, column: "body" | "action" = "body"): Promise<void> {
    await this.#client.query({
      text:
        `WITH sent AS (INSERT INTO watch_call (run, watcher, ${column}) SELECT owner_run, $1, $2 FROM streamer
          WHERE name = 'ana')
        SELECT pg_notify('livecue_calls_' || owner_run, '') FROM streamer WHERE name = 'ana'`,
      values: [this.#watcher, body],
    });
  }

  async call(call: object, column: "body" | "action" = "body"): Promise<void> {
    await this.send(JSON.stringify(call), column);
  }

  async open(): Promise<void> {
    await this.call({ kind: "open", protocol: protocolVersion, streamer: "ana", isReadOnly: false });
    await this.reply("snapshot");
  }

  /** The first reply of this kind that is not read yet. */
  async reply<Kind extends Reply["kind"]>(kind: Kind): Promise<Extract<Reply, { kind: Kind }>> {
    while (true) {
      const rows = await this.run("DELETE FROM watch_answer RETURNING body");
      const replies = rows.map(({ body }) => JSON.parse(body as string) as Reply);
      const found = replies.find((reply) => reply.kind === kind);
      if (found !== undefined) return found as Extract<Reply, { kind: Kind }>;
    }
  }
}

async function byHand(
  stage: Stage,
  role: string,
  use: (hand: HandMade) => Promise<void>,
  watcher = `by_hand_of_${role}`,
): Promise<void> {
  await withClient(stage.addressOf(role), (client) => use(new HandMade(client, watcher)));
}

const forOwners: Action[] = [
  { kind: "restart", slug: "greeter" },
  { kind: "press", slug: "greeter", pane: "p", key: { key: "a", does: "b" } },
  { kind: "empty", slug: "greeter", asked: { count: 1, upToId: 100 } },
  { kind: "switch_user", source: null, username: "eve" },
  { kind: "forget_user", username: "eve" },
  { kind: "mark_viewer", mark: { platform: "demo", userId: "1", note: "x" } },
  { kind: "start_demo" },
  { kind: "open_desk" },
  { kind: "quit" },
  {
    kind: "send_test_event",
    event: {
      type: "FollowEvent",
      source: null,
      amount: 1,
      text: "",
      gift: { name: "", diamonds: null },
      user: { name: "", roles: [] },
    },
  },
];

testWithPostgres(
  "A moderator may pause, resume and put back, and the log says who did it",
  async (server) => {
    await withStage(server, async (stage) => {
      const studio = await stage.machine("studio-1", ["ana"], [failing]);
      const { live, control } = studio.rooms.get("ana")!;
      await live.say("hello");
      await when(control, ({ services }) => services[0]?.failed === 1);
      await stage.role("mia", await grantsInDocs());
      const { control: seen, rights } = await (await stage.watch({ role: "mia" })).open("ana");
      assert.equal(rights, "moderate");
      for (const kind of ["pause", "resume"] as const) {
        assert.equal((await seen.dispatch({ kind, slug: "greeter" })).isError, false);
      }
      await seen.dispatch({ kind: "pause", slug: "greeter" });
      const { asked } = await seen.query({ kind: "items", slug: "greeter", status: "failed" });
      const put = await seen.dispatch({ kind: "retry", slug: "greeter", status: "failed", asked });
      assert.deepEqual(put, { text: "1 item of greeter put back.", isError: false });
      const said = studio.log.entries.map(({ text }) => text);
      assert.ok(said.includes("mia looks at @ana."), said.join("\n"));
      assert.ok(said.includes("mia, who looks at this room: 1 item of greeter put back."), said.join("\n"));
    });
  },
);

testWithPostgres("The machine refuses a moderator everything else, whoever made the call", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    await stage.role("mia", await grantsInDocs());
    await byHand(stage, "mia", async (hand) => {
      await hand.open();
      for (const [index, action] of forOwners.entries()) {
        await hand.call({ kind: "act", number: index + 1, action }, "action");
        const { number, result } = await hand.reply("result");
        assert.equal(number, index + 1);
        assert.equal(result.isError, true);
        assert.match(result.text, /owner of the database|only on the machine/);
      }
    });
    const { stopping, eventCount } = studio.rooms.get("ana")!.control.snapshot();
    assert.deepEqual({ stopping, eventCount }, { stopping: null, eventCount: 0 });
  });
});

testWithPostgres("Who may only look can do nothing, not even with calls made by hand", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    await stage.role("leo", await grantsToLook());
    const { control, rights } = await (await stage.watch({ role: "leo" })).open("ana");
    assert.equal(rights, "look");
    assert.equal((await control.dispatch({ kind: "pause", slug: null })).isError, true);
    await byHand(stage, "leo", async (hand) => {
      await hand.open();
      const pause = { kind: "act", number: 1, action: { kind: "pause", slug: null } };
      await hand.call(pause);
      assert.match((await hand.reply("result")).result.text, /only look/);
      await assert.rejects(hand.call(pause, "action"), /permission denied/);
    });
    assert.notEqual(studio.rooms.get("ana")!.control.snapshot().services[0]?.phase, "paused");
  });
});

testWithPostgres("With --read-only nobody can act, also not the owner", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    const { control, rights } = await (await stage.watch({ isReadOnly: true })).open("ana");
    assert.equal(rights, "look");
    const { text, isError } = await control.dispatch({ kind: "pause", slug: null });
    assert.match(text, /only look/);
    assert.equal(isError, true);
    assert.notEqual(studio.rooms.get("ana")!.control.snapshot().services[0]?.phase, "paused");
  });
});

testWithPostgres(
  "A moderator reads no tokens, no events, no calls and nobody else's answers",
  async (server) => {
    await withStage(server, async (stage) => {
      await stage.machine("studio-1", ["ana"]);
      await stage.role("mia", await grantsInDocs());
      await stage.role("eva", await grantsInDocs());
      await byHand(stage, "eva", async (eva) => {
        await eva.open();
        await byHand(stage, "mia", async (mia) => {
          await mia.isRefused("SELECT token FROM host");
          await mia.isRefused("SELECT address FROM host");
          await mia.isRefused("SELECT * FROM live_event");
          await mia.isRefused("SELECT * FROM event_queue");
          await mia.isRefused("SELECT * FROM viewer");
          await mia.isRefused("SELECT * FROM config");
          await mia.isRefused("SELECT * FROM watch_call");
          await mia.isRefused("DELETE FROM watch_call");
          await mia.isRefused("UPDATE streamer SET wanted_machine = 'x'");
          await mia.isRefused("UPDATE watch_answer SET body = ''");
          await mia.isRefused(
            "INSERT INTO watch_call (run, watcher, body, asked_by) VALUES (1, 'x', '{}', 'bench')",
          );
          await mia.isRefused(
            "INSERT INTO watch_answer (asked_by, watcher, is_snapshot, body) VALUES ('eva', 'x', 0, '{}')",
          );
          await mia.isRefused("CREATE TABLE own (id BIGINT)");
          await mia.isRefused("SET SESSION AUTHORIZATION bench", /permission denied/);
          await eva.call({ kind: "here" });
          const waiting = "SELECT count(*) > 0 FROM watch_answer WHERE asked_by = 'eva'";
          while (await stage.psql(waiting) !== "t");
          assert.deepEqual(await mia.run("SELECT * FROM watch_answer"), []);
          assert.deepEqual(await mia.run("DELETE FROM watch_answer RETURNING body"), []);
          await eva.reply("here");
        });
      });
    });
  },
);

testWithPostgres("Nobody can speak for the watcher of another user", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    await stage.role("mia", await grantsInDocs());
    await stage.role("eva", await grantsInDocs());
    await byHand(stage, "eva", async (eva) => {
      await eva.open();
      await byHand(stage, "mia", async (mia) => {
        await mia.call({ kind: "close" });
        await mia.call({ kind: "here" });
        await mia.reply("unknown");
      }, "by_hand_of_eva");
      assert.equal(studio.watched.lookCount, 1);
      await eva.call({ kind: "here" });
      await eva.reply("here");
    });
  });
});

testWithPostgres("Calls that are none, too large or of another version change nothing", async (server) => {
  await withStage(server, async (stage) => {
    await stage.machine("studio-1", ["ana"]);
    await stage.role("mia", await grantsInDocs());
    await byHand(stage, "mia", async (hand) => {
      await assert.rejects(hand.send("x".repeat(70_000)), /violates check constraint/);
      await hand.open();
      const wrong = [
        "",
        "null",
        "[]",
        "{",
        "[".repeat(60_000),
        '{"kind":"ask"}',
        '{"kind":"ask","number":1,"query":{"kind":"service"}}',
        '{"kind":"ask","number":1,"query":{"kind":"sessions","first":0,"limit":1000000000}}',
        '{"kind":"ask","number":-1,"query":{"kind":"event","id":1}}',
        '{"kind":"act","number":1,"action":{"kind":"pause","slug":{"a":1}}}',
        '{"kind":"__proto__"}',
      ];
      for (const body of wrong) await hand.send(body);
      await hand.call({ kind: "open", protocol: 99, streamer: "ana", anything: "else" });
      assert.match((await hand.reply("refused")).text, /another version/);
      await hand.call({ kind: "open", protocol: protocolVersion, streamer: "ben", isReadOnly: false });
      assert.match((await hand.reply("refused")).text, /does not capture this room/);
      await hand.call({ kind: "here" });
      await hand.reply("here");
    });
  });
});

testWithPostgres("One user cannot take all the looks of a machine", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"]);
    await stage.role("mia", await grantsInDocs());
    await withClient(stage.addressOf("mia"), async (client) => {
      for (let index = 0; index < 11; index++) {
        const hand = new HandMade(client, `look_${index}`);
        await hand.call({ kind: "open", protocol: protocolVersion, streamer: "ana", isReadOnly: false });
        if (index < 10) await hand.reply("snapshot");
        else assert.match((await hand.reply("refused")).text, /Too many/);
      }
    });
    assert.equal(studio.watched.lookCount, 10);
    assert.equal((await (await stage.watch()).open("ana")).rights, "all");
  });
});

testWithPostgres("A moderator sees no secrets that services and their errors may tell", async (server) => {
  await withStage(server, async (stage) => {
    const studio = await stage.machine("studio-1", ["ana"], [failing]);
    const { live, control, monitor, app } = studio.rooms.get("ana")!;
    await live.say("hello");
    await when(control, ({ services }) => services[0]?.failed === 1);
    control.configError = "/home/ana/config.jsonc: secret";
    monitor.write({ at: Date.now(), level: "warn", from: "greeter", text: "the token is secret" });
    await app.viewers.mark({ platform: "demo", userId: "1", note: "secret" });
    await stage.role("mia", await grantsInDocs());
    const [event] = control.snapshot().events;
    const queries: Query[] = [
      { kind: "event", id: event!.id },
      { kind: "service", slug: "greeter" },
      { kind: "viewer", eventId: event!.id },
    ];
    const shown = async (role?: string) => {
      const { control: seen } = await (await stage.watch(role === undefined ? {} : { role })).open("ana");
      const answers = [];
      for (const query of queries) answers.push(await seen.query(query));
      return JSON.stringify([await when(seen, ({ services }) => services[0]?.failed === 1), answers]);
    };
    assert.match(await shown(), /secret/);
    const moderators = await shown("mia");
    assert.doesNotMatch(moderators, /secret|config\.jsonc|failing_with/);
    assert.match(moderators, /hello/);
    assert.match(moderators, /The room's machine says why/);
  });
});
