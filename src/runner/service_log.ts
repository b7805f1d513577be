/** A service's log, in its worker: what is said there comes to Livecue's. */
import type { LogLevel } from "../log/log.ts";
import type { ServiceLog } from "../kit/service.ts";
import type { MessageFromWorker } from "./protocol.ts";

export function serviceLog(post: (message: MessageFromWorker) => void): ServiceLog {
  const log = (level: LogLevel) => (text: string) => post({ kind: "log", level, text: String(text) });
  return { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
}
