/** Machines that capture many streamers: what a machine costs, and how long its rooms take to open or to be taken over. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../../../src/clock.ts";
import { livecue, type Running, startProgram, writeConfig } from "../livecue.ts";
import type { Postgres } from "../postgres.ts";
import { type CrowdTikTok, streamerNames } from "./crowd_tiktok.ts";

/** In clock ticks of 10 ms. */
const tickMs = 10;

/** Events come every 20 s. */
const storedWithinMs = 60_000;

export interface Cost {
  /** Resident memory, at the end. */
  megabytes: number;
  /** Part of one core, over all threads. */
  cpu: number;
}

export interface ManyRoomsOptions {
  folder: string;
  server: Postgres;
  /** A new database. */
  address: string;
  tiktok: CrowdTikTok;
  count: number;
}

const dummy = fileURLToPath(new URL("../../../services/dummy.ts", import.meta.url));
const verbose = fileURLToPath(new URL("../../../services/verbose.ts", import.meta.url));

export class ManyRooms implements AsyncDisposable {
  readonly #options: ManyRoomsOptions;
  readonly #machines = new Map<string, Running>();

  constructor(options: ManyRoomsOptions) {
    this.#options = options;
  }

  /** Creates the database's tables and adds the streamers. */
  async prepare(): Promise<void> {
    const { folder, address, tiktok, count } = this.#options;
    const service = (service_class: string) => ({
      service_class,
      isolation: "shared",
      subscriptions: { CommentEvent: { is_async: true } },
    });
    writeConfig(folder, {
      database: address,
      sources: { main: { type: "tiktok", endpoints: tiktok.endpoints } },
      services: { dummy: service(dummy), verbose: service(verbose) },
    });
    const names = streamerNames(count);
    for (const args of [["init"], ["streamers", "add", ...names]]) {
      const { code, stdout, stderr } = await livecue(folder, ...args);
      if (code !== 0) throw new Error(`${args[0]}: ${stdout}${stderr}`);
    }
  }

  /** Starts a machine. Its folder has the config of all. */
  start(machine: string, ...args: string[]): Running {
    const { folder, count } = this.#options;
    const own = join(folder, machine);
    Deno.mkdirSync(own, { recursive: true });
    Deno.copyFileSync(join(folder, "config.jsonc"), join(own, "config.jsonc"));
    const given = ["--name", machine, "--max-streamers", String(count), "--connects-per-minute", "60000"];
    const running = startProgram(own, "start", "--all", ...given, ...args);
    this.#machines.set(machine, running);
    return running;
  }

  /** Kills a machine at once. */
  async kill(machine: string): Promise<void> {
    const running = this.#machines.get(machine);
    this.#machines.delete(machine);
    running?.kill("SIGKILL");
    await running?.ended;
  }

  async stop(machine: string): Promise<void> {
    const running = this.#machines.get(machine);
    this.#machines.delete(machine);
    running?.kill("SIGINT");
    const ended = await running?.ended;
    if (ended?.code !== 0) throw new Error(`${machine} stopped with ${ended?.code}:\n${ended?.stderr}`);
  }

  /** By machine, how many rooms it has by the locks that the server knows. */
  async held(): Promise<Record<string, number>> {
    const text = await this.#ask(heldRooms);
    const rows = text.split("\n").filter((line) => line !== "").map((line) => line.split("|"));
    return Object.fromEntries(rows.map(([machine, count]) => [machine, Number(count)]));
  }

  /** Resolves, in milliseconds, when these machines together have all rooms. */
  async untilHeld(machines: readonly string[], limitMs = 120_000): Promise<number> {
    const begin = performance.now();
    for (;;) {
      const held = await this.held();
      const sum = machines.reduce((sum, machine) => sum + (held[machine] ?? 0), 0);
      const passedMs = performance.now() - begin;
      if (sum === this.#options.count) return passedMs;
      if (passedMs > limitMs) throw new Error(`After ${limitMs / 1000} s: ${JSON.stringify(held)}`);
      await sleep(systemClock, 100);
    }
  }

  /** What is wrong, when every room has had time to store an event: rooms without one, streamers with two sessions. */
  async troubles(): Promise<string[]> {
    const now = Date.now();
    const silent = `SELECT count(*) FROM streamer WHERE name <> '' AND NOT EXISTS (
        SELECT 1 FROM live_session AS session JOIN live_event ON session_id = session.id
          WHERE session.streamer = streamer.name AND status = 'active' AND created_at > ${now})`;
    const begin = performance.now();
    while (await this.#ask(silent) !== "0") {
      if (performance.now() - begin > storedWithinMs) {
        return [`rooms without events: ${await this.#ask(silent)}`];
      }
      await sleep(systemClock, 1_000);
    }
    const twice = await this.#ask(
      "SELECT streamer FROM live_session WHERE status = 'active' GROUP BY streamer HAVING count(*) > 1",
    );
    return twice.split("\n").filter((line) => line !== "");
  }

  #ask(sql: string): Promise<string> {
    const { server, address } = this.#options;
    return server.psql(sql, new URL(address).pathname.slice(1));
  }

  /** What the machine costs while it is left alone for so long. */
  async cost(machine: string, forMs: number): Promise<Cost> {
    const pid = this.#machines.get(machine)?.pid ?? 0;
    const [before, begin] = [cpuMs(pid), performance.now()];
    await sleep(systemClock, forMs);
    const cpu = (cpuMs(pid) - before) / (performance.now() - begin);
    return { cpu, megabytes: residentMegabytes(pid) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines.keys()) await this.kill(machine);
  }
}

const heldRooms = `SELECT replace(application_name, 'livecue ', ''), count(*)
  FROM pg_locks JOIN pg_stat_activity USING (pid)
  JOIN streamer ON (classid::bigint << 32 | objid::bigint) =
    hashtextextended('Livecue room ' || current_schema() || ' ' || name, 0)
  WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND name <> ''
  GROUP BY 1`;

function cpuMs(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The process name before these fields may contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

function residentMegabytes(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
