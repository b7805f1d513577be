import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { WebhookNetwork } from "../../../../services/peebot/posting/webhook.ts";
import { WebhookReceiver } from "../../../support/webhook_receiver.ts";

const draft = { key: "k1", at: Date.UTC(2026, 10, 27), text: "Fuller", level: 41, rise: 4 };
const { signal } = new AbortController();

Deno.test("A webhook gets the text and the numbers, signed, and the same id when it is repeated", async () => {
  await using receiver = new WebhookReceiver((_, nth) =>
    new Response(null, { status: nth === 1 ? 503 : 204 })
  );
  const network = new WebhookNetwork({ url: receiver.url, secret: "whsec_c2VjcmV0" });
  await assert.rejects(network.publish(draft, signal), /answered 503/);
  await network.publish(draft, signal);
  const [first, second] = receiver.received;
  assert.ok(first && second);
  assert.deepEqual([first.headers.get("webhook-id"), second.headers.get("webhook-id")], ["k1", "k1"]);
  assert.equal(first.body, second.body);
  assert.deepEqual(JSON.parse(first.body), {
    type: "tank.filled",
    timestamp: "2026-11-27T00:00:00.000Z",
    data: { text: "Fuller", level: 41, rise: 4 },
  });
  const signed = `k1.${first.headers.get("webhook-timestamp")}.${first.body}`;
  const expected = createHmac("sha256", "secret").update(signed).digest("base64");
  assert.equal(first.headers.get("webhook-signature"), `v1,${expected}`);
});
