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
  const made = { text, list, pairs, verdicts, columns: [], cases: [], places: new Map(), packed };
  made.shape = remembered((place) => lists[place].map(([names, rank]) => ({ names: list(names), verdict: verdicts[rank] })));
  made.byCheck = remembered((place) => new Map(made.shape(place).flatMap(({ names, verdict }) => names.map((name) => [name, verdict]))));
  made.sections = packed.sections.map((place) => ({ name: text(place), cases: [] }));
  for (const [device, dtypes] of packed.columns) {
    for (const dtype of list(dtypes)) made.columns.push({ device: text(device), dtype, key: `${dtype}|${text(device)}` });
  }
  for (const raw of packed.cases) addCase(made, raw);
  return made;
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
  one.units = (raw.units ?? []).map((unit) => readUnit(made, one, unit));
  one.worst = Math.max(-1, ...one.units.map((unit) => unit.verdict.rank));
  for (const unit of one.units) {
    const known = one.at.get(unit.key);
    if (!known || known.verdict.rank < unit.verdict.rank) one.at.set(unit.key, unit);
    if (!made.places.has(unit.place)) made.places.set(unit.place, [one, unit]);
  }
  made.places.set(one.anchor, [one, null]);
  made.cases.push(one);
  one.section.cases.push(one);
}

function readUnit(made, one, [dtypePlace, devicePlace, verdict, reason, shape, inputs, countNames, counts, more = {}]) {
  const { text, packed } = made;
  const dtype = text(dtypePlace), device = text(devicePlace);
  const parts = [one.anchor, dtype === "-" ? "" : dtype, device];
  return {
    of: one, dtype, device, key: `${dtype}|${device}`, verdict: made.verdicts[verdict], reason: text(reason), more,
    place: more.place ?? parts.filter(Boolean).join("-"),
    label: [dtype, device].filter(Boolean).join(" ") || "the whole case",
    // What each check came to, by its name.
    get byCheck() { return made.byCheck(shape); },
    // Made when asked for: most units are never looked at.
    get checks() { return made.shape(shape).map((check, n) => ({ ...check, inputs: inputs[n] })); },
    get counts() { return packed.lists[countNames].map((name, n) => [text(name), counts[n]]); },
    get failures() {
      return (more.failures ?? []).map((told) => {
        const [check, headline, whole, script, again, count] = told.map(text);
        return { check, headline, text: whole, script, again, count };
      });
    },
    get headline() {
      const heads = this.failures.map((failure) => failure.headline);
      const left = heads.length > 1 ? ` (and ${heads.length - 1} more)` : "";
      return (heads.length ? heads[0] + left : this.reason).replaceAll("\n", " ").trim();
    },
  };
}

function differences(made, one) {
  return (one.raw.differences ?? []).map((told, n) => {
    const [because, kind, when, dtypes, aspect, torch, numpy, instead, upstream] = told.slice(0, 9).map(made.text);
    return { number: n + 1, because, kind, when, dtypes, aspect, torch, numpy, instead, upstream,
      example: made.pairs(told[9]), finding: made.packed.findings[told[0]] };
  });
}
