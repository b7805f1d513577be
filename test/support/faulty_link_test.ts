import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
// @ts-types="@types/pg"
import pg from "pg";
import { FakeClock } from "./fake_clock.ts";
import { FaultyLink, type FaultyLinkOptions } from "./faulty_link.ts";
import { testWithPostgres } from "./postgres.ts";

/** An end of a connection: what came, and how it ended. */
class LineEnd {
  readonly socket: Socket;
  readonly ended: Promise<"closed" | "reset">;
  #text = "";
  #onData = () => {};

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.#text += chunk;
      this.#onData();
    });
    this.ended = new Promise((resolve) => {
      socket.on(
        "error",
        (error) => resolve("code" in error && error.code === "ECONNRESET" ? "reset" : "closed"),
      );
      socket.on("close", () => resolve("closed"));
    });
  }

  get text(): string {
    return this.#text;
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when all that came is this text. */
  async heard(text: string): Promise<void> {
    while (this.#text !== text) {
      assert.ok(text.startsWith(this.#text), `heard ${JSON.stringify(this.#text)}`);
      await new Promise<void>((resolve) => this.#onData = resolve);
    }
  }
}

interface Pair {
  link: FaultyLink;
  client: LineEnd;
  server: LineEnd;
  /** A further connection through the link. */
  connect(): Promise<{ client: LineEnd; server: LineEnd }>;
}

/** A link with a connection over it. */
async function withLink(options: Omit<FaultyLinkOptions, "to">, use: (pair: Pair) => Promise<void>) {
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const to = `tcp://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const sockets: Socket[] = [];
  try {
    await using link = await FaultyLink.start({ to, ...options });
    const connectOnce = async () => {
      const accepted = once(listener, "connection");
      const socket = connect(Number(new URL(link.address).port), "127.0.0.1");
      const client = new LineEnd(socket);
      const server = new LineEnd((await accepted)[0]);
      sockets.push(client.socket, server.socket);
      return { client, server };
    };
    await use({ link, ...await connectOnce(), connect: connectOnce });
  } finally {
    const closed = sockets.filter((socket) => !socket.closed).map((socket) => once(socket, "close"));
    sockets.forEach((socket) => socket.destroy());
    await Promise.all([...closed, once(listener.close(), "close")]);
  }
}

Deno.test("a link without faults passes everything on, and the end of each direction alone", async () => {
  await withLink({}, async ({ link, client, server }) => {
    client.say("question");
    await server.heard("question");
    server.say("answer");
    await client.heard("answer");
    client.socket.end();
    assert.equal(await client.ended, "closed");
    assert.equal(await server.ended, "closed");
    assert.equal(link.connectionCount, 0);
  });
});

Deno.test("a cut resets both ends, or one of them while the other still believes in the connection", async () => {
  await withLink({}, async ({ link, client, server, connect }) => {
    link.cut();
    assert.deepEqual(await Promise.all([client.ended, server.ended]), ["reset", "reset"]);
    const second = await connect();
    link.cut("client");
    assert.equal(await second.client.ended, "reset");
    second.server.say("is anybody there?");
    const third = await connect();
    third.client.say("third");
    await third.server.heard("third");
    assert.ok(!second.server.socket.closed);
    link.heal();
    assert.equal(await second.server.ended, "reset");
    third.server.say("still here");
    await third.client.heard("still here");
  });
});

Deno.test("in a partition of one direction the other one passes, and healing resets what has lost something", async () => {
  await withLink({}, async ({ link, client, server, connect }) => {
    const quiet = await connect();
    link.partition("toClient");
    client.say("question");
    await server.heard("question");
    server.say("answer");
    client.say(" again");
    await server.heard("question again");
    link.heal();
    assert.deepEqual(await Promise.all([client.ended, server.ended]), ["reset", "reset"]);
    assert.equal(client.text, "");
    quiet.server.say("nothing was lost here");
    await quiet.client.heard("nothing was lost here");
  });
});

Deno.test("who connects in a partition is reset when it heals", async () => {
  await withLink({}, async ({ link }) => {
    link.partition();
    const late = new LineEnd(connect(Number(new URL(link.address).port), "127.0.0.1"));
    await once(late.socket, "connect");
    late.say("hello");
    while (link.connectionCount < 2) await nextTurn();
    link.heal();
    assert.equal(await late.ended, "reset");
  });
});

Deno.test("what is held arrives in order when it is released; the other direction passes meanwhile", async () => {
  await withLink({}, async ({ link, client, server }) => {
    link.hold("toServer");
    client.say("one ");
    server.say("passes");
    await client.heard("passes");
    client.say("two");
    assert.equal(server.text, "");
    link.release();
    await server.heard("one two");
  });
});

Deno.test("what is delayed arrives after its time", async () => {
  const clock = new FakeClock();
  await withLink({ clock }, async ({ link, client, server }) => {
    link.slow(300, "toServer");
    client.say("slow");
    server.say("quick");
    await client.heard("quick");
    while (clock.timerCount === 0) await nextTurn();
    clock.advance(299);
    server.say("!");
    await client.heard("quick!");
    assert.equal(server.text, "");
    clock.advance(1);
    await server.heard("slow");
  });
});

Deno.test("each third line is lost and each fourth comes twice, counted over all connections", async () => {
  await withLink({ framing: "lines" }, async ({ link, client, server, connect }) => {
    link.drop(3, "toServer");
    link.double(4, "toServer");
    client.say("1\n2\n3\n4\n5");
    await server.heard("1\n2\n4\n4\n");
    client.say("\n6\n7\n");
    await server.heard("1\n2\n4\n4\n5\n7\n");
    const second = await connect();
    second.client.say("8\n9\n10\n");
    await second.server.heard("8\n8\n10\n");
    server.say("1\n2\n3\n4\n");
    await client.heard("1\n2\n3\n4\n");
  });
});

Deno.test("what comes before the frame at which a link is cut arrives, and nothing of what comes after it", async () => {
  await withLink({ framing: "lines" }, async ({ link, client, server, connect }) => {
    const other = await connect();
    const failed = link.failBefore((frame) => frame.text() === "three\n", { direction: "toServer" });
    client.say("one\ntwo\nthree\nfour\n");
    await failed;
    assert.deepEqual(await Promise.all([client.ended, server.ended]), ["reset", "reset"]);
    assert.equal(server.text, "one\ntwo\n");
    other.client.say("three\n");
    await other.server.heard("three\n");
  });
});

Deno.test("messages of a WebSocket are lost and repeated whole, in both directions", async () => {
  const heard: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      heard.push(data);
      socket.send(data);
    };
    return response;
  });
  await using link = await FaultyLink.start({
    to: `ws://127.0.0.1:${server.addr.port}/`,
    framing: "websocket",
  });
  link.drop(3, "toServer");
  link.double(2, "toClient");
  const socket = new WebSocket(link.address);
  await new Promise((resolve) => socket.onopen = resolve);
  const answers: string[] = [];
  const answered = new Promise<void>((resolve) => {
    socket.onmessage = ({ data }) => {
      answers.push(data.slice(0, 4));
      if (data === "last") resolve();
    };
  });
  const large = `4üü ${"x".repeat(70_000)}`;
  for (const text of ["1", "2".repeat(200), "3", large, "last"]) socket.send(text);
  await answered;
  assert.deepEqual(heard, ["1", "2".repeat(200), large, "last"]);
  assert.deepEqual(answers, ["1", "2222", "2222", "4üü ", "last"]);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
  await server.shutdown();
});

testWithPostgres(
  "a link is cut when PostgreSQL has committed and before the client hears of it",
  async (server) => {
    const to = await server.createDatabase();
    await server.psql("CREATE TABLE song (title text)", new URL(to).pathname.slice(1));
    for (const how of ["cut", "partition"] as const) {
      await using link = await FaultyLink.start({ to, framing: "postgres" });
      const client = new pg.Client({ connectionString: link.address });
      const lost = new Promise<Error>((resolve) => client.on("error", resolve));
      await client.connect();
      await client.query("BEGIN");
      await client.query("INSERT INTO song VALUES ($1)", ["first"]);
      await client.query("COMMIT");
      const failed = link.failBeforeCommitIsAnswered(how);
      await client.query("BEGIN");
      await client.query("INSERT INTO song VALUES ($1)", [how]);
      const committed = client.query("COMMIT");
      const outcome = assert.rejects(committed, /ECONNRESET/);
      await failed;
      link.heal();
      await outcome;
      await lost;
      const there = `SELECT count(*) FROM song WHERE title = '${how}'`;
      assert.equal(await server.psql(there, new URL(to).pathname.slice(1)), "1");
    }
  },
);

testWithPostgres("a link that is cut before the commit reaches PostgreSQL rolls it back", async (server) => {
  const to = await server.createDatabase();
  const name = new URL(to).pathname.slice(1);
  await server.psql("CREATE TABLE song (title text)", name);
  await using link = await FaultyLink.start({ to, framing: "postgres" });
  const client = new pg.Client({ connectionString: link.address });
  client.on("error", () => {});
  await client.connect();
  const failed = link.failBefore(({ type, text }) => type === "Q" && text() === "COMMIT", {
    direction: "toServer",
  });
  await client.query("BEGIN");
  await client.query("INSERT INTO song VALUES ('never')");
  await assert.rejects(client.query("COMMIT"), /ECONNRESET/);
  await failed;
  assert.equal(await server.psql("SELECT count(*) FROM song", name), "0");
});

testWithPostgres(
  "psql, which asks for encryption first, passes a link that reads PostgreSQL's frames",
  async (server) => {
    await using link = await FaultyLink.start({ to: server.address(), framing: "postgres" });
    const { stdout } = await new Deno.Command("psql", { args: ["-Atc", "SELECT 'through'", link.address] })
      .output();
    assert.equal(new TextDecoder().decode(stdout), "through\n");
  },
);
