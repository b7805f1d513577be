/** Kills of the owner, of a host and of PostgreSQL at moments that a seed gives, while payments come. */
import assert from "node:assert/strict";
import { sleep, systemClock } from "../../../src/clock.ts";
import { Choices } from "../kill_scene.ts";
import { startPostgres } from "../postgres.ts";
import { randomFrom } from "../rooms_scene.ts";
import { withFolder } from "../temporary_store.ts";
import { Payments } from "./payments.ts";
import { freePort, Show } from "./show.ts";

export interface MachineKillsReport {
  kills: Record<"owner" | "host" | "server", number>;
  events: number;
  items: number;
  /** Hand-outs beyond the first. */
  repeated: number;
}

const owners = ["studio-1", "studio-2"] as const;

/** Throws if something is lost, doubled, out of order or stuck. */
export async function killMachines(
  { seed, payments, kills }: { seed: number; payments: number; kills: number },
): Promise<MachineKillsReport> {
  const choices = new Choices(randomFrom(seed));
  let report: MachineKillsReport | null = null;
  await withFolder(async (folder) => {
    await using server = await startPostgres();
    const address = await server.createDatabase();
    const port = freePort();
    await using show = new Show({
      folder,
      server,
      address,
      port,
      far: ["far"],
      itemMs: choices.of(0, 0, 2),
    });
    const run = new KillsRun(show, choices);
    await run.start();
    const provider = new Payments(port);
    try {
      for (let round = 0; round <= kills; round++) {
        const count = Math.ceil(payments / (kills + 1));
        const sending = provider.send(count);
        if (round < kills) {
          const at = provider.answered + choices.whole(count);
          await Promise.race([run.until(() => provider.answered >= at), sending]);
          await run.kill(choices.of("owner", "owner", "host", "server"), () => server);
        }
        await sending;
      }
      report = await run.finish(provider.answered);
    } finally {
      provider.stop();
    }
  });
  return report!;
}

class KillsRun {
  readonly #show: Show;
  readonly #choices: Choices;
  readonly #kills = { owner: 0, host: 0, server: 0 };
  readonly #lossesAt: { owner: number[]; host: number[] } = { owner: [], host: [] };
  /** Who stands by is last. */
  readonly #owners: string[] = [...owners];

  constructor(show: Show, choices: Choices) {
    this.#show = show;
    this.#choices = choices;
  }

  async start(): Promise<void> {
    const [owner, standby] = owners;
    await this.#startHost();
    await this.#show.startOwner(owner).line(/for \/kofi/);
    await this.#show.startOwner(standby).line(/takes over when studio-1 is lost/);
  }

  /** Looks again and again. */
  async until(isIt: () => boolean): Promise<void> {
    while (!isIt()) await sleep(systemClock, 1);
  }

  async kill(
    what: "owner" | "host" | "server",
    server: () => { kill(): Promise<void>; stop(): Promise<void>; restart(): Promise<void> },
  ): Promise<void> {
    this.#kills[what]++;
    switch (what) {
      case "owner": {
        const owner = this.#owners.shift()!;
        this.#lossesAt.owner.push(await this.#show.kill(owner));
        this.#owners.push(owner);
        this.#show.startOwner(owner);
        return;
      }
      case "host":
        this.#lossesAt.host.push(await this.#show.kill("gpu-1"));
        return await this.#startHost();
      case "server":
        await (this.#choices.of(true, false) ? server().kill() : server().stop());
        return await server().restart();
    }
  }

  async finish(payments: number): Promise<MachineKillsReport> {
    const show = this.#show;
    await show.drained();
    await this.#checkEvents(payments);
    const { owner: ofOwners, host: ofHosts } = this.#lossesAt;
    const near = await show.checkService("near", ofOwners);
    // A host that is killed may be noticed late, so that what it had is handed out again later.
    const far = await show.checkService("far", [...ofOwners, ...ofHosts]);
    assert.deepEqual([near, far], [payments, payments], "each service gets each event");
    const [owner, standby] = this.#owners as [string, string];
    await show.kill(standby);
    await show.stop(owner);
    await show.stop("gpu-1");
    assert.deepEqual(await show.rows("SELECT id FROM live_session WHERE status = 'active'"), []);
    const begins = ["near", "far"].flatMap((slug) => show.lines(slug)).filter(({ what }) => what === "begin");
    return {
      kills: this.#kills,
      events: payments,
      items: near + far,
      repeated: begins.length - near - far,
    };
  }

  async #checkEvents(payments: number): Promise<void> {
    const show = this.#show;
    assert.equal(await show.number("SELECT count(*) FROM live_event"), payments, "each payment is stored");
    assert.equal(await show.number("SELECT count(DISTINCT message_id) FROM live_event"), payments, "once");
    const doubled =
      "SELECT live_event_id FROM event_queue GROUP BY live_event_id, service_id HAVING count(*) > 1";
    assert.deepEqual(await show.rows(doubled), [], "one item for each event and service");
  }

  async #startHost(): Promise<void> {
    await this.#show.startHost("gpu-1").line(/gpu-1 serves/);
  }
}
