/**
 * What starts and stops: a capture, a runner, the services, the database, a log, a face.
 *
 * Both calls are idempotent, and complete when they return: what `start` promises is there, and after `stop`
 * nothing of it runs, holds a file or sets a timer. `stop` may come before `start`, or while it is under way.
 */
export interface Lifecycle {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
}
