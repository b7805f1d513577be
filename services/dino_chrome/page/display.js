/**
 * Runs in the game's page, where it is evaluated as one expression. Shows who does what, and the records. Viewers
 * choose their names, so names are only ever set as text.
 */
(() => {
  const mostShown = 3;
  const lingerMs = 2500;
  const style = `
    :host { position: fixed; inset: 0; width: auto; height: auto; margin: 0; padding: 0; border: 0;
      overflow: hidden; background: none; pointer-events: none;
      font: 600 clamp(16px, min(5.2vh, 2.8vw), 60px)/1.35 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    .records { position: absolute; top: 2.5vh; left: 2.5vw; display: flex; flex-wrap: wrap; column-gap: 1.2em;
      font-size: .7em; padding: .25em .7em; border-radius: .5em; background: #202124; color: #bdc1c6; }
    .records:empty { display: none; }
    .records b { color: #fff; font-variant-numeric: tabular-nums; }
    .actions { position: absolute; bottom: 3vh; left: 2.5vw; right: 2.5vw;
      display: flex; flex-direction: column; align-items: flex-start; gap: .2em; }
    .action { display: flex; gap: .5em; max-width: 100%; box-sizing: border-box; padding: .25em .7em;
      border-radius: .5em; background: #202124; color: #fff; overflow: hidden; white-space: nowrap;
      animation: come .2s ease-out; }
    .action.over { background: #5f6368; animation: go .4s ${lingerMs - 400}ms forwards; }
    .name { color: #fdd663; max-width: 45vw; }
    .name, .text { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    @keyframes go { to { opacity: 0; } }
    @keyframes come { from { transform: translateY(.6em); opacity: 0; } }`;

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
  document.documentElement.append(host);
  // In the top layer, which the game does not invert at night, so that an emoji keeps its colors.
  host.popover = "manual";
  host.showPopover();
  document.body.style.margin = "0";

  return {
    /** Adds a line, or updates the one with this id. */
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

    /** The action has finished. The line stays a moment longer, so that it can be read. */
    leave(id) {
      const line = shown.get(id);
      if (!line) return;
      shown.delete(id);
      line.classList.add("over");
      setTimeout(() => line.remove(), lingerMs);
    },

    /** Takes pairs of a label and a value. */
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
