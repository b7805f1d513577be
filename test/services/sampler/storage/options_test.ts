import assert from "node:assert/strict";
import { storageOptions } from "../../../../services/sampler/storage/options.ts";

const s3 = {
  kind: "s3",
  endpoint: "https://s3.example.com/",
  bucket: "music",
  access_key_id: "id",
  secret_access_key_env: "SECRET",
};

function mistake(given: unknown): string {
  const { error } = storageOptions.safeParse(given);
  return error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`).join("; ") ?? "";
}

Deno.test("Samples are stored in a folder, unless the settings name a bucket", () => {
  assert.deepEqual(storageOptions.parse(undefined), { kind: "folder" });
  assert.deepEqual(storageOptions.parse({ folder: "music" }), { kind: "folder", folder: "music" });
  const { endpoint, region, style, prefix, link_seconds } = storageOptions.parse(s3) as Record<
    string,
    unknown
  >;
  assert.deepEqual({ endpoint, region, style, prefix, link_seconds }, {
    endpoint: "https://s3.example.com",
    region: "us-east-1",
    style: "path",
    prefix: "samples",
    link_seconds: 3600,
  });
  assert.equal((storageOptions.parse({ ...s3, prefix: "/a/b/" }) as { prefix: string }).prefix, "a/b");
});

Deno.test("A mistake in the settings of a bucket has a sentence that says what to do", () => {
  const { access_key_id: _, ...keyless } = s3;
  assert.match(mistake(keyless), /has no access_key_id: set access_key_id_env or access_key_id_file/);
  assert.match(mistake({ ...s3, secret_access_key: "x" }), /keep only one of/);
  assert.match(
    mistake({ ...s3, endpoint: "https://s3.example.com/music" }),
    /write the bucket into "bucket"/,
  );
  assert.match(mistake({ ...s3, endpoint: "s3.example.com" }), /is not an address like/);
  assert.match(mistake({ ...s3, bucket: "My Bucket" }), /is not a bucket's name/);
  assert.match(mistake({ ...s3, prefix: "../a" }), /prefix may have only/);
  assert.match(mistake({ ...s3, link_seconds: 604_801 }), /link_seconds/);
});
