/** A machine in a process of its own, for a test that kills it: ADDRESS FOLDER MACHINE STREAMER. Says when it is ready. */
import { openMachine } from "./watched_machine.ts";

const [address, folder, name, streamer] = Deno.args as [string, string, string, string];
const machine = await openMachine({ address, folder, name, streamers: [streamer], services: [] });
await machine.watched.nextRound;
console.log("ready");
