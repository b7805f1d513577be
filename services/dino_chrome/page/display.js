/**
 * Runs in the game's page, where it is evaluated as one expression. It shows who does what, and the records.
 * Names are viewers' own, so they are only ever set as text.
 */
(() => {
  const style = `
    :host { position: fixed; inset: 0; z-index: 1000; pointer-events: none; color: #202124;
      font: 600 clamp(16px, 3.6vh, 40px)/1.35 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    .records { position: absolute; top: 2.5vh; left: 2.5vw; display: flex; gap: 1.5em; font-size: .75em;
      padding: .35em .8em; border-radius: .6em; background: #f1f3f4; color: #5f6368; }
    .records:empty { display: none; }
    .records b { color: #202124; font-variant-numeric: tabular-nums; }
    .actions { position: absolute; bottom: 4vh; left: 2.5vw; right: 2.5vw;
      display: flex; flex-direction: column; align-items: flex-start; gap: 1vh; }
    .action { display: flex; gap: .6em; max-width: 100%; box-sizing: border-box; padding: .35em .8em;
      border-radius: .6em; background: #202124; color: #fff; overflow: hidden; white-space: nowrap;
      animation: come .2s ease-out; transition: opacity .4s; }
    .action.over { opacity: .55; }
    .name { color: #fdd663; max-width: 45vw; }
    .name, .text { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    @keyframes come { from { transform: translateY(.6em); opacity: 0; } }`;
  const mostShown = 3;
  const lingerMs = 2500;

  function make(tag, className, parent) {
    const element = document.createElement(tag);
    element.className = className;
    parent.append(element);
    return element;
  }

  const host = document.createElement("div");
  host.id = "livecue";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const records = make("div", "records", root);
  const actions = make("div", "actions", root);
  const shown = new Map();
  // Beside the body, which the game turns dark at night with all that is in it.
  document.documentElement.append(host);
  document.body.style.margin = "0";

  return {
    /** Adds a line, or changes the one with this id. */
    show(id, name, text) {
      let line = shown.get(id);
      if (!line) {
        line = make("div", "action", actions);
        make("bdi", "name", line);
        make("bdi", "text", line);
        shown.set(id, line);
        while (actions.childElementCount > mostShown) actions.firstElementChild.remove();
      }
      line.children[0].textContent = name;
      line.children[1].textContent = text;
    },

    /** Its action has ended: the line stays a little, so that it can be read. */
    leave(id) {
      const line = shown.get(id);
      if (!line) return;
      shown.delete(id);
      line.classList.add("over");
      setTimeout(() => line.remove(), lingerMs);
    },

    /** Pairs of what it is, and how much. */
    showRecords(pairs) {
      records.replaceChildren();
      for (const [what, value] of pairs) {
        const record = make("span", "record", records);
        record.append(`${what} `);
        make("b", "value", record).textContent = value;
      }
    },
  };
});
