/** A secret in the config is in no error, wherever it stands and whatever is wrong around it. */
import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";

const secret = "correct-horse-7";

/** What is wrong, and the config with it. */
const mistakes: Record<string, string> = {
  "no colon before it": `{ "tiktok": { "sign_api_key" "${secret}" } }`,
  "no comma before it": `{ "tiktok": { "user": "a", "sign_api_key": "a" "${secret}" } }`,
  "no quotes": `{ "tiktok": { "sign_api_key": ${secret} } }`,
  "other quotes": `{ "tiktok": { "sign_api_key": '${secret}' } }`,
  "no end": `{ "tiktok": { "sign_api_key": "${secret} } }`,
  "an escape in it": `{ "tiktok": { "sign_api_key": "\\x${secret}" } }`,
  "a list of it": `{ "tiktok": { "sign_api_key": ["${secret}"] } }`,
  "a key that is nearly right": `{ "tiktok": { "sign_api_kye": "${secret}" } }`,
  "it in place of the user": `{ "tiktok": { "user": "${secret} and more" } }`,
  "it in an address": `{ "tiktok": { "endpoints": { "sign": "ftp://me:${secret}@host/" } } }`,
  "it in a database's address of another kind": `{ "database": "postgress://me:${secret}@host/db" }`,
  "it in place of a choice": `{ "durability": "${secret}" }`,
  "it in place of a block": `{ "services": "${secret}" }`,
  "it in place of a service": `{ "services": { "a": "${secret}" } }`,
  "it in place of a number": service(`"max_queue_size": "${secret}"`),
  "it in place of permissions": service(`"permissions": { "net": "${secret}" }`),
  "it behind the end": `{} "${secret}"`,
  "it alone": `"${secret}"`,
  "it in a source's address":
    `{ "sources": { "t": { "type": "tikfinity", "url": "http://me:${secret}@host" } } }`,
  "it in place of a provider":
    `{ "sources": { "w": { "type": "webhook", "providers": { "kofi": "${secret}" } } } }`,
  "it without its key":
    `{ "sources": { "w": { "type": "webhook", "providers": { "kofi": { "tokn": "${secret}" } } } } }`,
};

function service(more: string): string {
  return `{ "services": { "a": { "service_class": "./a.ts", "options": { "password": "${secret}" }, ${more} } } }`;
}

for (const [what, text] of Object.entries(mistakes)) {
  Deno.test(`A config with a secret and ${what} is refused without the secret`, () => {
    assert.throws(() => parseConfig(text, { path: "/config.jsonc" }), (error: Error) => {
      assert.match(error.message, /^\/config\.jsonc:1:\d+: /);
      assert.doesNotMatch(error.message, /correct|horse/);
      return true;
    });
  });
}

Deno.test("A secret that is a number is not told either", () => {
  assert.throws(
    () => parseConfig(`{ "tiktok": { "sign_api_key": 4815162342 } }`, { path: "/config.jsonc" }),
    /tiktok\.sign_api_key: found a number; allowed: text/,
  );
});
