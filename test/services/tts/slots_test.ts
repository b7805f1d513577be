import assert from "node:assert/strict";
import { Slots } from "../../../services/tts/slots.ts";

/** Tasks that end when the test wants, with names such as "flooder 3". */
class Tasks {
  readonly begun: string[] = [];
  readonly #ends = new Map<string, () => void>();
  readonly #slots: Slots;

  constructor(slots: Slots) {
    this.#slots = slots;
  }

  add(viewer: string, count: number, priority = 5): void {
    for (let index = 1; index <= count; index++) this.addOne(viewer, `${viewer} ${index}`, priority);
  }

  addOne(viewer: string, name: string, priority = 5, isMadeHere = false): void {
    void this.#slots.run({ viewer, priority, isMadeHere }, () => {
      this.begun.push(name);
      return new Promise<void>((end) => this.#ends.set(name, end));
    });
  }

  /** Ends running tasks one after the other: this many, or until none remains. */
  async end(count = Infinity): Promise<void> {
    await settled();
    for (let ended = 0; ended < count && this.#ends.size > 0; ended++) {
      const [name, end] = [...this.#ends][0] as [string, () => void];
      this.#ends.delete(name);
      end();
      await settled();
    }
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function countOf(names: readonly string[], viewer: string): number {
  return names.filter((name) => name.startsWith(`${viewer} `)).length;
}

Deno.test("One viewer has at most six running tasks, and all viewers together at most thirty", async () => {
  const slots = new Slots({ total: 30, perViewer: 6 });
  const tasks = new Tasks(slots);
  tasks.add("flooder", 600);
  await settled();
  assert.deepEqual([tasks.begun.length, slots.runningCount, slots.waitingCount], [6, 6, 594]);
  for (const viewer of ["a", "b", "c", "d", "e"]) tasks.add(viewer, 10);
  await settled();
  assert.equal(slots.runningCount, 30);
  assert.equal(countOf(tasks.begun, "flooder"), 6);
  await tasks.end();
  assert.equal(tasks.begun.length, 650);
  assert.deepEqual([slots.runningCount, slots.waitingCount], [0, 0]);
});

Deno.test("The viewer with the fewest running tasks is next: a flood of one viewer delays nobody else", async () => {
  const tasks = new Tasks(new Slots({ total: 2, perViewer: 2 }));
  tasks.add("flooder", 100);
  for (const viewer of ["a", "b", "c", "d", "e"]) tasks.add(viewer, 1);
  await tasks.end(7);
  assert.deepEqual(tasks.begun.slice(0, 7), [
    "flooder 1",
    "flooder 2",
    "a 1",
    "b 1",
    "c 1",
    "d 1",
    "e 1",
  ]);
});

Deno.test("Viewers with equally many running tasks take turns", async () => {
  const tasks = new Tasks(new Slots({ total: 1, perViewer: 6 }));
  for (const viewer of ["a", "b", "c"]) tasks.add(viewer, 2);
  await tasks.end();
  assert.deepEqual(tasks.begun, ["a 1", "b 1", "c 1", "a 2", "b 2", "c 2"]);
});

Deno.test("Among viewers not served yet, the one with the more important text is next", async () => {
  const tasks = new Tasks(new Slots({ total: 1, perViewer: 6 }));
  tasks.add("a", 2);
  for (let index = 0; index < 20; index++) tasks.add(`chatter${index}`, 1, 4);
  tasks.add("donor", 2, 10);
  await tasks.end(4);
  assert.deepEqual(tasks.begun.slice(0, 4), ["a 1", "donor 1", "chatter0 1", "chatter1 1"]);
});

Deno.test("This computer's own tasks begin one at a time, beside those of a server", async () => {
  const slots = new Slots({ total: 30, perViewer: 6 });
  const tasks = new Tasks(slots);
  for (const number of [1, 2, 3]) tasks.addOne("a", `here ${number}`, 5, true);
  for (const number of [1, 2]) tasks.addOne("a", `elsewhere ${number}`, 5);
  await settled();
  assert.deepEqual(tasks.begun, ["here 1", "elsewhere 1", "elsewhere 2"]);
  assert.equal(slots.runningCount, 3);
  tasks.addOne("b", "here 4", 5, true);
  await tasks.end();
  assert.deepEqual(tasks.begun.slice(3), ["here 4", "here 2", "here 3"]);
});

Deno.test("Among one viewer's tasks the higher priority is first, then the older", async () => {
  const tasks = new Tasks(new Slots({ total: 1, perViewer: 1 }));
  tasks.addOne("a", "first", 1);
  tasks.addOne("a", "chat 1", 5);
  tasks.addOne("a", "chat 2", 5);
  tasks.addOne("a", "gift 1", 10);
  tasks.addOne("a", "gift 2", 10);
  await tasks.end();
  assert.deepEqual(tasks.begun, ["first", "gift 1", "gift 2", "chat 1", "chat 2"]);
});

Deno.test("A task that fails rejects, and the next one gets its slot", async () => {
  const slots = new Slots({ total: 1, perViewer: 1 });
  const failing = slots.run(
    { viewer: "a", priority: 5, isMadeHere: true },
    () => Promise.reject(new Error("no voice")),
  );
  const next = slots.run({ viewer: "a", priority: 5, isMadeHere: true }, () => Promise.resolve("made"));
  await assert.rejects(failing, /no voice/);
  assert.equal(await next, "made");
  assert.equal(slots.runningCount, 0);
});
