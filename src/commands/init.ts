import type { Command } from "commander";
import { resolve } from "node:path";
import { systemClock } from "../clock.ts";
import { databaseShown } from "../database_address.ts";
import { t } from "../language.ts";
import { openStore } from "../store/open.ts";
import { openLog } from "./command_log.ts";
import { defaultConfigName, exists, type GlobalOptions, readSettings, writeConfig } from "./settings.ts";
import { print } from "./table.ts";

/** `init`: creates the config unless it exists, and creates or updates the database. */
export function addInit(program: Command): void {
  const command = program.command("init")
    .description(t`write config.jsonc (never over an existing one) and create or update the database`)
    .action(async () => {
      const options = command.optsWithGlobals<GlobalOptions>();
      const path = resolve(options.config ?? defaultConfigName);
      const isThere = await exists(path);
      if (!isThere) {
        await writeConfig(path);
        print(t`${path} was created. It explains each setting.`);
      }
      const { config } = await readSettings({ ...options, config: path });
      if (isThere) print(t`${path} already exists and was not changed.`);

      const { log, stop } = openLog({ isVerbose: false });
      const store = await openStore({
        address: config.database,
        durability: config.durability,
        clock: systemClock,
        log,
      });
      try {
        await store.syncServices(config.services);
      } finally {
        await store.stop();
        await stop();
      }
      const active = config.services.filter((service) => service.isActive).map((service) => service.slug);
      print(t`${databaseShown(config.database)} is ready. Active services: ${active.join(", ") || t`none`}.`);
      print(t`Try it with a made-up live: deno task demo`);
      print(t`Add DinoChrome, OBS and others: deno task livecue add dino_chrome`);
      print(t`Then start with your own live: deno task start`);
    });
}
