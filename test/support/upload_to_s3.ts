/** Uploads a file in a process that a test kills: upload_to_s3.ts OPTIONS FILE NAME. */
import { S3Storage } from "../../services/sampler/storage/s3.ts";
import { swiftKeys } from "./swift.ts";

const [options = "", path = "", name = ""] = Deno.args;
const storage = new S3Storage(JSON.parse(options), swiftKeys);
await storage.put({ path, name, contentType: "audio/wav" }, { signal: new AbortController().signal });
console.log("stored");
