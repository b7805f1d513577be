import fs from "node:fs";
import process from "node:process";
import { BaseQueueService } from "livecue/service";

const bytes = (text: string) => new TextEncoder().encode(text);

console.log("printed while loading");

/** Prints in every way there is. */
export default class Printing extends BaseQueueService {
  override async processEvent(): Promise<boolean> {
    console.debug("debug %d", 1);
    console.log("log", { of: "an object" });
    console.info("info");
    console.warn("warn");
    console.error("error");
    console.table([{ a: 1 }]);
    console.dir({ deep: true });
    Deno.stdout.writeSync(bytes("Deno.stdout.writeSync\n"));
    await Deno.stdout.write(bytes("Deno.stdout.write\nhalf a "));
    await Deno.stdout.write(bytes("line\n"));
    await Deno.stderr.write(bytes("Deno.stderr.write\n"));
    const writer = Deno.stdout.writable.getWriter();
    await writer.write(bytes("Deno.stdout.writable\n"));
    writer.releaseLock();
    process.stdout.write("process.stdout\n");
    process.stderr.write("process.stderr\n");
    fs.writeSync(1, "fs.writeSync\n");
    await new Promise((resolve) => fs.write(2, bytes("not fs.write\nnot"), 4, 9, null, resolve));
    process.emitWarning("process.emitWarning");
    alert("alert");
    prompt("prompt");
    confirm("confirm");
    Deno.stdout.writeSync(bytes("without an end of line"));
    return true;
  }
}
