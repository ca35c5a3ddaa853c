// From the address to what is shown, and back.
let made = null;

function drawFacets() {
  const counted = (values) => {
    const counts = new Map();
    for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
    return counts;
  };
  const units = made.cases.flatMap((one) => one.units);
  const checks = counted(units.flatMap((unit) => [...unit.byCheck].filter(([, verdict]) => verdict.name !== "not judged").map(([name]) => name)));
  const kinds = counted(made.cases.flatMap((one) => (one.kinds.size ? [...one.kinds] : ["none"])));
  const options = {
    section: made.sections.map(({ name, cases }) => [name, `${name} (${cases.length})`]),
    dtype: [...counted(made.columns.map((column) => column.dtype)).keys()].filter(Boolean).map((name) => [name, name === "-" ? "no dtype" : name]),
    device: [...counted(made.columns.map((column) => column.device)).keys()].filter(Boolean).map((name) => [name, name]),
    check: [...checks].filter(([name]) => !/^difference \d+$/.test(name)).map(([name, count]) => [name, `${name} (${number(count)})`]),
    kind: [...kinds].map(([name, count]) => [name, `${name} (${number(count)})`]),
    sort: Object.entries(SORTS).map(([name, [label]]) => [name, label]),
    show: Object.entries(SHOWS).filter(([, [, figure]]) => !figure || made.cases.some((one) => figures(made, one)[figure].size)).map(([name, [label]]) => [name, label]),
  };
  const labels = { kind: "difference", show: "cells show" };
  $("facets").replaceChildren(...Object.entries(options).filter(([name, all]) => all.length > 1 || (FACETS.includes(name) && all.length)).map(([name, all]) => {
    const first = FACETS.includes(name) ? [["", "all"]] : [];
    const select = el("select", { id: `ui:${name}`, onchange: () => { state[name] = select.value; changed(); } },
      [...first, ...all].map(([value, label]) => { const option = el("option", {}, label); option.value = value; return option; }));
    return el("label", {}, el("span", {}, labels[name] ?? name), select);
  }));
}

const verdictButtons = () => [...document.querySelectorAll(".legend button")];

// The controls as the state has them.
function showState() {
  if ($("search").value.trim() !== state.q.trim()) $("search").value = state.q;
  for (const button of verdictButtons()) button.ariaPressed = String(state.v.has(button.dataset.verdict));
  for (const name of [...FACETS, ...Object.keys(CHOICES)]) {
    const select = $(name);
    if (select) select.value = state[name];
    if (select && select.selectedIndex < 0) { state[name] = ""; select.value = ""; }
  }
}

function changed() {
  state.open.clear();
  state.fold = "";
  matrix.shown = 0;
  showState();
  writeAddress();
  redraw();
}

let waiting = 0;
function onSearch() {
  clearTimeout(waiting);
  waiting = setTimeout(() => { state.q = $("search").value; changed(); }, 60);
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
  const found = made.places.get(state.case);
  const dialog = $("record");
  if (!found) { state.case = ""; if (dialog.open) dialog.close(); return; }
  drawRecord(made, ...found);
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
  dialog.querySelector("tr.marked")?.scrollIntoView({ block: "center" });
}

function restore() {
  readAddress();
  showState();
  redraw();
  showRecord();
  if (location.hash.startsWith("#ui:")) $(decode(location.hash.slice(4)))?.scrollIntoView();
}

function clearAll() {
  state.q = "";
  state.v.clear();
  for (const name of [...FACETS, ...Object.keys(CHOICES)]) state[name] = "";
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
  $("folds").addEventListener("click", foldAll);
  $("help").addEventListener("click", drawHelp);
  $("theme").addEventListener("click", nextTheme);
  $("record").addEventListener("cancel", (event) => { event.preventDefault(); closeCase(); });
  for (const dialog of [$("record"), $("keys")]) {
    dialog.addEventListener("click", (event) => { if (event.target === dialog) { if (dialog.id === "ui:record") closeCase(); else dialog.close(); } });
  }
  document.addEventListener("click", (event) => {
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
  restore();
  document.documentElement.classList.add("ready");
  performance.mark("ready");
  drawPairs(made);
}
start();
