/** A recording that cannot be written completely. */
import assert from "node:assert/strict";
import { livecue, query, writeConfig } from "../support/livecue.ts";
import { withFolder } from "../support/temporary_store.ts";

Deno.test({
  name: "A recording that does not fit on the disk is reported once, and the live goes on to its summary",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      writeConfig(folder, {});
      const demo = ["demo", "--for", "0.5", "--rate", "100", "--record", "/dev/full"];
      const { code, stdout, stderr } = await livecue(folder, ...demo);
      assert.equal(code, 2);
      assert.match(stderr, /^[^\n]*The recording \/dev\/full is incomplete, because writing failed[^\n]*\n$/);
      assert.match(stdout, /1 session, [1-9]\d* events stored/);
      assert.equal(query(folder, "SELECT status FROM live_session")[0]?.status, "completed");
    }),
});
