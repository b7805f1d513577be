/** What every source's WebSocket is held to. */

/** A message that claims to be longer would keep the connection deaf for minutes: the connection is ended. */
export const hopelessBytes = 256 * 1024 * 1024;
/** Of what was sent and the other side has not read. */
export const maxUnreadBytes = 1024 * 1024;
