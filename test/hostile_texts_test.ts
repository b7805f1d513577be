/** What viewers may write against what takes it: nothing is executed, ends a line or steers a terminal. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { cleanLine, cleanName, cleanText } from "../src/clean_text.ts";
import { describeEvent } from "../src/describe.ts";
import { Template } from "../src/kit/template.ts";
import { createLog, type LogEntry, type LogSink } from "../src/log/log.ts";
import { Command } from "../services/gmod/command.ts";
import { shownText } from "../services/obs/shown_text.ts";
import { eventBody } from "../services/webhook/body.ts";
import { makeEvent } from "./support/events.ts";
import { FakeClock } from "./support/fake_clock.ts";

const hostile: Record<string, string> = {
  "colors": "\x1b[31mred\x1b[0m",
  "a title of the window": "\x1b]0;owned\x07",
  "the clipboard": "\x1b]52;c;cm0gLXJm\x07",
  "a link": "\x1b]8;;https://example.com\x1b\\click\x1b]8;;\x1b\\",
  "C1 controls": "\x9b31mred \x9d0;owned\x9c",
  "a cleared screen": "\x1bc\x1b[2J\x1b[H",
  "an end of line": "one\r\ntwo\nthree\u2028four\u2029five\x85six",
  "a turned line": "\u202eevil\u202c \u2066x\u2069",
  "nothing to be seen": "\u200b\u200d\ufeff\u2060",
  "half a letter": "\ud800x\udc00",
  "a null byte": "a\0b",
  "very much": "x".repeat(200_000),
  "a flood of marks": `a${"\u0301".repeat(5000)}`,
  "a formula": '=HYPERLINK("http://example.com")',
  "JSON": '","admin":true,"x":"',
  "HTML": `<img src=x onerror=alert(1)><script>alert(1)</script>`,
  "SQL": "'); DROP TABLE live_event; --",
  "a shell's": '$(rm -rf /); `id` | cat && "x" > y',
  "another command": 'x"; quit; rcon_password y',
  "a placeholder": "{user} {comment} {{user}} ${gift}",
  "a pattern": "(a+)+$ [",
  "a prototype": "__proto__",
  "markdown": "**@everyone** [x](javascript:alert(1))",
};

// deno-lint-ignore no-control-regex
const steering = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/;

for (const [what, text] of Object.entries(hostile)) {
  /** As every source makes it. */
  const event = makeEvent({
    user: { ...makeEvent().user, nickname: cleanName(text), uniqueId: cleanName(text) },
    data: { comment: cleanText(text, 500), language: "en", emotes: [] },
  });
  const item = { count: 1 };

  Deno.test(`A viewer's ${what} is one harmless line on screen and in the log`, () => {
    const entries: LogEntry[] = [];
    const sink: LogSink = {
      level: "debug",
      write: (entry) => void entries.push(entry),
      start() {},
      stop() {},
    };
    const log = createLog({ clock: new FakeClock(), sinks: [sink], clean: cleanLine });
    log.info(describeEvent(event));
    // What a service says of it comes as it is.
    log.named("service").warn(text);
    for (const entry of entries) {
      for (const line of entry.text.split("\n")) assert.doesNotMatch(line, steering);
      assert.ok(entry.text.isWellFormed() && entry.text.length < 20_000);
    }
    assert.equal(entries.length, 2);
  });

  Deno.test(`A viewer's ${what} stays a text in a command, a scene, a message and a table`, () => {
    for (const game of ["source", "minecraft"] as const) {
      const line = Command.parse("say {user} {comment}", game, undefined).fill(event, item);
      assert.doesNotMatch(line, steering);
      assert.match(line, /^say /);
      if (game === "source") assert.doesNotMatch(line, /[;"]/);
    }
    assert.doesNotMatch(shownText(text), steering);
    const body = JSON.parse(eventBody("1", event, item).text);
    assert.equal(body.user.nickname, event.user.nickname);
    assert.equal(Object.hasOwn(body, "admin"), false);
    // Filled in once: what stands in it is no place for another text.
    const filled = new Template("<{comment}>").fill(event, item);
    assert.equal(filled, `<${(event.data as { comment: string }).comment}>`);
    using database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE live_event (text TEXT) STRICT");
    database.prepare("INSERT INTO live_event VALUES (?)").run(event.user.nickname);
    assert.equal(database.prepare("SELECT text FROM live_event").get()?.["text"], event.user.nickname);
  });
}
