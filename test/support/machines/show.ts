/** Whole programs on several machines that share a PostgreSQL database, and what another program finds in that. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sleep, systemClock } from "../../../src/clock.ts";
import type { CutNetwork } from "../cut_network.ts";
import { type Running, startCommand, startProgram, writeConfig } from "../livecue.ts";
import type { Postgres } from "../postgres.ts";
import { checkLogbook, type KnownItem, type LogbookLine, logbookLines } from "./logbook_lines.ts";

const logbook = fileURLToPath(new URL("../services/logbook.ts", import.meta.url));

export interface ShowOptions {
  folder: string;
  server: Postgres;
  /** Of the database, for programs that nothing disturbs. */
  address: string;
  /** Of the webhook for payments. */
  port?: number;
  /** Services that a host runs. */
  far?: readonly string[];
  near?: readonly string[];
  itemMs?: number;
}

export interface MachineOptions {
  /** Where the machine finds the database. */
  address?: string;
  network?: CutNetwork;
}

/** How long a show may take to handle what it has. */
const drainMs = 120_000;

export class Show implements AsyncDisposable {
  readonly #options: Required<ShowOptions>;
  readonly #machines = new Map<string, Running>();

  constructor(options: ShowOptions) {
    this.#options = { port: 0, far: [], near: ["near"], itemMs: 0, ...options };
  }

  /** A machine with a folder and a config of its own. */
  start(machine: string, args: readonly string[], { address, network }: MachineOptions = {}): Running {
    const folder = join(this.#options.folder, machine);
    Deno.mkdirSync(folder, { recursive: true });
    this.#writeConfig(folder, machine, address ?? this.#options.address);
    const running = network === undefined
      ? startProgram(folder, ...args)
      : startCommand(folder, (program, given) => network.command(program, given), args);
    this.#machines.set(machine, running);
    return running;
  }

  /** Captures and processes, or stands by. */
  startOwner(machine: string, options?: MachineOptions): Running {
    return this.start(machine, ["start", "--plain", "--name", machine], options);
  }

  startHost(machine: string): Running {
    const services = this.#options.far.flatMap((slug) => ["--service", slug]);
    return this.start(machine, ["work", "--name", machine, ...services]);
  }

  /** Kills a machine at once. Returns when, in Unix milliseconds. */
  async kill(machine: string): Promise<number> {
    const running = this.#take(machine);
    running.kill("SIGKILL");
    await running.ended;
    return Date.now();
  }

  async stop(machine: string): Promise<void> {
    const running = this.#take(machine);
    running.kill("SIGINT");
    const { code, stdout, stderr } = await running.ended;
    if (code !== 0) throw new Error(`${machine} stopped with ${code}:\n${stdout}\n${stderr}`);
  }

  /** The lines of a statement's answer, each as its columns. */
  async rows(sql: string): Promise<string[][]> {
    const { server, address } = this.#options;
    const text = await server.psql(sql, new URL(address).pathname.slice(1));
    return text.split("\n").filter((line) => line !== "").map((line) => line.split("|"));
  }

  async number(sql: string): Promise<number> {
    return Number((await this.rows(sql))[0]?.[0]);
  }

  /** Resolves when no item waits or is in hand. */
  async drained(): Promise<void> {
    const open = "SELECT count(*) FROM event_queue WHERE status IN ('pending', 'processing')";
    const begin = performance.now();
    while (await this.number(open) > 0) {
      if (performance.now() - begin > drainMs) throw new Error(`stuck: ${await this.number(open)} items`);
      await sleep(systemClock, 100);
    }
  }

  lines(slug: string): LogbookLine[] {
    return logbookLines(this.#fileOf(slug));
  }

  async items(slug: string): Promise<KnownItem[]> {
    const rows = await this.rows(
      `SELECT item.id, live_event_id, priority, attempts, status FROM event_queue AS item
        JOIN service ON service.id = service_id WHERE slug = '${slug}' ORDER BY item.id`,
    );
    return rows.map(([id, eventId, priority, attempts, status]) => ({
      id: Number(id),
      eventId: Number(eventId),
      priority: Number(priority),
      attempts: Number(attempts),
      status: status ?? "",
    }));
  }

  /** `lossesAt`: when items of this service may have been lost out of somebody's hand. */
  async checkService(slug: string, lossesAt: readonly number[]): Promise<number> {
    const items = await this.items(slug);
    checkLogbook(this.lines(slug), { items, lossesAt });
    return items.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const running of this.#machines.values()) {
      try {
        running.kill("SIGKILL");
      } catch (error) {
        // It has ended by itself.
        if (!(error instanceof TypeError)) throw error;
      }
      await running.ended;
    }
  }

  #take(machine: string): Running {
    const running = this.#machines.get(machine);
    if (running === undefined) throw new Error(`${machine} does not run.`);
    this.#machines.delete(machine);
    return running;
  }

  #fileOf(slug: string): string {
    return join(this.#options.folder, `${slug}.logbook`);
  }

  #writeConfig(folder: string, machine: string, database: string): void {
    const { port, far, near, itemMs } = this.#options;
    const service = (slug: string) => ({
      service_class: logbook,
      max_queue_size: 100_000,
      subscriptions: {
        DonationEvent: { priority: 5 },
        MembershipEvent: { priority: 9, is_async: true },
        OrderEvent: { priority: 2 },
        CommentEvent: { priority: 5 },
        GiftEvent: { priority: 8 },
      },
      permissions: { write: [this.#fileOf(slug)] },
      options: { file: this.#fileOf(slug), machine, itemMs },
    });
    const webhook = { type: "webhook", port, providers: { kofi: { token: "kofi-token" } } };
    writeConfig(folder, {
      database,
      ...port !== 0 && { sources: { tips: webhook } },
      services: Object.fromEntries([
        ...near.map((slug) => [slug, service(slug)]),
        ...far.map((
          slug,
        ) => [slug, machine.startsWith("gpu") ? service(slug) : { ...service(slug), runs_on: "gpu-1" }]),
      ]),
    });
  }
}

/** A port that nobody uses now. */
export function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}
