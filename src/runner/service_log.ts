/** A service's log, in its worker. Its lines go to Livecue's log. */
import type { LogLevel } from "../log/log.ts";
import type { ServiceLog } from "../kit/service.ts";

export type WriteLine = (level: LogLevel, text: string) => void;

export function serviceLog(write: WriteLine): ServiceLog {
  const log = (level: LogLevel) => (text: string) => write(level, String(text));
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
