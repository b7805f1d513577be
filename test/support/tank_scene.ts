/** Readings of the tank in which it fills twice, as a recording, and a config with PeeBot, for the whole program. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readingsLine } from "../../src/capture/replay/recorded_readings.ts";
import { writeConfig } from "./livecue.ts";
import { clockItem, levelItem, processorItem } from "./tank.ts";

export const peebotModule = fileURLToPath(new URL("../../services/peebot/main.ts", import.meta.url));
export const recording = "replay:tank.jsonl";
const minutes = 40;

/** It fills 25 and 8 minutes before `endsAt`, by 4 and by 5 percent. */
export function writeTankScene(
  folder: string,
  { options, net = [], endsAt = Date.now() }: {
    options: Record<string, unknown>;
    net?: string[];
    endsAt?: number;
  },
): void {
  const lines = Array.from({ length: minutes * 6 }, (_, index) => {
    const at = Math.floor(endsAt / 10_000) * 10_000 - minutes * 60_000 + index * 10_000;
    const minute = index / 6;
    const value = 20 + (minute >= minutes - 25 ? 4 : 0) + (minute >= minutes - 8 ? 5 : 0);
    const readings = [
      { channel: clockItem, at, value: index },
      { channel: levelItem, at, value },
      ...(index === 0 ? [{ channel: processorItem, at, value: 32 }] : []),
    ];
    return `${readingsLine({ readings, receivedAt: at }, "iss")}\n`;
  });
  Deno.writeTextFileSync(join(folder, "tank.jsonl"), lines.join(""));
  Deno.writeTextFileSync(join(folder, "secret"), String(options["secret"] ?? ""));
  const { secret: _, ...rest } = options;
  writeConfig(folder, {
    services: {
      peebot: {
        service_class: peebotModule,
        emits: ["DetectionEvent", "SignalEvent"],
        permissions: { net, read: ["secret"] },
        options: rest,
        subscriptions: { DetectionEvent: {} },
      },
    },
  });
}
