/** RCON among servers that do what no server should. */
import assert from "node:assert/strict";
import { RconConnection } from "../../../services/gmod/rcon.ts";
import { encodePacket, packetType } from "../../../services/gmod/packet.ts";
import { Trouble } from "../../../services/gmod/trouble.ts";

const never = new AbortController().signal;
const maxGrowthBytes = 200 * 1024 * 1024;

/** Gets the connection when something has come. What it throws ends the connection. */
type Behavior = (connection: Deno.TcpConn) => Promise<void>;

async function withServer(behave: Behavior, use: (port: number) => Promise<void>): Promise<void> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    const connection = await listener.accept();
    try {
      await connection.read(new Uint8Array(5_000));
      await behave(connection);
    } catch {
      // The client has gone.
    } finally {
      connection.close();
    }
  })();
  try {
    await use(listener.addr.port);
  } finally {
    listener.close();
    await serving;
  }
}

async function send(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

async function sendForEver(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  while (true) await send(connection, bytes);
}

const hang = async (connection: Deno.TcpConn) => {
  while (await connection.read(new Uint8Array(5_000)) !== null);
};

/** The first packet of a connection is 1, its first command 2, the marker behind it 3. */
const accepted = encodePacket(1, packetType.authResponse);
const commandId = 2;

function onLogin(behave: Behavior): Behavior {
  return async (connection) => {
    await send(connection, accepted);
    await connection.read(new Uint8Array(5_000));
    await behave(connection);
  };
}

const cases: Record<string, Behavior> = {
  "sends zeros without an end": (connection) => sendForEver(connection, new Uint8Array(65_536)),
  "sends packets without an end in place of the answer to the password": (connection) =>
    sendForEver(connection, encodePacket(77, packetType.responseValue, "x".repeat(4_000))),
  "announces a packet of 2 GB": async (connection) => {
    await send(connection, new Uint8Array([255, 255, 255, 127, 0, 0, 0, 0]));
    await hang(connection);
  },
  "announces a packet below zero": async (connection) => {
    await send(connection, new Uint8Array(12).fill(255));
    await hang(connection);
  },
  "stops within a packet": async (connection) => {
    await send(connection, accepted.subarray(0, 7));
    await hang(connection);
  },
  "sends a reply without an end": onLogin((connection) =>
    sendForEver(connection, encodePacket(commandId, packetType.responseValue, "x".repeat(4_000)))
  ),
  "never answers a command": onLogin(hang),
  "hangs up at a command": onLogin(() => Promise.resolve()),
  "resets at once": () => Promise.resolve(),
};

for (const [name, behave] of Object.entries(cases)) {
  Deno.test(`A game server that ${name} is told of, and takes neither memory nor time without an end`, async () => {
    const before = Deno.memoryUsage().rss;
    await withServer(behave, async (port) => {
      const attempt = (async () => {
        const connection = await RconConnection.open({
          host: "127.0.0.1",
          port,
          password: "secret-key",
          connectTimeoutMs: 2_000,
          answerTimeoutMs: 1_000,
          answersMarkers: true,
          signal: never,
        });
        try {
          return await connection.execute("status", never);
        } finally {
          connection.close();
        }
      })();
      await assert.rejects(attempt, (error: Error) => {
        assert.ok(error instanceof Trouble, `${error}`);
        assert.match(error.message, /127\.0\.0\.1/);
        assert.doesNotMatch(error.message, /\p{Cc}|secret-key|undefined/u);
        return true;
      });
    });
    assert.ok(Deno.memoryUsage().rss - before < maxGrowthBytes);
  });
}
