/**
 * Something that starts and stops: a capture, a runner, the services, the database, a log, a face.
 *
 * Both calls are idempotent, and complete when they return: after `start` everything works, and after `stop` nothing
 * runs, holds a file or sets a timer. `stop` may be called before or during `start`.
 */
export interface Lifecycle {
  start(): void | Promise<void>;
  stop(): void | Promise<void>;
}
