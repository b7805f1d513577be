/** The service's `check`: whether OBS answers and has everything that the rules name. */
import { msg, t } from "livecue/language";
import { readSecret } from "livecue/secret";
import type { ServiceCommand } from "livecue/service";
import { Connection } from "./connection.ts";
import type { Options } from "./options.ts";
import { isMissing, mistakesIn, type Survey, takeSurvey } from "./survey.ts";

export const check: ServiceCommand<Options> = {
  description: msg("connects to OBS and looks for everything that the rules name"),
  async run({ options, configFolder, log, signal, print }) {
    const { host, port, rules } = options;
    const actions = rules.flatMap((rule) => rule.do);
    let mistakes: ReturnType<typeof mistakesIn> = new Map();
    let survey: Survey | null = null;
    const connection = new Connection({
      host,
      port,
      readPassword: () => readSecret("password", options, configFolder),
      // The check closes the connection at once, so its log lines are of no interest.
      log: { ...log, info: () => {} },
      signal,
      onOpened: async ({ call }) => {
        survey = await takeSurvey(call, actions);
        mistakes = mistakesIn(rules, survey);
      },
    });
    await connection.tryOnce();
    print(t`OBS at ${host}:${port} answers and accepts the connection.`);
    for (const [mistake, option] of mistakes) log.warn(mistake, { option });
    // After the mistakes: what is printed may come before them.
    if (actions.some((action) => survey !== null && isMissing(action, survey))) {
      log.warn(t`Correct the names in the rules, or add what is missing to OBS: deno task livecue obs setup`);
    }
    if (actions.length === 0) log.warn(t`There are no rules in the options, so nothing will happen in OBS.`);
    else if (mistakes.size === 0) print(t`OBS has everything that the rules name.`);
  },
};
