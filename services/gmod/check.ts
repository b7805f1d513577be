/** The service's `check`: whether the server answers and accepts the password. It runs no command. */
import { msg, t } from "livecue/language";
import { readSecret } from "livecue/secret";
import { type ServiceCommand, UserError } from "livecue/service";
import type { Options } from "./options.ts";
import { RconConnection } from "./rcon.ts";
import { addressOf, Trouble } from "./trouble.ts";

const connectTimeoutMs = 4000;

export const check: ServiceCommand<Options> = {
  description: msg("connects to the game server without running a command"),
  async run({ options, configFolder, signal, print }) {
    const { host, port } = options;
    const password = await readSecret("password", options, configFolder) ?? "";
    try {
      const connection = await RconConnection.open({
        host,
        port,
        password,
        connectTimeoutMs,
        answerTimeoutMs: connectTimeoutMs,
        answersMarkers: true,
        signal,
      });
      connection.close();
    } catch (error) {
      throw error instanceof Trouble ? new UserError(`${error.message}.`) : error;
    }
    print(t`The server at ${addressOf(host, port)} answers and accepts the password.`);
  },
};
