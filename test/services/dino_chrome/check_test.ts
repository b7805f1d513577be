/** The `check` of the service, in the program and with the permissions of its block. */
import assert from "node:assert/strict";
import { browserPath, lacksBrowser } from "../../support/browser.ts";
import { exampleDino } from "../../support/dino_under_test.ts";
import { livecue, writeConfig } from "../../support/livecue.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test({
  name: "The check starts the browser without a window, and says which it is",
  ignore: lacksBrowser,
  async fn() {
    await withFolder(async (folder) => {
      const { serviceClass, permissions } = exampleDino;
      const options = { browser_path: browserPath };
      writeConfig(folder, {
        services: {
          dino_chrome: {
            service_class: serviceClass,
            options,
            permissions: { ...permissions, run: [browserPath] },
          },
        },
      });
      const { code, stdout, stderr } = await livecue(folder, "dino_chrome", "check");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.match(stdout, /^\/.* starts \(.*Chrom.*\d+\.\d+.*\)\.\n$/);
    });
  },
});
