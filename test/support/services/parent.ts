import { spawn } from "node:child_process";
import { once } from "node:events";
import { BaseQueueService } from "livecue/service";

interface ParentOptions {
  /** Where the program writes each signal that it gets. */
  file: string;
  by: "Deno.Command" | "node:child_process";
  /** Whether it ends its program as it stops. */
  stopsIt: boolean;
}

const script = `
for signal in INT HUP TERM; do trap "echo $signal >> '$1'; exit" $signal; done
echo ready
while :; do sleep 1 & wait; done`;

/** Starts a program that lives until a signal. */
export default class Parent extends BaseQueueService<ParentOptions> {
  #stop = async (): Promise<void> => {};

  override async onStart(): Promise<void> {
    const args = ["-c", script, "sh", this.options.file];
    if (this.options.by === "Deno.Command") {
      const child = new Deno.Command("sh", { args, stdin: "null", stdout: "piped" }).spawn();
      await child.stdout.getReader().read();
      this.log.info(`its program has the pid ${child.pid}`);
      this.#stop = async () => {
        child.kill("SIGTERM");
        await child.status;
      };
    } else {
      const child = spawn("sh", args, { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      this.log.info(`its program has the pid ${child.pid}`);
      this.#stop = async () => {
        child.kill("SIGTERM");
        await once(child, "exit");
      };
    }
    this.log.info("its program is ready");
  }

  override processEvent(): boolean {
    return true;
  }

  override async onStop(): Promise<void> {
    if (this.options.stopsIt) await this.#stop();
    this.log.info("closing");
  }
}
