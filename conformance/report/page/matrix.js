// The table of sections and cases against dtypes and devices. Rows are made as they are scrolled to.
const CHUNK = 150;
const UNFOLDED = 60; // so many cases that fit a filter are shown without asking
const matrix = { made: null, entries: [], shown: 0, body: null, active: "", usual: "" };

const SHOWS = {
  "": ["verdicts", null],
  torch: ["error of PyTorch, ULP", "torch"],
  numpy: ["error of NumPy, ULP", "numpy"],
  apart: ["how far apart, ULP", "apart"],
  speed: ["PyTorch ÷ NumPy, time", "speed"],
};
// With several runs: what the columns are, from the upper row of the head to the lower.
const COLUMNS = {
  "": ["dtypes, then runs", ["device", "dtype", "environment"]],
  apart: ["runs, then dtypes", ["environment", "device", "dtype"]],
  runs: ["runs: the worst of each", ["environment"]],
};
const HEADS = {
  environment: (column) => column.environment.label,
  device: (column) => column.device || "no device",
  dtype: ({ dtype }) => (dtype === "-" ? "no dtype" : dtype || "?"),
};
// What the figures and their colours mean; of times, the colours of all drawings of speed.
const swatch = (side, text) => el("span", { class: `swatch ${side}` }, text);
const CAPTIONS = {
  torch: ["The largest error of PyTorch against the ", word("truth"), ", in ", word("ULP"), ": the darker, the larger"],
  numpy: ["The largest error of NumPy against the ", word("truth"), ", in ", word("ULP"), ": the darker, the larger"],
  apart: ["How far the results of both sides lie apart, in ", word("ULP"), ": the darker, the farther"],
  speed: [word("PyTorch ÷ NumPy"), ", the times at the largest size that was timed: ", swatch("torch", "below 1, orange: PyTorch is faster"), "; ",
    swatch("numpy", "above 1, blue: NumPy is faster"), "; ", swatch("even", "near 1, grey: about as fast")],
};
const chosenOf = (table, name) => table[Object.hasOwn(table, name) ? name : ""];

// Of a report that has no unit there is no verdict to show: what was measured stands there unless asked otherwise.
const shownFigure = () => chosenOf(SHOWS, state.show)[1] ?? (matrix.usual || null);

function drawMatrix(made) {
  matrix.made = made;
  const found = inOrder(made);
  matrix.columns = shownColumns(made, found);
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
  caption();
  $("shown").textContent = sumUp(made, found) + (made.environments.length > 1 && found.some(parts) ? "; framed cells differ between the runs" : "");
  $("folds").textContent = matrix.entries.some((entry) => entry.section && !entry.open) ? "unfold all" : "fold all";
  $("folds").hidden = !matrix.entries.some((entry) => entry.section);
}

function caption() {
  const figure = shownFigure();
  $("caption").hidden = !figure;
  $("caption").replaceChildren(...(figure ? [...CAPTIONS[figure], ". A section has the largest number of its cases."] : []));
}

function sumUp(made, found) {
  if (!isFiltered()) return `${plural(made.cases.length, "case")} in ${plural(made.sections.length, "section")}`;
  const units = found.reduce((sum, one) => sum + one.units.filter(unitFits).length, 0);
  const told = `${number(found.length)} of ${plural(made.cases.length, "case")}`;
  return matrix.usual ? told : `${told}, ${plural(units, "unit")}`;
}

function shownColumns(made, found) {
  const several = made.environments.length > 1;
  matrix.levels = several ? chosenOf(COLUMNS, state.columns)[1] : ["device", "dtype"];
  const fits = ({ dtype, device, environment }) => isChosen("dtype", dtype) && isChosen("device", device) && isChosen("environment", environment.label);
  const fitting = filled(made.columns.filter(fits), found);
  if (matrix.levels.length === 1) return made.environments.filter((environment) => fitting.some((column) => column.environment === environment)).map((environment) => ({ environment, worst: true }));
  if (matrix.levels[0] !== "device" || !several) return fitting;
  const devices = [...new Set(fitting.map((column) => column.device))], dtypes = made.list(made.packed.dtypes);
  const place = ({ device, dtype }) => devices.indexOf(device) * dtypes.length + dtypes.indexOf(dtype);
  return fitting.sort((a, b) => place(a) - place(b) || a.environment.number - b.environment.number);
}

// A filter by what came out leaves the columns in which it did for any case that is shown: none of it is beyond the edge.
function filled(columns, found) {
  if (!["v", "check", "runs"].some((name) => state[name].size)) return columns;
  const figure = shownFigure();
  const has = figure
    ? (one, column) => figures(matrix.made, one)[figure].has(column.key)
    : (one, column) => { const unit = one.at.get(column.key); return unit && unitFits(unit) && shownVerdict(unit); };
  const place = ({ dtype, device }) => `${dtype}|${device}`; // in every run, so that a verdict stands beside what it was
  const left = new Set(columns.filter((column) => found.some((one) => has(one, column))).map(place));
  return left.size ? columns.filter((column) => left.has(place(column))) : columns;
}

const isAsked = ({ dtype, device }) => isChosen("dtype", dtype) && isChosen("device", device);

// The unit that a column shows of a case: of a whole run, the worst of those that fit, or else of what dtypes and devices
// leave.
function unitAt(one, column) {
  if (!column.worst) return one.at.get(column.key);
  const all = one.units.filter((unit) => unit.environment === column.environment && isAsked(unit));
  const fitting = all.filter((unit) => unitFits(unit) && shownVerdict(unit));
  const rank = (unit) => shownVerdict(unit)?.rank ?? -1;
  return (fitting.length ? fitting : all).reduce((worst, unit) => (!worst || rank(unit) > rank(worst) ? unit : worst), undefined);
}

function figureAt(one, column, figure) {
  const found = figures(matrix.made, one)[figure];
  if (!column.worst) return found.get(column.key) ?? -Infinity;
  return largest(new Map([...found].filter(([key]) => {
    const [dtype, device, run] = key.split("|");
    return Number(run) === column.environment.number && isAsked({ dtype, device });
  })));
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
  const { levels, columns } = matrix;
  const names = ["case", "PyTorch", "NumPy"].map((name, n) => el("th", { rowspan: levels.length, scope: "col", class: n ? "code" : "name" }, name));
  const path = (column, depth) => levels.slice(0, depth + 1).map((level) => HEADS[level](column)).join("\n");
  const rows = levels.slice(0, -1).map((level, depth) => {
    const grouped = [];
    for (const column of columns) {
      const at = path(column, depth);
      if (grouped.at(-1)?.at === at) grouped.at(-1).count += 1;
      else grouped.push({ at, count: 1, text: HEADS[level](column) });
    }
    return grouped.map(({ count, text }) => el("th", { colspan: count, scope: "colgroup", class: count < 3 && level === "dtype" ? "upright" : text.length < 8 ? "short" : "" }, el("span", {}, text)));
  });
  rows.push(columns.map((column) => el("th", { scope: "col", class: "dtype", title: HEADS[levels.at(-1)](column) }, el("span", {}, HEADS[levels.at(-1)](column)))));
  return el("thead", {}, rows.map((cells, n) => el("tr", {}, n ? null : names, cells)));
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
  const figure = shownFigure();
  if (figure) return figureCell(Math.max(-Infinity, ...cases.map((one) => figureAt(one, column, figure))), figure);
  const sorted = tally(cases.map((one) => unitAt(one, column)).filter(Boolean));
  if (!sorted.length) return el("td", {});
  const told = sorted.map(([verdict, count]) => `${count} ${verdict.name}`).join(", ");
  const bar = el("span", { class: "bars", "aria-hidden": "true" });
  for (const [verdict, count] of sorted) {
    const part = el("i", { class: verdict.style });
    part.style.flexGrow = count;
    bar.append(part);
  }
  return el("td", { title: `${[column.dtype, column.environment.label].filter(Boolean).join(", ")}: ${told}` }, el("span", { class: `cell ${sorted[0][0].style}` }, sorted[0][0].letter), bar);
}

function caseRow(one) {
  const link = el("a", { href: address({ ...state, case: one.anchor }), "data-row": `c:${one.anchor}` }, one.id);
  const whole = one.units.filter((unit) => !unit.dtype && !unit.device)
    .map((unit) => el("span", { class: "whole" }, badge(unit.verdict)));
  // On a phone the column of those without a dtype is far to the right.
  const plain = new Set(one.units.filter((unit) => unit.dtype === "-").map((unit) => unit.verdict));
  const narrow = [...plain].map((verdict) => el("span", { class: "narrow" }, badge(verdict)));
  const texts = one.torch || one.numpy || !one.units.length
    ? [one.torch, one.numpy].map((text) => el("td", { class: "code" }, code(text)))
    : el("td", { class: "code", colspan: 2 }, one.units[0].headline);
  return el("tr", { "data-case": one.anchor }, el("th", { scope: "row", class: "name" }, link, whole, narrow), texts,
    matrix.columns.map((column) => unitCell(one, column)));
}

function unitCell(one, column) {
  const figure = shownFigure();
  if (figure) return figureCell(figureAt(one, column, figure), figure);
  const unit = unitAt(one, column);
  const verdict = unit && shownVerdict(unit);
  if (!verdict) return el("td", {});
  const headline = unit.headline.length > 120 ? `${unit.headline.slice(0, 119)}…` : unit.headline;
  const parting = column.worst ? parts(one) : amongRuns(unit) === "differ";
  const title = `${parting ? "differs between the runs; " : ""}${unit.label}: ${verdict.name}${headline ? `: ${headline}` : ""}`;
  return el("td", { title, "data-unit": unit.place }, el("span", { class: `cell ${unitFits(unit) ? verdict.style : "dim"}${parting ? " parting" : ""}` }, verdict.letter));
}

// Errors from light to dark, times from orange (PyTorch is faster) over grey to blue; each with its number.
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
