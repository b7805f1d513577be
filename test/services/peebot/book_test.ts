import assert from "node:assert/strict";
import { join } from "node:path";
import { Book, type Choice, migrations } from "../../../services/peebot/book.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { withFolder } from "../../support/temporary_store.ts";

const minute = 60_000;
const start = Date.UTC(2026, 10, 27);
const templates = ["a", "b", "c", "d"];

/** Opens the book anew for each use, as after a restart. */
function inBook<Result>(folder: string, use: (book: Book) => Result): Result {
  const database = openDatabase(join(folder, "data.db"), migrations);
  try {
    return use(new Book(database));
  } finally {
    database.close();
  }
}

function choose(folder: string, key: string, at: number, given = templates, network = "n"): Choice {
  const fill = (template: string) => `${template} at ${at}`;
  return inBook(
    folder,
    (book) => book.choose({ key, network, at, gapMs: 30 * minute, templates: given, fill }),
  );
}

Deno.test("All texts are used before one is repeated, through restarts, and none twice in a row", () =>
  withFolder((folder) => {
    const texts = Array.from({ length: 40 }, (_, index) => {
      const choice = choose(folder, `k${index}`, start + index * 31 * minute);
      return choice.kind === "post" ? choice.text.charAt(0) : "";
    });
    for (let round = 0; round < texts.length; round += templates.length) {
      assert.deepEqual(texts.slice(round, round + templates.length).sort(), templates, texts.join(""));
    }
    assert.ok(texts.every((text, index) => text !== texts[index - 1]), texts.join(""));
    return Promise.resolve();
  }));

Deno.test("A text that is new in the list is used in the same round", () =>
  withFolder((folder) => {
    for (const [index] of templates.entries()) choose(folder, `k${index}`, start + index * 31 * minute);
    const choice = choose(folder, "new", start + 200 * minute, [...templates, "e"]);
    assert.equal(choice.kind === "post" && choice.text.charAt(0), "e");
    return Promise.resolve();
  }));

Deno.test("A choice that is repeated after a crash is the same one", () =>
  withFolder((folder) => {
    const first = choose(folder, "k", start);
    assert.deepEqual(choose(folder, "k", start + minute), first);
    return Promise.resolve();
  }));

Deno.test("Within half an hour no other post is chosen, and a dry run holds up no real post", () =>
  withFolder((folder) => {
    choose(folder, "k1", start);
    assert.deepEqual(choose(folder, "k2", start + 29 * minute), {
      kind: "too_soon",
      allowedAt: start + 30 * minute,
    });
    assert.equal(choose(folder, "k3", start + 29 * minute, templates, "other").kind, "post");
    assert.equal(choose(folder, "k4", start + 30 * minute).kind, "post");
    return Promise.resolve();
  }));

Deno.test("After the clock was set back by a day, posts go on", () =>
  withFolder((folder) => {
    choose(folder, "k1", start);
    assert.equal(choose(folder, "k2", start - 24 * 60 * minute).kind, "post");
    assert.equal(choose(folder, "k3", start - 24 * 60 * minute + minute).kind, "too_soon");
    return Promise.resolve();
  }));

Deno.test("The book knows whether a request was sent before, and what became of it", () =>
  withFolder((folder) => {
    choose(folder, "k", start);
    assert.deepEqual([1, 2].map(() => inBook(folder, (book) => book.begin("k"))), [false, true]);
    inBook(folder, (book) => book.fail("k", "no answer"));
    assert.deepEqual(inBook(folder, (book) => book.begin("k")), true);
    inBook(folder, (book) => book.finish("k", { address: "https://example.com/1", at: start + minute }));
    assert.deepEqual(
      inBook(folder, (book) => book.last(10)).map(({ status, address, error }) => [status, address, error]),
      [["posted", "https://example.com/1", ""]],
    );
    return Promise.resolve();
  }));

Deno.test("The half hour begins when a post was made, if that was later than its choice", () =>
  withFolder((folder) => {
    choose(folder, "k1", start);
    inBook(folder, (book) => book.finish("k1", { address: "", at: start + 25 * minute }));
    assert.deepEqual(choose(folder, "k2", start + 31 * minute), {
      kind: "too_soon",
      allowedAt: start + 55 * minute,
    });
    assert.equal(choose(folder, "k3", start + 55 * minute).kind, "post");
    return Promise.resolve();
  }));
