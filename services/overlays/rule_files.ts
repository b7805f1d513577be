/** The files that rules and the soundboard name: they are looked for at the start, not at the first alert. */
import { t } from "livecue/language";
import type { ServiceLog } from "livecue/service";
import { readdir } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Options } from "./options.ts";

interface FilesHost {
  options: Options;
  configFolder: string;
  log: ServiceLog;
}

/** Warns of each file that is missing, at its place in the config. */
export async function warnOfMissingFiles({ options, configFolder, log }: FilesHost): Promise<void> {
  const named = options.rules.flatMap(({ do: { sound, media } }, index) =>
    Object.entries({ sound, media }).flatMap(([key, file]) =>
      file === undefined || file === "none" ? [] : [{ file, option: ["rules", index, "do", key] }]
    )
  );
  for (const [name, file] of Object.entries(options.soundboard?.sounds ?? {})) {
    named.push({ file, option: ["soundboard", "sounds", name] });
  }
  if (named.length === 0) return;
  const { theme_folder } = options;
  const folders = [
    ...(theme_folder === undefined ? [] : [resolve(configFolder, theme_folder)]),
    fileURLToPath(new URL("./pages/assets/", import.meta.url)),
  ];
  // The start of the pages says why a folder cannot be read.
  const lists = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const found = new Set(lists.flat());
  for (const { file, option } of named.filter(({ file }) => !found.has(file))) {
    const told = theme_folder === undefined
      ? t`There is no file "${file}": name the folder that has it as "theme_folder" in the options.`
      : t`There is no file "${file}": put it into "theme_folder", or correct its name.`;
    log.warn(told, { option });
  }
}
