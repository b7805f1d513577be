/** Of one frame. Real ones have some kilobytes. */
export const maxFrameBytes = 16 * 1024 * 1024;
/** What claims to be longer would keep the connection deaf for minutes: it is ended. */
export const hopelessFrameBytes = 256 * 1024 * 1024;
/** Of what was sent and the other side has not read. */
export const maxUnreadBytes = 1024 * 1024;
