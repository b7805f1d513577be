/** The worker of `link.ts`: passes bytes on between its clients and a server, as it is told. */
import type { Direction, LinkCommand, LinkNote, Passage } from "./link.ts";

declare const self: {
  onmessage: ((message: MessageEvent<LinkCommand>) => void) | null;
  postMessage(note: LinkNote): void;
  close(): void;
};

const passages: Record<Direction, Passage> = { toServer: "open", toClient: "open" };
const opened = { toServer: Promise.withResolvers<void>(), toClient: Promise.withResolvers<void>() };
const connections = new Set<Deno.TcpConn>();
let listener: Deno.TcpListener | null = null;

self.onmessage = ({ data }) => {
  switch (data.kind) {
    case "listen":
      listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      accept(listener, data.port);
      return self.postMessage({ kind: "done", port: listener.addr.port });
    case "set":
      for (const direction of data.directions) {
        passages[direction] = data.passage;
        opened[direction].resolve();
        opened[direction] = Promise.withResolvers<void>();
      }
      return self.postMessage({ kind: "done", port: 0 });
    case "cut":
      cutAll();
      return self.postMessage({ kind: "done", port: 0 });
    case "close":
      listener?.close();
      cutAll();
      self.postMessage({ kind: "done", port: 0 });
      self.close();
  }
};

function cutAll(): void {
  for (const connection of connections) close(connection);
}

function close(connection: Deno.TcpConn): void {
  if (!connections.delete(connection)) return;
  connection.close();
}

async function accept(listener: Deno.TcpListener, port: number): Promise<void> {
  try {
    for await (const client of listener) join(client, port);
  } catch {
    // It was closed.
  }
}

async function join(client: Deno.TcpConn, port: number): Promise<void> {
  connections.add(client);
  try {
    const server = await Deno.connect({ hostname: "127.0.0.1", port });
    connections.add(server);
    await Promise.race([pass(client, server, "toServer"), pass(server, client, "toClient")]);
    close(server);
  } catch {
    // The server does not listen, or a side has left.
  }
  close(client);
}

async function pass(from: Deno.TcpConn, to: Deno.TcpConn, direction: Direction): Promise<void> {
  const buffer = new Uint8Array(65_536);
  while (true) {
    const length = await from.read(buffer);
    if (length === null) return;
    while (passages[direction] === "held") {
      self.postMessage({ kind: "held", direction });
      await opened[direction].promise;
    }
    if (passages[direction] === "dropping") continue;
    const writer = to.writable.getWriter();
    await writer.write(buffer.slice(0, length));
    writer.releaseLock();
  }
}
