/** The service's `check`: whether a browser exists and starts. */
import { msg, t } from "livecue/language";
import { type ServiceCommand, UserError } from "livecue/service";
import { browserPath, BrowserTrouble, openBrowser, profiles } from "./browser.ts";
import type { Options } from "./options.ts";

export const check: ServiceCommand<Options> = {
  description: msg("starts the browser without a window and closes it"),
  async run({ options, configFolder, signal, print }) {
    const settings = {
      ...options,
      browser_path: browserPath(options.browser_path, configFolder),
      headless: true,
    };
    try {
      const opened = await openBrowser(settings, { profiles, signal });
      const version = await opened.browser.version();
      await opened.close();
      print(t`${opened.path} starts (${version}).`);
    } catch (error) {
      if (!(error instanceof BrowserTrouble)) throw error;
      const { message, advice } = error;
      throw new UserError(advice === "" ? `${message}.` : `${message}: ${advice}.`);
    }
  },
};
