/** Bounds for the WebSockets of all sources. */

/** A longer message would block the connection for minutes, so the connection is closed. */
export const hopelessBytes = 256 * 1024 * 1024;
/** The most sent bytes that the other side has not read. */
export const maxUnreadBytes = 1024 * 1024;
