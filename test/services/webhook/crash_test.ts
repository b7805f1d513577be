import assert from "node:assert/strict";
import { livecue, query, startLivecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";
import { silence, WebhookReceiver } from "../../support/webhook_receiver.ts";
import { webhookClass } from "../../support/webhook_under_test.ts";

Deno.test("What Livecue was sending when it was killed is sent again with the same id, and the rest once", async () => {
  let isAnswering = false;
  await using receiver = new WebhookReceiver(() =>
    isAnswering ? new Response(null, { status: 204 }) : silence()
  );
  await withFolder(async (folder) => {
    const each = { is_async: true };
    writeConfig(folder, {
      services: {
        webhook: {
          service_class: webhookClass,
          permissions: { net: [receiver.host] },
          options: { targets: { one: { url: receiver.url } } },
          subscriptions: { CommentEvent: each, JoinEvent: each },
        },
      },
    });
    const run = startLivecue(folder, "start", "--source", "demo", "--rate", "50", "--plain");
    const cutOff = await Promise.all([receiver.nth(1), receiver.nth(2)]);
    run.kill("SIGKILL");
    await run.ended;
    isAnswering = true;
    const countBefore = receiver.received.length;
    const { code, stderr } = await livecue(folder, "work", "--drain");
    assert.equal(code, 0, stderr);

    const ids = receiver.received.slice(countBefore).map(({ headers }) => headers.get("webhook-id"));
    assert.equal(new Set(ids).size, ids.length);
    for (const { headers } of cutOff) assert(ids.includes(headers.get("webhook-id")));
    const states = query(folder, "SELECT status, count(*) AS count FROM event_queue GROUP BY status");
    assert.deepEqual(states.map((row) => ({ ...row })), [{ status: "completed", count: ids.length }]);
  });
});
