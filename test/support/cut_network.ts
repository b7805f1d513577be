/**
 * A machine of its own on this computer, with a network between it and the computer that a test can cut. Unlike a
 * `FaultyLink`, nothing acknowledges what is lost, so both ends notice a cut as they do between two computers: by
 * keepalive, or when they have sent in vain for long.
 *
 * It is two of Linux's network namespaces: the machine's, and that of a router, which stops forwarding.
 */
import type { Direction } from "./framing.ts";

/** Whether such a network can be made: on Linux, as root, with the program `ip`. */
export const canCutNetworks = Deno.build.os === "linux" && Deno.uid() === 0 && mayMake();
export const whyNetworksCannotBeCut = "network namespaces need root and Debian's iproute2";

let madeCount = 0;

export class CutNetwork implements AsyncDisposable {
  /** This computer's address, as the machine sees it. */
  readonly hostAddress: string;
  readonly #name: string;

  private constructor(name: string, hostAddress: string) {
    this.#name = name;
    this.hostAddress = hostAddress;
  }

  static async make(): Promise<CutNetwork> {
    const number = (Deno.pid * 8 + madeCount++) % 2 ** 16;
    const name = `lc${number}`;
    const at = (last: number) =>
      `10.${64 + (number >> 12)}.${number >> 4 & 255}.${(number & 15) * 16 + last}`;
    const network = new CutNetwork(name, at(1));
    const [router, machine] = [`${name}r`, `${name}m`];
    // Between host and router the addresses 1 and 2, between router and machine 5 and 6.
    await ip(`netns add ${router}`);
    await ip(`netns add ${machine}`);
    await ip(`link add ${name}h type veth peer name tohost netns ${router}`);
    await ip(`-n ${router} link add tomachine type veth peer name eth0 netns ${machine}`);
    await ip(`addr add ${at(1)}/30 dev ${name}h`);
    await ip(`-n ${router} addr add ${at(2)}/30 dev tohost`);
    await ip(`-n ${router} addr add ${at(5)}/30 dev tomachine`);
    await ip(`-n ${machine} addr add ${at(6)}/30 dev eth0`);
    await ip(`link set ${name}h up`);
    for (const device of ["tohost", "tomachine"]) await ip(`-n ${router} link set ${device} up`);
    for (const device of ["lo", "eth0"]) await ip(`-n ${machine} link set ${device} up`);
    await ip(`route add ${at(4)}/30 via ${at(2)}`);
    await ip(`-n ${machine} route add default via ${at(5)}`);
    await network.heal();
    return network;
  }

  /** A command that runs the program on the machine. */
  command(program: string, args: readonly string[]): [string, string[]] {
    return ["ip", ["netns", "exec", `${this.#name}m`, program, ...args]];
  }

  /** From now on all packets of the direction, or of both, are lost. The server is on this computer. */
  async cut(direction?: Direction): Promise<void> {
    if (direction !== "toClient") await this.#forward("tomachine", false);
    if (direction !== "toServer") await this.#forward("tohost", false);
  }

  async heal(): Promise<void> {
    await this.#forward("tomachine", true);
    await this.#forward("tohost", true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await ip(`netns del ${this.#name}m`);
    await ip(`netns del ${this.#name}r`);
  }

  /** Whether the router passes on what comes from this device. */
  async #forward(device: string, isOn: boolean): Promise<void> {
    const file = `/proc/sys/net/ipv4/conf/${device}/forwarding`;
    await ip(`netns exec ${this.#name}r sh -c`, `echo ${Number(isOn)} > ${file}`);
  }
}

async function ip(words: string, ...more: string[]): Promise<void> {
  const args = [...words.split(" "), ...more];
  const { success, stderr } = await new Deno.Command("ip", { args, stdin: "null" }).output();
  if (!success) throw new Error(`"ip ${args.join(" ")}" failed: ${new TextDecoder().decode(stderr)}`);
}

function mayMake(): boolean {
  const name = `lc${Deno.pid}t`;
  const run = (action: string) =>
    new Deno.Command("ip", { args: ["netns", action, name] }).outputSync().success;
  try {
    return run("add") && run("del");
  } catch {
    return false;
  }
}
