// From the address to what is shown, and back.
let made = null;

function drawFacets() {
  const counted = (values) => {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  const units = made.cases.flatMap((one) => one.units);
  // Thousands of units came to the same: counted first, and told apart into checks afterwards.
  const shapes = counted(units.map((unit) => unit.raw[4]));
  const checks = new Map();
  for (const [shape, count] of shapes) for (const [name, verdict] of made.byCheck(shape)) if (verdict.name !== "not judged") checks.set(name, (checks.get(name) ?? 0) + count);
  const verdicts = counted(units.map((unit) => unit.verdict.name));
  const several = made.environments.length > 1;
  const among = several ? counted(units.map(amongRuns)) : null;
  const kinds = counted(made.cases.flatMap((one) => (one.kinds.size ? [...one.kinds] : ["none"])));
  // Of the ways to sort and to colour, those whose figure, which stands last, any case has.
  const has = (figure) => typeof figure !== "string" || made.cases.some((one) => figures(made, one)[figure].size);
  const measuredIn = (ways) => Object.entries(ways).filter(([, way]) => has(way.at(-1))).map(([name, [label]]) => [name, label]);
  matrix.usual = units.length ? "" : ["speed", "torch", "apart"].find(has) ?? "";
  const options = {
    v: verdictButtons().map(({ dataset }) => [dataset.verdict, `${dataset.verdict} (${number(verdicts.get(dataset.verdict) ?? 0)})`]),
    section: made.sections.map(({ name, cases }) => [name, `${name} (${cases.length})`]),
    dtype: [...counted(made.columns.map((column) => column.dtype)).keys()].filter(Boolean).map((name) => [name, name === "-" ? "no dtype" : name]),
    device: [...counted(made.columns.map((column) => column.device)).keys()].filter(Boolean).map((name) => [name, name]),
    environment: several ? made.environments.map(({ label }) => [label, label]) : [],
    runs: several ? Object.entries(AMONG).map(([name, label]) => [name, `${label} (${number(among.get(name) ?? 0)})`]) : [],
    check: [...checks].filter(([name]) => !/^difference \d+$/.test(name)).map(([name, count]) => [name, `${name} (${number(count)})`]),
    kind: [...(units.length ? kinds : [])].map(([name, count]) => [name, `${name} (${number(count)})`]),
    sort: measuredIn(SORTS),
    columns: several ? Object.entries(COLUMNS).map(([name, [label]]) => [name, label]) : [],
    show: measuredIn(SHOWS).filter(([name]) => name || !matrix.usual),
  };
  const labels = { v: "verdict", kind: "difference", show: "cells show", environment: "run", runs: "between runs" };
  const shown = Object.entries(options).filter(([name, all]) => all.length > (FACETS.includes(name) || (name === "show" && matrix.usual) ? 0 : 1));
  $("facets").replaceChildren(...shown.map(([name, all]) => (FACETS.includes(name) ? facet : choice)(name, labels[name] ?? name, all)));
}

function choice(name, label, all) {
  const select = el("select", { id: `ui:${name}`, onchange: () => { state[name] = select.value; changed(); } },
    all.map(([value, text]) => { const option = el("option", {}, text); option.value = value; return option; }));
  return el("label", {}, el("span", {}, label), select);
}

// Boxes to tick, of which any number may be: a list that drops down.
function facet(name, label, all) {
  const boxes = all.map(([value, text]) => {
    const box = el("input", { type: "checkbox", onchange: () => { if (!state[name].delete(value)) state[name].add(value); changed(); } });
    box.value = value;
    return el("label", {}, box, el("span", {}, text));
  });
  return el("details", { class: "facet", id: `ui:${name}`, "data-facet": name }, el("summary", {}, el("span", {}, label), " ", el("b", {}, "all")),
    el("div", { role: "group", "aria-label": label }, boxes));
}

function showFacet(folded) {
  const chosen = state[folded.dataset.facet];
  const boxes = [...folded.querySelectorAll("input")];
  const known = new Set(boxes.map((box) => box.value));
  for (const value of chosen) if (!known.has(value)) chosen.delete(value);
  for (const box of boxes) box.checked = chosen.has(box.value);
  const names = [...chosen].map((value) => (value === "-" ? "no dtype" : value)).join(", ");
  folded.querySelector("b").textContent = !chosen.size ? "all" : names.length > 28 && chosen.size > 1 ? `${chosen.size} of ${boxes.length}` : names;
  folded.classList.toggle("chosen", chosen.size > 0);
}

const verdictButtons = () => [...document.querySelectorAll(".legend button")];

// The controls as the state has them.
function showState() {
  if ($("search").value.trim() !== state.q.trim()) $("search").value = state.q;
  for (const button of verdictButtons()) button.ariaPressed = String(state.v.has(button.dataset.verdict));
  for (const name of FACETS) if ($(name)) showFacet($(name)); else state[name].clear();
  for (const name of Object.keys(CHOICES)) {
    const select = $(name);
    if (select) select.value = state[name];
    if (select ? select.selectedIndex < 0 : name !== "fold") state[name] = "";
    if (select && !state[name]) select.value = name === "show" ? matrix.usual : "";
  }
  if (!["open", "shut"].includes(state.fold)) state.fold = "";
}

// Of what is typed a moment is waited for more: whatever else is done meanwhile is done to what was typed.
let waiting = 0;
const typedMore = () => $("search").value.trim() !== state.q.trim();
function onSearch() {
  clearTimeout(waiting);
  waiting = setTimeout(changed, 60);
}

function changed() {
  clearTimeout(waiting);
  state.q = $("search").value;
  state.open.clear();
  state.fold = "";
  matrix.shown = 0;
  showState();
  writeAddress();
  redraw();
}

function openCase(anchor) {
  state.case = anchor;
  writeAddress(!$("record").open);
  showRecord();
}

function closeCase() {
  const anchor = state.case;
  state.case = "";
  writeAddress();
  showRecord();
  rowLinks().find((link) => link.dataset.row === `c:${anchor}`)?.focus();
}

function showRecord() {
  const found = state.case ? placed(made, state.case) : null;
  const dialog = $("record");
  if (!found) { state.case = ""; if (dialog.open) dialog.close(); return; }
  drawRecord(made, ...found);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector(".units .marked")?.scrollIntoView({ block: "center" });
}

function restore() {
  readAddress();
  showState();
  redraw();
  const asked = state.case;
  showRecord();
  const missed = asked && !state.case ? `This report has no case that is called ${asked}. ` : "";
  const told = notUnderstood() + missed;
  if (told) {
    $("shown").textContent = told + $("shown").textContent;
    $("shown").scrollIntoView({ block: "center" });
  }
  if (location.hash.startsWith("#ui:")) $(decode(location.hash.slice(4)))?.scrollIntoView();
  return told;
}

function clearAll() {
  $("search").value = "";
  for (const name of FACETS) state[name].clear();
  for (const name of Object.keys(CHOICES)) state[name] = "";
  changed();
}

function foldAll() {
  state.fold = matrix.entries.some((entry) => entry.section && !entry.open) ? "open" : "shut";
  state.open.clear();
  writeAddress();
  redraw();
}

function listen() {
  $("search").addEventListener("input", onSearch);
  for (const button of verdictButtons()) {
    button.addEventListener("click", () => {
      const { verdict } = button.dataset;
      if (!state.v.delete(verdict)) state.v.add(verdict);
      changed();
    });
  }
  $("clear").addEventListener("click", clearAll);
  $("parting")?.addEventListener("click", () => { clearAll(); state.runs.add("differ"); state.columns = "runs"; changed(); $("cases").scrollIntoView(); });
  $("folds").addEventListener("click", foldAll);
  $("help").addEventListener("click", drawHelp);
  $("theme").addEventListener("click", nextTheme);
  $("record").addEventListener("cancel", (event) => { event.preventDefault(); closeCase(); });
  for (const dialog of [$("record"), $("keys")]) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) { if (dialog.id === "ui:record") closeCase(); else dialog.close(); } });
  }
  document.addEventListener("click", (event) => {
    for (const folded of document.querySelectorAll(".facet[open]")) if (!folded.contains(event.target)) folded.open = false;
    const unit = event.target.closest?.("td[data-unit]");
    const link = event.target.closest?.("a[data-row]");
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link || unit) { event.preventDefault(); openCase(unit ? unit.dataset.unit : link.dataset.row.slice(2)); }
  });
  document.addEventListener("keydown", onKey);
  addEventListener("popstate", restore);
  addEventListener("hashchange", restore);
}

async function start() {
  document.documentElement.classList.add("js");
  setTheme(THEMES.includes(storedTheme()) ? storedTheme() : "system");
  if (!("DecompressionStream" in globalThis)) {
    $("matrix").prepend(el("p", { class: "banner" }, "This browser cannot unpack the records (it has no DecompressionStream): a newer one shows them."));
    return;
  }
  made = await unpack();
  matrix.made = made;
  drawFacets();
  listen();
  drawExports(made);
  const told = restore();
  if (location.hash.startsWith("#?") && !told) $("cases").scrollIntoView(); // a filter is of the table, far below
  document.documentElement.classList.add("ready");
  performance.mark("ready");
  drawPairs(made);
  drawCourses(made);
}
start();
