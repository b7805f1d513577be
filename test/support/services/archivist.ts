import {
  BaseQueueService,
  type LiveEvent,
  type Migration,
  type ServiceCommands,
  UserError,
} from "livecue/service";
import { z } from "zod";

export const optionsSchema = z.object({
  greeting: z.string().default("hello"),
  /** Migrations that it knows. */
  version: z.int().default(1),
  everySeconds: z.number().optional(),
});

const migrations: Migration[] = [
  ["CREATE TABLE said (item INTEGER PRIMARY KEY, comment TEXT NOT NULL) STRICT"],
  "ALTER TABLE said ADD COLUMN loud INTEGER NOT NULL DEFAULT 0",
];

type Options = z.output<typeof optionsSchema>;

/** Keeps what is said in a database of its own. */
export default class Archivist extends BaseQueueService<Options> {
  readonly #database = this.database(migrations.slice(0, this.options.version));
  #runs = 0;

  override onStart(): void {
    const { everySeconds } = this.options;
    if (everySeconds === undefined) return;
    this.every(everySeconds, () => {
      this.#runs++;
      if (this.#runs === 1) throw new Error("the first is wrong");
      if (this.#runs === 3) this.log.info("three runs");
    });
  }

  override processEvent(event: LiveEvent, item: { id: number }): boolean {
    if (event.type !== "CommentEvent") return false;
    const insert = this.#database.prepare(
      "INSERT INTO said (item, comment) VALUES (?, ?) ON CONFLICT DO NOTHING",
    );
    insert.run(item.id, event.data.comment);
    return true;
  }

  override onStop(): void {
    this.log.info(`${this.#database.prepare("SELECT count(*) AS count FROM said").get()?.count} kept`);
  }
}

export const commands: ServiceCommands<Options> = {
  list: {
    description: "lists what was said",
    run({ database, print, options }) {
      for (
        const { comment } of database(migrations.slice(0, options.version)).prepare(
          "SELECT comment FROM said",
        ).all()
      ) {
        print(`${options.greeting}: ${comment}`);
      }
    },
  },
  add: {
    description: "adds a word",
    usage: "WORD",
    run({ database, options }, word) {
      if (word === undefined) throw new UserError("Say which word, as: add hello");
      database(migrations.slice(0, options.version)).prepare("INSERT INTO said (comment) VALUES (?)").run(
        word,
      );
    },
  },
  break: {
    description: "breaks",
    run() {
      throw new Error("it broke");
    },
  },
  read: {
    description: "reads a file",
    usage: "PATH",
    run: async ({ print }, path) => print(await Deno.readTextFile(path as string)),
  },
  wait: {
    description: "waits to be stopped",
    async run({ signal, print }) {
      print("waiting");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      print("told to stop");
    },
  },
  loop: {
    description: "never ends",
    run({ print }) {
      print("looping");
      for (;;);
    },
  },
  exit: { description: "exits", run: () => Deno.exit(7) },
  say: {
    description: "says its words",
    usage: "WORDS…",
    run: ({ print }, ...words) => print(words.join("|")),
  },
};
