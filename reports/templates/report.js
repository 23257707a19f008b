"use strict";
(() => {
  const PAGE = 100;
  const WEIGHT = { error: 3, warning: 2, info: 1 };
  const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
  const NO_FAMILY = "(none)";
  const LABELS = ["new", "found", "fixed", "known", "suppressed"]; /* the first are looked at first */
  const COUNTING = ""; /* the filter that hides what is suppressed */
  const at = (id) => document.getElementById(id);

  const make = (tag, className, text) => {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  const theme = at("theme");
  theme.hidden = false;
  theme.addEventListener("click", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });

  const unfold = () => {
    const target = at(decodeURIComponent(location.hash.slice(1)));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  window.addEventListener("hashchange", unfold);
  unfold();

  if (!at("data")) return;
  const data = JSON.parse(at("data").textContent);
  const names = new Map(Object.entries(data.names));
  const findings = data.rows.map(([rule, severity, status, key, shown, family, size, modified, uid, message, suggestion, label, since, nights, reason], place) => ({
    rule, severity, status, key, shown: shown ?? key, family: family || NO_FAMILY, size, modified, uid, message, suggestion, place,
    state: label ?? "found", since, nights, reason,
    text: [rule, names.get(rule), key, shown, family, uid, message, reason].join("\n").toLowerCase(),
  }));
  const stated = at("state") !== null;
  const FIRST = stated ? "state" : "severity";

  const state = { q: "", state: COUNTING, rule: "", severity: "", family: "", sort: FIRST, down: true, page: 0 };
  const table = at("findings");
  const body = table.tBodies[0];
  const pagers = document.querySelectorAll(".pager");
  const filters = ["q", "state", "rule", "severity", "family"].filter((name) => at(name));

  const human = (size) => {
    let unit = 0;
    while (Math.abs(size) >= 999.5 && unit < UNITS.length - 1) { size /= 1000; unit += 1; }
    return `${size.toFixed(unit ? 1 : 0)} ${UNITS[unit]}`;
  };
  const clock = (moment) => `${moment.slice(0, 10)} ${moment.slice(11, 19)}`;

  const value = (finding, column) => {
    const weight = WEIGHT[finding.severity] ?? 0;
    if (column === "state") return 10 * (LABELS.length - LABELS.indexOf(finding.state)) + weight;
    if (column === "severity") return weight;
    return column === "key" ? finding.place : finding[column];
  };
  const compare = (a, b) => {
    const [x, y] = [value(a, state.sort), value(b, state.sort)];
    if (x === y) return a.place - b.place;
    if (x === null || y === null) return x === null ? 1 : -1; /* what is absent comes last, either way round */
    return (x < y ? -1 : 1) * (state.down ? -1 : 1);
  };
  const inState = (finding) =>
    state.state === "any" || (state.state === COUNTING ? finding.state !== "suppressed" : finding.state === state.state);
  const wanted = (finding) =>
    inState(finding) &&
    (!state.rule || finding.rule === state.rule) &&
    (!state.severity || finding.severity === state.severity) &&
    (!state.family || finding.family === state.family) &&
    (!state.q || finding.text.includes(state.q.toLowerCase()));

  const cell = (label, className, ...children) => {
    const td = make("td", className);
    td.dataset.label = label;
    td.append(...children);
    return td;
  };
  const copyButton = (key) => {
    const button = make("button", "copy", "Copy key");
    button.type = "button";
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(key);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not allowed";
      }
    });
    return button;
  };
  const subject = (finding) => {
    const parts = [make("bdi", "message", finding.message)];
    if (finding.key) parts.unshift(make("bdi", "key", finding.shown));
    if (finding.suggestion) parts.push(make("bdi", "suggestion", finding.suggestion));
    if (finding.uid) parts.push(make("bdi", "suggestion", `row ${finding.uid}`));
    if (finding.reason) parts.push(make("bdi", "suggestion", `suppressed: ${finding.reason}`));
    return finding.key ? [...parts, copyButton(finding.key)] : parts;
  };
  const age = (finding) => {
    const pill = make("span", `state ${finding.state}`, finding.state);
    if (finding.state !== "known" || !finding.nights) return [pill];
    const nights = `${finding.nights.toLocaleString("en")} night${finding.nights === 1 ? "" : "s"}`;
    return [pill, make("span", "age", nights), make("span", "age", `since ${(finding.since ?? "").slice(0, 10)}`)];
  };
  const row = (finding) => {
    const tr = make("tr");
    if (stated) tr.append(cell("State", "", ...age(finding)));
    tr.append(
      cell("Rule", "", make("b", "", finding.rule), make("span", "name", names.get(finding.rule) ?? "")),
      cell("Severity", "", make("span", `severity ${finding.severity}`, finding.severity)),
      cell("Key", "subject", ...subject(finding)),
      cell("Family", "", make("bdi", "", finding.family)),
      cell("Size", "n", make("span", "", finding.size === null ? "–" : human(finding.size))),
      cell("Modified", "time", make("span", "", finding.modified === null ? "–" : clock(finding.modified))),
      cell("Status", "", make("span", "", finding.status)),
    );
    return tr;
  };

  const headers = new Map();
  for (const th of table.tHead.rows[0].cells) {
    const column = th.dataset.column;
    const button = make("button", "", th.textContent);
    button.type = "button";
    button.addEventListener("click", () => {
      state.down = state.sort === column ? !state.down : column === "state" || column === "severity" || column === "size";
      state.sort = column;
      show();
    });
    th.replaceChildren(button);
    headers.set(column, th);
  }

  const render = () => {
    const matching = findings.filter(wanted).sort(compare);
    state.page = Math.max(0, Math.min(state.page, Math.ceil(matching.length / PAGE) - 1));
    const start = state.page * PAGE;
    const visible = matching.slice(start, start + PAGE);
    body.replaceChildren(...visible.map(row));
    const count = matching.length.toLocaleString("en");
    const status = visible.length
      ? `${(start + 1).toLocaleString("en")} to ${(start + visible.length).toLocaleString("en")} of ${count}`
      : "Nothing matches.";
    for (const pager of pagers) {
      const [previous, output, next] = pager.children;
      output.textContent = status;
      previous.disabled = state.page === 0;
      next.disabled = start + PAGE >= matching.length;
    }
    for (const [column, th] of headers) {
      if (column === state.sort) th.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else th.removeAttribute("aria-sort");
    }
    for (const name of filters) at(name).value = state[name];
  };

  const writeHash = () => {
    const hash = new URLSearchParams();
    for (const name of filters) if (state[name]) hash.set(name, state[name]);
    if (state.sort !== FIRST || !state.down) hash.set("sort", (state.down ? "-" : "") + state.sort);
    if (state.page) hash.set("page", String(state.page + 1));
    history.replaceState(null, "", `#${hash.size ? hash : "browse"}`);
  };
  const readHash = () => {
    const hash = new URLSearchParams(location.hash.slice(1));
    if (![...hash.keys()].some((name) => filters.includes(name) || name === "sort" || name === "page")) return false;
    for (const name of filters) state[name] = hash.get(name) ?? "";
    const sort = hash.get("sort") ?? `-${FIRST}`;
    if (headers.has(sort.replace(/^-/, ""))) Object.assign(state, { sort: sort.replace(/^-/, ""), down: sort.startsWith("-") });
    state.page = Math.max(0, (parseInt(hash.get("page"), 10) || 1) - 1);
    return true;
  };
  const show = () => { render(); writeHash(); };
  const jump = () => { if (readHash()) { render(); at("browse").scrollIntoView(); } };

  const options = (name, values, title, all = "all") => {
    const select = at(name);
    select.append(new Option(all, ""));
    for (const item of values) select.append(new Option(title(item), item));
  };
  const distinct = (column) => [...new Set(findings.map((finding) => finding[column]))].sort();
  if (stated) {
    const counts = LABELS.map((name) => [name, findings.filter((finding) => finding.state === name).length]).filter(([, count]) => count);
    const hidden = counts.some(([name]) => name === "suppressed");
    const told = new Map(counts.map(([name, count]) => [name, `${name} (${count.toLocaleString("en")})`]));
    options("state", [...told.keys(), ...(hidden ? ["any"] : [])], (name) => told.get(name) ?? "all, suppressed too", hidden ? "all but suppressed" : "all");
  }
  options("rule", distinct("rule"), (code) => `${code} ${names.get(code) ?? ""}`);
  options("severity", ["error", "warning", "info"].filter((name) => distinct("severity").includes(name)), (name) => name);
  options("family", distinct("family"), (name) => name);
  for (const name of filters) at(name).addEventListener("input", () => { state[name] = at(name).value; state.page = 0; show(); });
  at("controls").addEventListener("submit", (event) => event.preventDefault());
  at("controls").addEventListener("reset", (event) => {
    event.preventDefault();
    for (const name of filters) state[name] = "";
    state.page = 0;
    show();
  });
  const turn = (pages) => { state.page += pages; show(); at("browse").scrollIntoView(); };
  for (const pager of pagers) {
    pager.firstElementChild.addEventListener("click", () => turn(-1));
    pager.lastElementChild.addEventListener("click", () => turn(1));
    pager.hidden = false;
  }
  window.addEventListener("hashchange", jump);
  at("controls").hidden = false;
  render();
  jump();
})();
