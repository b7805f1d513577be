import { BaseQueueService, type LiveEvent, type QueueItem } from "livecue/service";
import process from "node:process";

interface MisbehavingOptions {
  how: string;
}

/** Does the same bad thing with each item. */
export default class Misbehaving extends BaseQueueService<MisbehavingOptions> {
  override async processEvent(_event: LiveEvent, _item: QueueItem): Promise<boolean> {
    switch (this.options.how) {
      case "throws":
        throw new Error("it broke");
      case "refuses":
        return false;
      case "returns-nothing":
        return undefined as unknown as boolean;
      case "never-answers":
        return await new Promise(() => {});
      case "says-so-and-never-answers":
        this.log.info("never answers");
        return await new Promise(() => {});
      case "exits":
        return Deno.exit(3);
      case "closes":
        globalThis.close();
        return await new Promise(() => {});
      case "rejects":
        Promise.reject(new Error("nobody hears it"));
        return true;
      case "prints":
        return print();
      case "reads":
        return (await Deno.readTextFile(Deno.execPath())) !== "";
      case "connects":
        return (await fetch("http://127.0.0.1:4455/")).ok;
      case "looks-at-env":
        return Deno.env.get("HOME") !== undefined;
      case "runs":
        return (await new Deno.Command("true").output()).success;
      case "asks":
        return (await Deno.permissions.request({ name: "read" })).state === "granted";
      case "prompts":
        return prompt("May I?") === "yes" || confirm("Really?");
      default:
        throw new Error(`Nobody misbehaves like this: ${this.options.how}`);
    }
  }
}

function print(): boolean {
  const bytes = new TextEncoder().encode("raw bytes\n");
  console.log("raw console");
  console.error("raw error");
  Deno.stdout.writeSync(bytes);
  Deno.stderr.writeSync(bytes);
  process.stdout.write("raw process\n");
  return true;
}
