import assert from "node:assert/strict";
import { tikfinitySource } from "../../src/config/tikfinity_schema.ts";

Deno.test("A TikFinity source needs no more than its type", () => {
  assert.deepEqual(tikfinitySource.parse({ type: "tikfinity" }), {
    type: "tikfinity",
    url: "ws://127.0.0.1:21213/",
  });
});

Deno.test("An address of a TikFinity source that is no WebSocket's is refused, with what it should be", () => {
  for (const url of ["", "127.0.0.1:21213", "http://127.0.0.1:21213", "ws://", "ws://x/#part"]) {
    const { error } = tikfinitySource.safeParse({ type: "tikfinity", url });
    assert.match(error?.issues[0]?.message ?? "", /starts with ws:\/\/ or wss:\/\//, url);
  }
});
