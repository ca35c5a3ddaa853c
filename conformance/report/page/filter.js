// What is asked for, in the address: #?q=cat&v=differs&dtype=int8&dtype=int16&case=shape/squeeze, or #shape/squeeze for a
// case alone. Of a facet several values may be chosen: what fits one of them fits.
const FACETS = ["v", "section", "dtype", "device", "environment", "runs", "check", "kind"];
const CHOICES = { sort: "", show: "", columns: "", fold: "" };
const state = { q: "", open: new Map(), case: "", ...Object.fromEntries(FACETS.map((name) => [name, new Set()])), ...CHOICES };

// A place on the page, or a case alone, leaves the filter as it is.
function readAddress() {
  const hash = location.hash.slice(1);
  state.case = hash.startsWith("?") || hash.startsWith("ui:") ? "" : decode(hash);
  if (hash && !hash.startsWith("?")) return;
  const asked = new URLSearchParams(hash.slice(1));
  state.q = asked.get("q") ?? "";
  for (const name of FACETS) state[name] = new Set(asked.getAll(name).filter(Boolean));
  for (const name of [...Object.keys(CHOICES), "case"]) state[name] = asked.get(name) ?? "";
  state.open = new Map([...asked.getAll("open").map((name) => [name, true]), ...asked.getAll("shut").map((name) => [name, false])]);
}

// What of the address means nothing on this page: a name that no filter has, or a value that its list has not.
function notUnderstood() {
  const hash = location.hash.slice(1);
  if (!hash.startsWith("?")) return "";
  const asked = [...new URLSearchParams(hash.slice(1))].filter(([, value]) => value);
  const known = ["q", ...FACETS, ...Object.keys(CHOICES), "case", "open", "shut"];
  const strange = asked.filter(([name, value]) => !known.includes(name) || isStrange(name, value));
  if (!strange.length) return "";
  const told = strange.map(([name, value]) => `${name}=${value}`).join(", ");
  const names = strange.some(([name]) => !known.includes(name)) ? ` It can have ${known.join(", ")}.` : "";
  return `Of the address this was not understood: ${told}.${names} `;
}

function isStrange(name, value) {
  if (FACETS.includes(name)) return !state[name].has(value);
  if (Object.hasOwn(CHOICES, name)) return state[name] !== value;
  return ["open", "shut"].includes(name) && !made.sections.some((section) => section.name === value);
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

function address(of = state) {
  const asked = new URLSearchParams();
  if (of.q.trim()) asked.set("q", of.q.trim());
  for (const name of FACETS) for (const value of of[name]) asked.append(name, value);
  for (const name of Object.keys(CHOICES)) if (of[name]) asked.set(name, of[name]);
  for (const [name, open] of of.open) asked.append(open ? "open" : "shut", name);
  if (of.case && !asked.size) return `#${encodeURI(of.case)}`;
  if (of.case) asked.set("case", of.case);
  return asked.size ? `#?${asked}` : "";
}

function writeAddress(push = false) {
  const to = address() || location.pathname + location.search;
  if (push) history.pushState(null, "", to);
  else history.replaceState(null, "", to);
}

const isFiltered = () => Boolean(state.q.trim() || FACETS.some((name) => state[name].size));

// The verdict that the filter and the cells speak of: the worst of the checks that are chosen, or that of the unit.
function shownVerdict(unit) {
  if (!state.check.size) return unit.verdict;
  const found = [...state.check].map((name) => unit.byCheck.get(name)).filter(Boolean);
  return found.reduce((worst, verdict) => (verdict.rank > worst.rank ? verdict : worst), found[0]);
}

const isChosen = (facet, value) => !state[facet].size || state[facet].has(value);

function unitFits(unit) {
  if (!isChosen("dtype", unit.dtype) || !isChosen("device", unit.device) || !isChosen("environment", unit.environment.label)) return false;
  if (state.runs.size && !state.runs.has(amongRuns(unit))) return false;
  if (!state.check.size && !state.v.size) return true;
  const verdict = shownVerdict(unit);
  if (!verdict) return false;
  return state.v.size ? state.v.has(verdict.name) : verdict.name !== "not judged";
}

// How a unit stands among the runs.
const AMONG = { differ: "the verdict differs", alike: "alike in all that have it", alone: "in one run only" };

function amongRuns(unit) {
  const all = runsOf(unit.of).get(made.comparable(unit));
  if (all.runs.size < 2) return "alone";
  return all.differ ? "differ" : "alike";
}

// For each unit that can be compared between runs: the runs that have it, and whether their verdicts differ.
function runsOf(one) {
  if (!one.runs) {
    one.runs = new Map();
    for (const unit of one.units) {
      const key = made.comparable(unit);
      let all = one.runs.get(key);
      if (!all) one.runs.set(key, all = { runs: new Map(), differ: false });
      const known = all.runs.get(unit.environment);
      if (!known || known.verdict.rank < unit.verdict.rank) all.runs.set(unit.environment, unit);
    }
    for (const all of one.runs.values()) {
      const [first, ...others] = all.runs.values();
      all.differ = others.some((unit) => unit.verdict !== first.verdict);
    }
  }
  return one.runs;
}

const parts = (one) => [...runsOf(one).values()].some((all) => all.differ);

function searchText(made, one) {
  if (one.words === undefined) {
    const told = differences(made, one).flatMap((each) => [each.because, each.when, each.kind, each.instead]);
    const verdicts = new Set(one.units.map((unit) => unit.verdict.name));
    const reasons = new Set(one.units.map((unit) => unit.headline));
    one.words = [one.id, one.section.name, one.torch, one.numpy, made.text(one.raw.note), made.text(one.raw.where), ...told,
      ...verdicts, ...reasons].join(" ").toLowerCase();
  }
  return one.words;
}

function fitting(made) {
  const asked = state.q.toLowerCase().split(/\s+/).filter(Boolean);
  const byUnit = ["v", "dtype", "device", "environment", "runs", "check"].some((name) => state[name].size);
  const kinds = state.kind;
  return made.cases.filter((one) =>
    isChosen("section", one.section.name)
    && (!kinds.size || (one.kinds.size ? [...one.kinds].some((kind) => kinds.has(kind)) : kinds.has("none")))
    && (!byUnit || one.units.some(unitFits) || (!one.units.length && figuresFit(made, one)))
    && asked.every((each) => searchText(made, one).includes(each)));
}

// Figures of a case beside its verdicts; infinite where an error is of another kind, undefined where none was measured.
function figures(made, one) {
  one.figures ??= measure(made, one);
  return one.figures;
}

function measure(made, one) {
  const read = (cell) => (cell === "" ? undefined : cell === "other kind" ? Infinity : Number(cell.replaceAll(",", "")));
  const found = { torch: new Map(), numpy: new Map(), apart: new Map(), speed: new Map() };
  for (const [run, device, dtype, cells] of one.raw.accuracy ?? []) {
    const key = `${made.text(dtype)}|${made.text(device)}|${run}`;
    const [, torch, numpy, apart] = made.list(cells).map(read);
    for (const [name, value] of Object.entries({ torch, numpy, apart })) if (value !== undefined) found[name].set(key, value);
  }
  for (const line of one.raw.bench ?? []) { // the largest size of each is the last
    const ratio = Number(made.text(line[6]));
    if (Number.isFinite(ratio)) found.speed.set(`${made.text(line[1])}|${made.text(line[2])}|${line[0]}`, ratio);
  }
  return found;
}

// Whether anything was measured of a case without units where the filter asks, which then speaks of no verdict.
function figuresFit(made, one) {
  if (["v", "check", "runs"].some((name) => state[name].size)) return false;
  const keys = Object.values(figures(made, one)).flatMap((found) => [...found.keys()]);
  return keys.map((key) => key.split("|")).some(([dtype, device, run]) =>
    isChosen("dtype", dtype) && isChosen("device", device) && isChosen("environment", made.environments[run].label));
}

const largest = (map) => (map.size ? Math.max(...map.values()) : -Infinity);

// The larger first; what was not measured is last.
const descending = (a, b) => (a === b ? 0 : b > a ? 1 : -1);

const SORTS = {
  "": ["as in the files", (made) => (a, b) => a.order - b.order],
  name: ["name", () => (a, b) => (a.id < b.id ? -1 : Number(a.id > b.id))],
  verdict: ["worst verdict first", () => (a, b) => b.worst - a.worst || a.order - b.order],
  differences: ["most differences first", () => (a, b) => (b.raw.differences?.length ?? 0) - (a.raw.differences?.length ?? 0)],
  ulp: ["largest error of PyTorch first", (made) => (a, b) => descending(largest(figures(made, a).torch), largest(figures(made, b).torch)), "torch"],
  slow: ["PyTorch slowest first", (made) => (a, b) => descending(largest(figures(made, a).speed), largest(figures(made, b).speed)), "speed"],
};

const inOrder = (made) => fitting(made).sort(chosenOf(SORTS, state.sort)[1](made));
