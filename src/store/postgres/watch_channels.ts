/** The channels on which machines and watchers wake one another. What they say is in the tables. */

/** A run hears here that there are calls. */
export function callChannel(run: number): string {
  return `livecue_calls_${run}`;
}

/** SQL for the channel on which a watcher hears of answers. `watcher`: SQL, too. */
export function answerChannel(watcher: string): string {
  return `'livecue_answers_' || ${watcher}`;
}

/** The same channel. */
export function channelOfWatcher(watcher: string): string {
  return `livecue_answers_${watcher}`;
}
