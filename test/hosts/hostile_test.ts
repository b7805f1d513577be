import assert from "node:assert/strict";
import { makeService } from "../support/runner_under_test.ts";
import { HostUnderTest, OwnerUnderTest, startOwner, testToken } from "../support/remote_under_test.ts";

/** A connection to a host, as an owner makes it, that can send anything. */
async function connect(address: string, token = testToken): Promise<WebSocket> {
  const shown = { headers: { authorization: `Bearer ${token}` } } as unknown as string[];
  const socket = new WebSocket(address, shown);
  await new Promise((resolve) => socket.onopen = resolve);
  return socket;
}

const closed = (socket: WebSocket) =>
  new Promise<void>((resolve) => {
    if (socket.readyState === WebSocket.CLOSED) resolve();
    socket.onclose = () => resolve();
  });

const hello = {
  kind: "hello",
  protocol: 1,
  session: "s1",
  isNew: true,
  received: 0,
  service: "tested",
  room: "room9",
  owner: "o1",
  ownerName: "stranger",
  emits: [],
};

Deno.test("A host answers another version of the protocol with its own, and nothing else", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  const socket = await connect(host.address);
  const answer = new Promise((resolve) => socket.onmessage = ({ data }) => resolve(data));
  socket.send(JSON.stringify({ kind: "hello", protocol: 99, future: true }));
  assert.deepEqual(JSON.parse(String(await answer)), { kind: "refused", why: "protocol", protocol: 1 });
  socket.close();
  await closed(socket);
  assert.equal(host.host.sessionCount, 0);
});

Deno.test("Whatever somebody with the token sends, the host goes on for the others", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  await using owner = await startOwner(host);
  const first: (string | Uint8Array<ArrayBuffer>)[] = [
    "",
    "{",
    "null",
    "1 0 - \n",
    new Uint8Array(100),
    JSON.stringify({ ...hello, room: "../../etc" }),
    JSON.stringify({ ...hello, emits: "all" }),
    JSON.stringify({ ...hello, session: 5 }),
  ];
  for (const data of first) {
    const socket = await connect(host.address);
    socket.send(data);
    await closed(socket);
  }
  const later = [
    "no frame",
    "1 0 - 2\nxx",
    "1 9 - \n",
    ...[
      'w{"kind":"start"}',
      'w{"kind":"items","items":[{}],"maxConcurrency":1}',
      "w[",
      'c{"kind":"fly"}',
      "c[",
    ]
      .map((text) => `1 0 - ${text.length}\n${text}`),
  ];
  for (const [index, frame] of later.entries()) {
    const socket = await connect(host.address);
    const welcomed = new Promise((resolve) => socket.onmessage = resolve);
    socket.send(JSON.stringify({ ...hello, session: `s${index}`, room: `other${index}` }));
    await welcomed;
    socket.send(frame);
    await closed(socket);
  }
  assert.deepEqual(await owner.feed.say(1, "succeed"), { kind: "completed" });
  const told = host.log.entries.filter(({ text }) => /stranger sent something that is no message/.test(text));
  assert.equal(told.length, later.length);
});

Deno.test("Without the token a request gets an empty answer, whatever it is", async () => {
  await using host = new HostUnderTest([makeService("scripted")]);
  const url = host.address.replace("ws:", "http:");
  const requests = [
    new Request(url),
    new Request(url, { headers: { authorization: "Bearer " } }),
    new Request(url, { headers: { authorization: `Bearer ${testToken}x` } }),
    new Request(`${url}/link`, { method: "POST", body: "x".repeat(100_000) }),
    new Request(url, { headers: { authorization: `Bearer ${testToken}` } }),
  ];
  for (const request of requests) {
    const response = await fetch(request);
    assert.deepEqual([response.status, await response.text()], [404, ""]);
  }
  using raw = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await raw.write(crypto.getRandomValues(new Uint8Array(5_000)));
  await using owner = await startOwner(host);
  assert.deepEqual(await owner.feed.say(1, "succeed"), { kind: "completed" });
});

/** A server that says this after a hello, in place of a host. */
class FakeHost implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #closing = new AbortController();
  readonly #sockets: WebSocket[] = [];

  constructor(says: readonly string[]) {
    this.#server = Deno.serve({ port: 0, signal: this.#closing.signal, onListen: () => {} }, (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
      this.#sockets.push(socket);
      socket.onmessage = () => says.forEach((text) => socket.send(text));
      return response;
    });
  }

  get address(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    this.#closing.abort();
    await this.#server.finished;
  }
}

const welcome = JSON.stringify({ kind: "welcome", received: 0, canKill: true });
const framed = (text: string) => `1 0 - ${text.length}\n${text}`;

for (
  const [what, says, sentence] of [
    [
      "has another version",
      [JSON.stringify({ kind: "refused", why: "protocol", protocol: 7 })],
      /it has another version of Livecue \(protocol 7, here 1\): install the same version/,
    ],
    ["sends no frames", [welcome, "nonsense"], /it sent something that is no message/],
    [
      "sends an unknown message",
      [welcome, framed('c{"kind":"fly"}')],
      /it sent something that is no message/,
    ],
    ["acknowledges what nobody sent", [welcome, "1 50 - \n"], /it sent something that is no message/],
    [
      "sends what no worker may send",
      [welcome, framed('w{"kind":"ended","ends":[{"itemId":1}]}')],
      /sent the end of an item that it does not have/,
    ],
  ] as const
) {
  Deno.test(`A host that ${what} is told in a sentence, and harms nothing`, async () => {
    await using fake = new FakeHost(says);
    await using owner = startOwnerOf(fake);
    await owner.log.heard(sentence);
    assert.equal(owner.runner.stats.restarts, 0);
  });
}

/** Does not wait for the start, which may never be answered. */
function startOwnerOf(fake: FakeHost): Awaited<ReturnType<typeof startOwner>> {
  const owner = new OwnerUnderTest(fake);
  void owner.runner.start();
  return owner;
}
