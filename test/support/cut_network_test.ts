import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { canCutNetworks, CutNetwork, whyNetworksCannotBeCut } from "./cut_network.ts";
import { postgresIsMissing, startPostgres, whyPostgresIsMissing } from "./postgres.ts";

const whyNot = !canCutNetworks ? whyNetworksCannotBeCut : postgresIsMissing ? whyPostgresIsMissing : null;

Deno.test({
  name: `PostgreSQL notices by keepalive that the network to another machine is cut${
    whyNot ? ` (${whyNot})` : ""
  }`,
  ignore: whyNot !== null,
  fn: async () => {
    await using network = await CutNetwork.make();
    await using server = await startPostgres({
      reachableAt: network.hostAddress,
      // Keepalive is for a connection that is silent; the other is for one with something on its way.
      settings: {
        tcp_keepalives_idle: "1",
        tcp_keepalives_interval: "1",
        tcp_keepalives_count: "1",
        tcp_user_timeout: "2000",
      },
    });
    const [program, args] = network.command("psql", [
      "-X",
      "-q",
      server.address("postgres", network.hostAddress),
    ]);
    const holder = new Deno.Command(program, { args, stdin: "piped", stdout: "null", stderr: "null" })
      .spawn();
    const writer = holder.stdin.getWriter();
    await writer.write(new TextEncoder().encode("SELECT pg_advisory_lock(7);\n"));
    const locks = () => server.psql("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
    while (await locks() !== "1");
    await network.cut();
    while (await locks() !== "0");
    await writer.close();
    holder.kill("SIGKILL");
    await holder.status;
  },
});

Deno.test({
  name: `a network can be cut in one direction, and heals${whyNot ? ` (${whyNot})` : ""}`,
  ignore: whyNot !== null,
  fn: async () => {
    await using network = await CutNetwork.make();
    const heard: string[] = [];
    const socket = createSocket("udp4", (message, { address, port }) => {
      heard.push(String(message));
      socket.send(message, port, address);
    });
    socket.bind(0, network.hostAddress);
    await once(socket, "listening");
    /** What comes back within half a second, of one letter. */
    const send = async (text: string) => {
      const path = `/dev/udp/${network.hostAddress}/${socket.address().port}`;
      const script = `exec 3<>${path}; printf ${text} >&3; read -r -n 1 -t 0.5 answer <&3; echo $answer`;
      const [program, args] = network.command("bash", ["-c", script]);
      const { stdout } = await new Deno.Command(program, { args, stdin: "null" }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    assert.equal(await send("a"), "a");
    await network.cut("toClient");
    assert.equal(await send("b"), "");
    await network.heal();
    await network.cut("toServer");
    assert.equal(await send("c"), "");
    await network.heal();
    assert.equal(await send("d"), "d");
    socket.close();
    await once(socket, "close");
    assert.deepEqual(heard, ["a", "b", "d"]);
  },
});
