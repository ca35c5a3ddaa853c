// The records, as `payload.py` packed them: texts, lists of texts and repeated structures stand there once.
async function unpack() {
  const packed = atob($("data").textContent.trim());
  const bytes = new Uint8Array(packed.length);
  for (let place = 0; place < packed.length; place += 1) bytes[place] = packed.charCodeAt(place);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return model(JSON.parse(await new Response(stream).text()));
}

function model(packed) {
  const { texts, lists } = packed;
  const text = (place) => texts[place];
  const list = (place) => lists[place].map(text);
  const pairs = (place) => Array.from({ length: lists[place].length / 2 }, (_, n) =>
    [text(lists[place][2 * n]), text(lists[place][2 * n + 1])]);
  const verdicts = packed.verdicts.map(([name, letter, style, meaning, failure], rank) =>
    ({ name, letter, style, meaning, failure, rank }));
  const environments = packed.environments.map(([label, slug], number) => ({ number, label: text(label), slug: number ? text(slug) : "" }));
  const made = { text, list, pairs, verdicts, environments, columns: [], cases: [], packed };
  const keys = new Map();
  made.keys = (dtype, device, run) => {
    const number = (dtype * texts.length + device) * environments.length + run;
    if (!keys.has(number)) keys.set(number, `${texts[dtype]}|${texts[device]}|${run}`);
    return keys.get(number);
  };
  made.shape = remembered((place) => lists[place].map(([names, rank]) => ({ names: list(names), verdict: verdicts[rank] })));
  made.byCheck = remembered((place) => new Map(made.shape(place).flatMap(({ names, verdict }) => names.map((name) => [name, verdict]))));
  made.sections = packed.sections.map((place) => ({ name: text(place), cases: [] }));
  for (const [run, devicePlace, dtypes] of packed.columns) {
    const environment = environments[run], device = text(devicePlace);
    for (const dtype of list(dtypes)) made.columns.push({ environment, device, dtype, key: `${dtype}|${device}|${run}` });
  }
  made.comparable = comparable(made.columns);
  for (const raw of packed.cases) addCase(made, raw);
  return made;
}

// Units of the same case, dtype and device are compared between runs; where no device is in two runs, of the same dtype.
function comparable(columns) {
  const seen = new Map();
  for (const { device, environment } of columns) seen.set(device, new Set([...(seen.get(device) ?? []), environment]));
  const shared = [...seen.values()].some((runs) => runs.size > 1);
  return (unit) => (shared ? unit.key.slice(0, unit.key.lastIndexOf("|")) : unit.dtype);
}

// Thousands of units have the same checks with the same verdicts.
function remembered(make) {
  const known = new Map();
  return (place) => {
    if (!known.has(place)) known.set(place, make(place));
    return known.get(place);
  };
}

function addCase(made, raw) {
  const { text } = made;
  const one = { raw, id: text(raw.id), anchor: text(raw.anchor), section: made.sections[raw.section],
    order: made.cases.length, torch: text(raw.torch), numpy: text(raw.numpy), at: new Map() };
  one.kinds = new Set((raw.differences ?? []).map((told) => text(told[1])));
  one.units = readUnits(made, one, raw.units ?? []);
  one.worst = Math.max(-1, ...one.units.map((unit) => unit.verdict.rank));
  for (const unit of one.units) {
    const known = one.at.get(unit.key);
    if (!known || known.verdict.rank < unit.verdict.rank) one.at.set(unit.key, unit);
  }
  made.cases.push(one);
  one.section.cases.push(one);
}

// The units of each run; one that is as in an earlier run is its number, with figures of its own where they differ.
function readUnits(made, one, runs) {
  const found = [];
  runs.forEach((units, run) => {
    const environment = made.environments[run];
    for (const told of units) {
      const twin = typeof told === "number" ? found[told] : told.length === 3 ? found[told[0]] : null;
      const raw = twin ? twin.raw : told;
      const [inputs, counts] = !twin ? [raw[5], raw[7]] : typeof told === "number" ? [twin.inputs, twin.figures] : told.slice(1);
      found.push(new Unit(made, one, environment, raw, inputs, counts));
    }
  });
  return found;
}

// A hundred thousand of them may be on the page: what few are asked for is made when it is asked for.
class Unit {
  constructor(made, one, environment, raw, inputs, figures) {
    this.made = made;
    this.of = one;
    this.environment = environment;
    this.raw = raw;
    this.inputs = inputs;
    this.figures = figures;
    this.dtype = made.text(raw[0]);
    this.device = made.text(raw[1]);
    this.key = made.keys(raw[0], raw[1], environment.number);
    this.verdict = made.verdicts[raw[2]];
  }
  get more() { return this.raw[8] ?? {}; }
  get reason() { return this.made.text(this.raw[3]); }
  get place() {
    const parts = [this.of.anchor, this.dtype === "-" ? "" : this.dtype, this.device, this.environment.slug];
    return this.more.place ?? parts.filter(Boolean).join("-");
  }
  get label() {
    const { label } = this.environment;
    return ([this.dtype, this.device].filter(Boolean).join(" ") || "the whole case") + (label && `, ${label}`);
  }
  // What each check came to, by its name.
  get byCheck() { return this.made.byCheck(this.raw[4]); }
  get checks() { return this.made.shape(this.raw[4]).map((check, n) => ({ ...check, inputs: this.inputs[n] })); }
  get counts() { return this.made.packed.lists[this.raw[6]].map((name, n) => [this.made.text(name), this.figures[n]]); }
  get failures() {
    return (this.more.failures ?? []).map((told) => {
      const [check, headline, whole, script, again, count] = told.map(this.made.text);
      return { check, headline, text: whole, script, again, count };
    });
  }
  get headline() {
    const heads = this.failures.map((failure) => failure.headline);
    const left = heads.length > 1 ? ` (and ${heads.length - 1} more)` : "";
    return (heads.length ? heads[0] + left : this.reason).replaceAll("\n", " ").trim();
  }
}

// The case, and the unit if it is one's, that an address names. The first one counts where two have the same.
function placed(made, name) {
  made.places ??= new Map(made.cases.flatMap((one) => [...one.units.map((unit) => [unit.place, [one, unit]]), [one.anchor, [one, null]]]).reverse());
  return made.places.get(name);
}

function differences(made, one) {
  return (one.raw.differences ?? []).map((told, n) => {
    const [because, kind, when, dtypes, aspect, torch, numpy, instead, upstream] = told.slice(0, 9).map(made.text);
    return { number: n + 1, because, kind, when, dtypes, aspect, torch, numpy, instead, upstream,
      example: made.pairs(told[9]), findings: made.packed.findings[told[0]] ?? [] };
  });
}
