/** A service's log, in its worker. Its lines go to Livecue's log. */
import type { LogLevel } from "../log/log.ts";
import type { LineSubject, ServiceLog } from "../kit/service.ts";

export type WriteLine = (level: LogLevel, text: string, about?: LineSubject) => void;

export function serviceLog(write: WriteLine): ServiceLog {
  const log = (level: LogLevel) => (text: string, about?: LineSubject) => write(level, String(text), about);
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
