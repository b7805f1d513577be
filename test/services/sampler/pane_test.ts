import assert from "node:assert/strict";
import { join } from "node:path";
import { migrations } from "../../../services/sampler/migrations.ts";
import { paneLines } from "../../../services/sampler/pane.ts";
import { Samples } from "../../../services/sampler/samples.ts";
import { openDatabase } from "../../../src/kit/database.ts";
import { withFolder } from "../../support/temporary_store.ts";

Deno.test("The pane shows each running sample with its step and progress, and counts the others", () =>
  withFolder((folder) => {
    using database = openDatabase(join(folder, "data.db"), migrations);
    const samples = new Samples(database);
    const url = `https://cdn.example/${"🎵".repeat(40)}`;
    for (const name of ["a", "b", "c"]) {
      samples.request({ url: `${url}${name}`, videoKey: null, requestedBy: "Ana" });
    }
    samples.begin(1);
    samples.report(1, { step: "download", progress: 0.5 });
    samples.begin(2);
    assert.deepEqual(paneLines(samples.running(), samples.counts()), [
      { label: `1 https://cdn.example/${"🎵".repeat(10)}`, value: "download", part: 0.5 },
      { label: `2 https://cdn.example/${"🎵".repeat(10)}`, value: "starts" },
      { label: "waiting", value: "1" },
      { label: "done", value: "0" },
      { label: "failed", value: "0" },
    ]);
    return Promise.resolve();
  }));
