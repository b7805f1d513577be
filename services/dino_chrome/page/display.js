/**
 * Runs in the game's page, where it is evaluated as one expression. Shows who does what, the records, the teams, and
 * the scene between two runs. Viewers choose their names, so names are only ever set as text.
 */
((words) => {
  const mostShown = 4;
  const lingerMs = 2500;
  const style = `
    :host { position: fixed; inset: 0; width: auto; height: auto; margin: 0; padding: 0; border: 0;
      overflow: hidden; background: none; pointer-events: none; color: #fff;
      font: 600 clamp(14px, min(6.2vh, 3.6vw), 76px)/1.3 system-ui, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
    .records { position: absolute; top: 2vh; left: 2.5vw; right: 2.5vw; display: flex; flex-wrap: wrap;
      gap: .2em .5em; font-size: .62em; }
    .record { padding: .15em .6em; border-radius: .5em; background: #202124; color: #bdc1c6; }
    .record b { color: #fff; font-variant-numeric: tabular-nums; }
    .record, .row { max-width: 100%; box-sizing: border-box; overflow: hidden; white-space: nowrap; }
    .actions { position: absolute; bottom: 3vh; left: 2.5vw; right: 2.5vw;
      display: flex; flex-direction: column; align-items: flex-start; gap: .15em; }
    .action { display: flex; gap: .4em; max-width: 100%; box-sizing: border-box; padding: .12em .55em;
      border-radius: .4em; background: #202124; overflow: hidden; white-space: nowrap; animation: come .2s ease-out; }
    .action.over { background: #5f6368; animation: go .4s ${lingerMs - 400}ms forwards; }
    .name { color: #fdd663; }
    .name, .text, .team { overflow: hidden; text-overflow: ellipsis; unicode-bidi: isolate; }
    .name { flex: 0 1 auto; min-width: 0; } .text { flex: none; max-width: 55%; }
    .times, .seconds, .points { flex: none; font-variant-numeric: tabular-nums; }
    .times { color: #8ab4f8; } .seconds { color: #bdc1c6; }
    .times:empty, .seconds:empty, .more:empty { display: none; }
    .more { flex: none; color: #fdd663; }
    .dot { flex: none; align-self: center; width: .6em; height: .6em; border-radius: 50%; background: var(--team); }
    .dot:not([style]) { display: none; }
    .burst { position: absolute; left: 12vw; top: 34vh; font-size: 2em; color: #1a73e8; -webkit-text-stroke: .04em #fff;
      animation: rise .9s ease-out forwards; }
    .scene { position: absolute; inset: 0; display: flex; flex-direction: column; align-items: center;
      justify-content: center; gap: .35em; padding: 3vh 5vw; box-sizing: border-box; background: #202124f2; }
    .scene[hidden] { display: none; }
    .who { display: flex; gap: .35em; max-width: 100%; font-size: 1.35em; white-space: nowrap; }
    .score { color: #81c995; }
    .board { display: flex; flex-direction: column; width: min(100%, 20em); font-size: .84em; }
    .row { display: flex; gap: .5em; } .row .name, .row .team { flex: 1 1 auto; text-align: left; }
    .rank { flex: none; width: 1.2em; color: #9aa0a6; }
    .heading { color: #9aa0a6; font-size: .8em; }
    .next { color: #8ab4f8; font-variant-numeric: tabular-nums; }
    @media (orientation: portrait) {
      :host { font-size: clamp(14px, 5.2vw, 76px); }
      .records { top: 33vh; font-size: .7em; }
      .actions { bottom: auto; top: 46vh; right: 15vw; }
      .burst { top: 26vh; }
    }
    @keyframes rise { to { transform: translateY(-1.2em); opacity: 0; } }
    @keyframes go { to { opacity: 0; } }
    @keyframes come { from { transform: translateY(.6em); opacity: 0; } }`;

  function make(tag, className, parent) {
    const element = document.createElement(tag);
    element.className = className;
    parent.append(element);
    return element;
  }

  /** Setting an unchanged text would cost a layout. */
  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  const host = document.createElement("div");
  host.id = "livecue";
  const root = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  root.adoptedStyleSheets = [sheet];
  const records = make("div", "records", root);
  const actions = make("div", "actions", root);
  const scene = make("div", "scene", root);
  scene.hidden = true;
  const lines = new Map();
  let sceneKey = "";
  let standings = { board: [], teams: [] };
  let recordPairs = [];
  document.documentElement.append(host);
  // In the top layer, which the game does not invert at night, so that an emoji keeps its colors.
  host.popover = "manual";
  host.showPopover();
  document.body.style.margin = "0";
  hideTooltips();

  /** The game describes itself in tooltips, and a mouse pointer over the window would show them to the viewers. */
  function hideTooltips() {
    const remove = () => {
      for (const element of document.querySelectorAll("[title]")) element.removeAttribute("title");
    };
    remove();
    new MutationObserver(remove).observe(document, {
      attributes: true,
      attributeFilter: ["title"],
      subtree: true,
    });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { cursor: none !important; } .slow-speed-option { display: none !important; }");
    document.adoptedStyleSheets.push(sheet);
  }

  function showDot(element, team) {
    if (team) element.style.setProperty("--team", team.color);
  }

  function lineOf({ number }) {
    const known = lines.get(number);
    if (known) return known;
    const line = make("div", "action", actions);
    const dot = make("span", "dot", line);
    const [name, more] = [make("bdi", "name", line), make("span", "more", line)];
    const [text, times, seconds] = [
      make("bdi", "text", line),
      make("b", "times", line),
      make("span", "seconds", line),
    ];
    const parts = { line, dot, name, more, text, times, seconds };
    lines.set(number, parts);
    return parts;
  }

  function fill({ dot, name, more, text, times, seconds }, deed) {
    const [first] = deed.who;
    const others = deed.who.length - 1 + deed.more;
    showDot(dot, first.team);
    write(name, first.name);
    write(more, others === 0 ? "" : `+${others}`);
    write(text, deed.text);
    write(times, deed.times > 1 ? `×${deed.times.toLocaleString(words.language)}` : "");
    write(seconds, deed.seconds === undefined ? "" : `${Math.ceil(deed.seconds)} s`);
  }

  function addRow(list, { rank = "", name, nameClass, team, points }) {
    const row = make("div", "row", list);
    make("span", "rank", row).textContent = rank;
    showDot(make("span", "dot", row), team);
    make("bdi", nameClass, row).textContent = name;
    make("b", "points", row).textContent = points.toLocaleString(words.language);
  }

  function addBoard(title, rows) {
    if (rows.length === 0) return;
    const list = make("div", "board", scene);
    make("div", "heading", list).textContent = title;
    for (const row of rows) addRow(list, row);
  }

  function fillScene({ who, how, score }) {
    scene.replaceChildren();
    const line = make("div", "who", scene);
    if (who) {
      showDot(make("span", "dot", line), who.team);
      make("bdi", "name", line).textContent = who.name;
    }
    make("span", "text", line).textContent = how;
    make("div", "score", scene).textContent = words.points.replace(
      "{0}",
      score.toLocaleString(words.language),
    );
    addBoard(
      words.farthest,
      standings.board.map((entry, index) => ({ ...entry, rank: index + 1, nameClass: "name" })),
    );
    addBoard(words.teams, standings.teams.map((team) => ({ ...team, team, nameClass: "team" })));
    make("div", "next", scene);
  }

  function fillRecords() {
    records.replaceChildren();
    for (const [what, value] of recordPairs) addRecord(what, value);
    for (const team of standings.teams) {
      addRecord(team.name, team.points.toLocaleString(words.language), team);
    }
  }

  function addRecord(what, value, team) {
    const record = make("span", "record", records);
    if (team) {
      const dot = make("span", "dot", record);
      dot.style.display = "inline-block";
      showDot(dot, team);
      record.append(" ");
    }
    const label = make("bdi", "label", record);
    label.textContent = what;
    record.append(" ");
    make("b", "value", record).textContent = value;
  }

  return {
    /** Shows the deeds that wait or apply, the newest at the bottom. */
    show(deeds) {
      for (const deed of deeds) fill(lineOf(deed), deed);
      const elements = [...actions.children];
      // Deeds that are over make room first, then the oldest.
      const excess = elements.sort((a, b) => b.classList.contains("over") - a.classList.contains("over"))
        .slice(0, Math.max(0, elements.length - mostShown));
      for (const element of actions.children) element.style.display = excess.includes(element) ? "none" : "";
    },

    /** The deed is over. The line stays a moment longer, so that it can be read. */
    leave(deed) {
      const parts = lineOf(deed);
      lines.delete(deed.number);
      fill(parts, { ...deed, seconds: undefined });
      parts.line.classList.add("over");
      setTimeout(() => parts.line.remove(), lingerMs);
    },

    /** A text that rises beside the dino: the number of jumps that one jump stands for, or words. */
    burst(what) {
      if (what === 1) return;
      const burst = make("div", "burst", root);
      burst.textContent = typeof what === "number" ? `×${what.toLocaleString(words.language)}` : what;
      burst.addEventListener("animationend", () => burst.remove());
    },

    drawShield({ canvasCtx, tRex }) {
      const { width, height } = tRex.config;
      canvasCtx.save();
      canvasCtx.strokeStyle = "#1a73e8";
      canvasCtx.lineWidth = 3;
      canvasCtx.beginPath();
      canvasCtx.arc(tRex.xPos + width / 2, tRex.yPos + height / 2, height * 0.72, 0, 2 * Math.PI);
      canvasCtx.stroke();
      canvasCtx.restore();
    },

    /** Between two runs. */
    showScene(crash, secondsLeft) {
      const key = JSON.stringify([crash, standings]);
      if (key !== sceneKey) fillScene(crash);
      sceneKey = key;
      write(scene.querySelector(".next"), words.nextRun.replace("{0}", secondsLeft));
      scene.hidden = false;
    },

    hideScene() {
      scene.hidden = true;
    },

    /** Takes pairs of a label and a value. */
    showRecords(pairs) {
      recordPairs = pairs;
      fillRecords();
    },

    /** Takes the viewers who made it farthest and the teams, each with a name, a color and points. */
    showStandings(given) {
      standings = given;
      fillRecords();
    },
  };
});
