import assert from "node:assert/strict";
import type { KeyPath } from "../../src/config/config_error.ts";
import { describeOptionMistakes, placeOfOption } from "../../src/config/option_mistakes.ts";

const path = "/home/ana/livecue/config.jsonc";

/** What is told of mistakes at these paths in the options of a service that begins in line 2. */
function placesOf(service: string, ...paths: KeyPath[]): string[] {
  const text = `{ "services": { "dino": { "service_class": "a.ts" },\n"obs": {${service}} } }`;
  return describeOptionMistakes({ path, text }, "obs", paths.map((path) => ({ path, message: "is wrong" })));
}

Deno.test("A mistake in a service's options is told as all others of the config are, with line and column", () => {
  assert.deepEqual(
    placesOf(`\n"options": {\n  "rules": [{}, { "when": ["Gift"] }] }`, ["rules", 1, "when", 0]),
    [
      `${path}:4:28: services.obs.options.rules[1].when[0]: is wrong`,
    ],
  );
});

Deno.test("Several are told in the file's order, a line each", () => {
  assert.deepEqual(placesOf(`\n"options": {\n"port": 0,\n"host": 1 }`, ["host"], [], ["port"]), [
    `${path}:3:12: services.obs.options: is wrong`,
    `${path}:4:9: services.obs.options.port: is wrong`,
    `${path}:5:9: services.obs.options.host: is wrong`,
  ]);
});

Deno.test("What is missing is looked for where it would stand: at the nearest block that is there", () => {
  assert.deepEqual(placesOf(`\n"options": {\n"rules": [{}] }`, ["rules", 0, "do", 0, "action"], ["host"]), [
    `${path}:3:1: services.obs.options.host: is wrong`,
    `${path}:4:11: services.obs.options.rules[0].do[0].action: is wrong`,
  ]);
  assert.deepEqual(placesOf("", ["host"]), [`${path}:2:1: services.obs.options.host: is wrong`]);
  // A name where a list stands, a number where a block does, something inside a text.
  assert.deepEqual(
    placesOf(`\n"options": {\n"rules": [], "host": "a" }`, ["rules", "a"], [0], ["host", "a"]),
    [
      `${path}:3:1: services.obs.options[0]: is wrong`,
      `${path}:4:1: services.obs.options.rules.a: is wrong`,
      `${path}:4:14: services.obs.options.host.a: is wrong`,
    ],
  );
});

Deno.test("The place does not move with a byte order mark, Windows line ends or comments", () => {
  const text =
    `\uFEFF// mine\r\n{ "services": { "obs": {\r\n/* a\r\nb */ "options": { "port": 0, }, }, }, }\r\n`;
  assert.deepEqual(describeOptionMistakes({ path, text }, "obs", [{ path: ["port"], message: "is wrong" }]), [
    `${path}:4:27: services.obs.options.port: is wrong`,
  ]);
});

Deno.test("A line about an option ends with the file's name, the line and the column", () => {
  const text = `{ "services": { "obs": {\n"options": {\n "rules": [{ "do": { "action": "play" } }] } } } }`;
  assert.equal(placeOfOption({ path, text }, "obs", ["rules", 0]), "config.jsonc:3:12");
  // A single action may be written without its list.
  assert.equal(placeOfOption({ path, text }, "obs", ["rules", 0, "do", 0]), "config.jsonc:3:14");
});
