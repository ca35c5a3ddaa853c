// The table of sections and cases against dtypes and devices. Rows are made as they are scrolled to.
const CHUNK = 150;
const UNFOLDED = 60; // so many cases that fit a filter are shown without asking
const matrix = { made: null, entries: [], shown: 0, body: null, active: "" };

const SHOWS = {
  "": ["verdicts", null],
  torch: ["error of PyTorch, ULP", "torch"],
  numpy: ["error of NumPy, ULP", "numpy"],
  apart: ["how far apart, ULP", "apart"],
  speed: ["PyTorch ÷ NumPy, time", "speed"],
};
const chosenOf = (table, name) => table[Object.hasOwn(table, name) ? name : ""];

function drawMatrix(made) {
  matrix.made = made;
  const found = inOrder(made);
  matrix.columns = shownColumns(made);
  matrix.entries = Object.hasOwn(SORTS, state.sort) && state.sort ? found.map((one) => ({ one })) : bySection(found);
  const kept = Math.max(CHUNK, matrix.shown);
  matrix.shown = 0;
  matrix.body = el("tbody", {});
  const box = $("matrix");
  const at = [box.scrollLeft, box.scrollTop];
  box.replaceChildren(el("table", { class: "matrix" }, heads(), matrix.body));
  if (!found.length) box.append(el("p", { class: "empty" }, made.cases.length ? "No case fits." : "No unit was run."));
  showMore(kept);
  [box.scrollLeft, box.scrollTop] = at;
  $("shown").textContent = sumUp(made, found);
  $("folds").textContent = matrix.entries.some((entry) => entry.section && !entry.open) ? "unfold all" : "fold all";
  $("folds").hidden = !matrix.entries.some((entry) => entry.section);
}

function sumUp(made, found) {
  if (!isFiltered()) return `${plural(made.cases.length, "case")} in ${plural(made.sections.length, "section")}`;
  const units = found.reduce((sum, one) => sum + one.units.filter(unitFits).length, 0);
  return `${number(found.length)} of ${plural(made.cases.length, "case")}, ${plural(units, "unit")}`;
}

function shownColumns(made) {
  return made.columns.filter((column) => (!state.dtype || column.dtype === state.dtype) && (!state.device || column.device === state.device));
}

function bySection(found) {
  const usual = state.fold ? state.fold === "open" : found.length <= UNFOLDED;
  const grouped = new Map();
  for (const one of found) grouped.set(one.section, [...(grouped.get(one.section) ?? []), one]);
  return [...grouped].flatMap(([section, cases]) => {
    const open = state.open.get(section.name) ?? usual;
    return [{ section, cases, open }, ...(open ? cases.map((one) => ({ one })) : [])];
  });
}

function heads() {
  const devices = new Map();
  for (const column of matrix.columns) devices.set(column.device, (devices.get(column.device) ?? 0) + 1);
  const names = ["case", "PyTorch", "NumPy"].map((name, n) => el("th", { rowspan: 2, scope: "col", class: n ? "code" : "name" }, name));
  return el("thead", {},
    el("tr", {}, names, [...devices].map(([device, count]) => el("th", { colspan: count, scope: "colgroup" }, device || "no device"))),
    el("tr", {}, matrix.columns.map(({ dtype }) => el("th", { scope: "col", class: "dtype" }, el("span", {}, dtype === "-" ? "no dtype" : dtype || "?")))));
}

function showMore(count = CHUNK) {
  $("matrix").querySelector(".more")?.remove();
  const next = matrix.entries.slice(matrix.shown, matrix.shown + count);
  matrix.body.append(...next.map((entry) => (entry.section ? sectionRow(entry) : caseRow(entry.one))));
  matrix.shown += next.length;
  const left = matrix.entries.length - matrix.shown;
  if (left > 0) {
    const more = el("button", { type: "button", class: "more", onclick: () => showMore() }, `${plural(left, "more row")}`);
    $("matrix").append(more);
    new IntersectionObserver(([seen], watch) => { if (seen.isIntersecting) { watch.disconnect(); showMore(); } }, { root: $("matrix") }).observe(more);
  }
}

function sectionRow({ section, cases, open }) {
  const toggle = () => { state.open.set(section.name, !open); writeAddress(); redraw(); };
  const button = el("button", { type: "button", class: "fold", "aria-expanded": String(open), "data-row": `s:${section.name}`, onclick: toggle },
    el("span", { "aria-hidden": "true" }, open ? "▾ " : "▸ "), section.name, " ", el("small", {}, plural(cases.length, "case")));
  const counted = tally(cases.flatMap((one) => one.units));
  const told = counted.map(([verdict, count]) => `${number(count)} ${verdict.name}`).reverse().join(" · ");
  return el("tr", { class: "section" }, el("th", { scope: "row", class: "name" }, button), el("td", { class: "code", colspan: 2 }, el("small", {}, told)),
    matrix.columns.map((column) => sumCell(cases, column)));
}

// How many of the units that fit have each verdict, the worst first.
function tally(units) {
  const counted = new Map();
  for (const unit of units) {
    const verdict = unitFits(unit) ? shownVerdict(unit) : null;
    if (verdict) counted.set(verdict, (counted.get(verdict) ?? 0) + 1);
  }
  return [...counted].sort(([a], [b]) => b.rank - a.rank);
}

function sumCell(cases, column) {
  const figure = chosenOf(SHOWS, state.show)[1];
  if (figure) return figureCell(Math.max(-Infinity, ...cases.map((one) => figures(matrix.made, one)[figure].get(column.key) ?? -Infinity)), figure);
  const sorted = tally(cases.map((one) => one.at.get(column.key)).filter(Boolean));
  if (!sorted.length) return el("td", {});
  const told = sorted.map(([verdict, count]) => `${count} ${verdict.name}`).join(", ");
  const bar = el("span", { class: "bars", "aria-hidden": "true" });
  for (const [verdict, count] of sorted) {
    const part = el("i", { class: verdict.style });
    part.style.flexGrow = count;
    bar.append(part);
  }
  return el("td", { title: `${column.dtype}: ${told}` }, el("span", { class: `cell ${sorted[0][0].style}` }, sorted[0][0].letter), bar);
}

function caseRow(one) {
  const link = el("a", { href: address({ ...state, case: one.anchor }), "data-row": `c:${one.anchor}` }, one.id);
  const whole = one.units.filter((unit) => !unit.dtype && !unit.device)
    .map((unit) => el("span", { class: "whole" }, badge(unit.verdict)));
  // On a phone the column of those without a dtype is far to the right.
  const narrow = one.units.filter((unit) => unit.dtype === "-").map((unit) => el("span", { class: "narrow" }, badge(unit.verdict)));
  const texts = one.torch || one.numpy || !one.units.length
    ? [one.torch, one.numpy].map((text) => el("td", { class: "code" }, code(text)))
    : el("td", { class: "code", colspan: 2 }, one.units[0].headline);
  return el("tr", { "data-case": one.anchor }, el("th", { scope: "row", class: "name" }, link, whole, narrow), texts,
    matrix.columns.map((column) => unitCell(one, column)));
}

function unitCell(one, column) {
  const figure = chosenOf(SHOWS, state.show)[1];
  if (figure) return figureCell(figures(matrix.made, one)[figure].get(column.key) ?? -Infinity, figure);
  const unit = one.at.get(column.key);
  const verdict = unit && shownVerdict(unit);
  if (!verdict) return el("td", {});
  const headline = unit.headline.length > 120 ? `${unit.headline.slice(0, 119)}…` : unit.headline;
  const title = `${unit.label}: ${verdict.name}${headline ? `: ${headline}` : ""}`;
  return el("td", { title, "data-unit": unit.place }, el("span", { class: `cell ${unitFits(unit) ? verdict.style : "dim"}` }, verdict.letter));
}

// Errors from light to dark, times from blue (PyTorch is faster) over white to orange; each with its number.
function figureCell(value, figure) {
  if (value === -Infinity) return el("td", {});
  const text = value === Infinity ? "∞" : value >= 100 ? value.toExponential(0).replace("e+", "e") : String(Number(value.toPrecision(2))).replace(/^0\./, ".");
  const step = figure === "speed"
    ? Math.max(-3, Math.min(3, Math.round(Math.log2(value))))
    : value === Infinity ? 5 : [0.5, 1, 2, 8, 64].filter((least) => value > least).length;
  return el("td", { title: figure === "speed" ? `PyTorch takes ${value} times as long at the largest size` : `${value} ULP` }, el("span", { class: `cell ${figure === "speed" ? `t${step + 3}` : `h${step}`}` }, text));
}

const rowLinks = () => [...$("matrix").querySelectorAll("[data-row]")];

function redraw() {
  const focused = document.activeElement?.dataset?.row;
  drawMatrix(matrix.made);
  if (focused) rowLinks().find((link) => link.dataset.row === focused)?.focus();
}
