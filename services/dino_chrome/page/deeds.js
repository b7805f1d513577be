/**
 * Runs in the game's page, where it is evaluated as one expression. What viewers have made the game do, as far as it
 * waits or still applies. Deeds of the same kind are merged into one, with the names of all, so the list stays short.
 */
((words) => {
  /** A deed that is repeated gets longer, but not longer than this. */
  const longestSeconds = 60;
  const mostTimes = 9999;
  const mostHits = 9;
  const helps = new Set(["shield", "slow_motion", "no_collisions"]);
  const mostNamed = 20;
  const mostTurns = 5;
  /** Ids of deeds that were done, so that an item that is handed out again does nothing twice. */
  const mostRemembered = 200;

  const merged = new Map();
  let remembered = [];
  let lastNumber = 0;

  function keyOf({ kind, by, who }) {
    switch (kind) {
      case "speed":
        return `speed ${by}`;
      case "play":
        return `play ${who.id}`;
      default:
        return kind;
    }
  }

  /** Help does not add up: in a busy live, the dino would otherwise never crash. */
  function lengthen(entry, { seconds, times = 1 }) {
    entry.times = Math.min(entry.kind === "shield" ? mostHits : mostTimes, entry.times + times);
    if (seconds === undefined) return;
    const longer = Math.max(entry.seconds, seconds);
    const most = helps.has(entry.kind) ? longer : Math.max(longestSeconds, longer);
    entry.seconds = Math.min(most, entry.seconds + seconds);
  }

  function join(entry, deed) {
    const { text, who } = deed;
    lengthen(entry, deed);
    entry.text = text;
    const isKnown = entry.who.some(({ id }) => id === who.id);
    if (isKnown) return;
    if (entry.who.length < mostNamed) entry.who.push(who);
    else entry.more++;
  }

  const turns = () => [...merged.values()].filter(({ kind }) => kind === "play");

  return {
    get all() {
      return [...merged.values()];
    },

    get(kind) {
      return merged.get(kind);
    },

    /** The viewer whose turn to play it is. */
    get turn() {
      return turns()[0];
    },

    /** Returns why it cannot be done, or null. */
    add({ id, ...deed }) {
      if (remembered.includes(id)) return null;
      const key = keyOf(deed);
      const known = merged.get(key);
      if (!known && deed.kind === "play" && turns().length >= mostTurns) {
        return words.waiting.replace("{0}", mostTurns);
      }
      const { kind, by, seconds } = deed;
      const entry = known ?? { number: ++lastNumber, key, kind, by, times: 0, who: [], more: 0 };
      if (!known && seconds !== undefined) entry.seconds = 0;
      join(entry, deed);
      merged.set(key, entry);
      remembered = [...remembered, id].slice(-mostRemembered);
      return null;
    },

    remove({ key }) {
      merged.delete(key);
    },

    /** For the next page, in case this one is lost. */
    get saved() {
      return { entries: this.all, remembered };
    },

    restore(saved) {
      for (const entry of saved.entries) {
        if (!merged.has(entry.key)) merged.set(entry.key, { ...entry, number: ++lastNumber });
      }
      remembered = [...saved.remembered, ...remembered].slice(-mostRemembered);
    },
  };
});
