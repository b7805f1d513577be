/** The setting `storage` of the sampler's options. */
import { secretGivenTwice, secretOptions } from "livecue/secret";
import { z } from "zod";

const folderOptions = z.strictObject({
  kind: z.literal("folder"),
  /** Relative to the config's folder. Default: "samples" in the service's own folder. */
  folder: z.string().trim().min(1).optional(),
});

/** The origin of an S3 API: a scheme, a host, a port. */
const endpointSchema = z.string().trim().transform((text, context) => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    context.addIssue({ code: "custom", message: 'is not an address like "https://s3.example.com"' });
    return z.NEVER;
  }
  if (url.href !== `${url.origin}/`) {
    const message =
      'has more than a host and a port: write the bucket into "bucket", and keys into their own settings';
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  }
  return url.origin;
});

const s3Options = z.strictObject({
  kind: z.literal("s3"),
  endpoint: endpointSchema,
  /** MinIO, R2 and Google Cloud Storage accept the default; AWS wants the region of the bucket. */
  region: z.string().trim().min(1).default("us-east-1"),
  bucket: z.string().trim().regex(
    /^[a-z0-9][a-z0-9._-]{1,62}$/,
    "is not a bucket's name: 3 to 63 small letters, digits, dots, hyphens and underscores",
  ),
  ...secretOptions("access_key_id"),
  ...secretOptions("secret_access_key"),
  /** "path": https://host/bucket/name, "virtual_host": https://bucket.host/name. */
  style: z.enum(["path", "virtual_host"]).default("path"),
  /** What every name in the bucket begins with; "" for none. */
  prefix: z.string().trim().transform((text) => text.replace(/^\/+|\/+$/g, "")).pipe(
    z.string().regex(/^(?:[\w-][\w.-]*(?:\/[\w-][\w.-]*)*)?$/, "may have only letters, digits and _ . - /"),
  ).default("samples"),
  /** How long a link works. S3 allows 7 days. */
  link_seconds: z.int().min(60).max(604_800).default(3600),
}).superRefine((options, context) => {
  for (const name of ["access_key_id", "secret_access_key"] as const) {
    const message = secretGivenTwice(name, options);
    if (message !== null) context.addIssue({ code: "custom", message });
    const isGiven = [options[name], options[`${name}_env`], options[`${name}_file`]].some((key) =>
      key !== undefined
    );
    if (!isGiven) {
      context.addIssue({ code: "custom", message: `has no ${name}: set ${name}_env or ${name}_file` });
    }
  }
});

/** `{ "kind": "folder" }` or `{ "kind": "s3", … }`; without `kind`, a folder. */
export const storageOptions = z.preprocess(
  (given) =>
    given !== null && typeof given === "object" && !("kind" in given) ? { kind: "folder", ...given } : given,
  z.discriminatedUnion("kind", [folderOptions, s3Options]),
).prefault({ kind: "folder" });

export type StorageOptions = z.output<typeof storageOptions>;
export type S3Options = z.output<typeof s3Options>;
