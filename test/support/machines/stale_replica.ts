/** A replica that had stopped following is promoted, and the machine finds it at the address of its database. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { startPostgres } from "../postgres.ts";
import { withFolder } from "../temporary_store.ts";
import { Payments } from "./payments.ts";
import { freePort, Show } from "./show.ts";

export interface StaleReport {
  /** Payments that only the lost server had. */
  lost: number;
  kept: number;
}

/** Throws if the machine goes on with what it remembers. */
export async function promoteStaleReplica(): Promise<StaleReport> {
  let report: StaleReport | null = null;
  await withFolder(async (folder) => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    const database = new URL(address).pathname.slice(1);
    await using switched = await SwitchedAddress.start(address);
    const port = freePort();
    await using show = new Show({ folder, server, address, port });
    const running = show.startOwner("studio-1", { address: switched.address });
    await running.line(/for \/kofi/);
    const provider = new Payments(port);
    try {
      await provider.send(50);
      await show.drained();
      await using replica = await server.startReplica();
      await replica.catchUp(server);
      await replica.detach();
      await provider.send(50);
      await show.drained();
      await server.stop();
      await replica.promote();
      switched.to(replica.address(database));
      const { code, stdout, stderr } = await running.ended;
      assert.match(stdout + stderr, /an older copy was put in its place\. This run ends\./);
      assert.equal(code, 2);
      const kept = Number(await replica.psql("SELECT count(*) FROM live_event", database));
      assert.equal(kept, 50, "nothing of the lost half is written to the older copy");
      // Started again, it goes on with what the database has, and the provider sends the rest again.
      await using later = new Show({ folder, server: replica, address: replica.address(database), port });
      await later.startOwner("studio-2").line(/for \/kofi/);
      await provider.send(20);
      await later.drained();
      assert.equal(await later.number("SELECT count(*) FROM live_event"), kept + 20);
      const open = "SELECT count(*) FROM event_queue WHERE status <> 'completed'";
      assert.equal(await later.number(open), 0);
      await later.stop("studio-2");
      report = { lost: 50, kept };
    } finally {
      provider.stop();
    }
  });
  return report!;
}

/** An address whose server can be replaced. */
class SwitchedAddress implements AsyncDisposable {
  readonly address: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #to: URL;

  private constructor(server: Server, to: URL, address: string) {
    this.#server = server;
    this.#to = to;
    this.address = address;
  }

  static async start(to: string): Promise<SwitchedAddress> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = new URL(to);
    address.port = String((server.address() as AddressInfo).port);
    const switched = new SwitchedAddress(server, new URL(to), address.href);
    server.on("connection", (client) => switched.#join(client));
    return switched;
  }

  /** From now on, connections lead to this server. */
  to(address: string): void {
    this.#to = new URL(address);
    for (const socket of this.#sockets) socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(client: Socket): void {
    const server = connect({ host: this.#to.hostname, port: Number(this.#to.port) });
    for (const [one, other] of [[client, server], [server, client]] as const) {
      this.#sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
