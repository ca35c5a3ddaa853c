// The record of a case: everything that the run knows of it, made when it is opened.
function drawRecord(made, one, marked) {
  const list = inOrder(made);
  const place = list.indexOf(one);
  const step = (to, sign, title) => el("button", { type: "button", title, "aria-label": title, disabled: !list[to], onclick: () => openCase(list[to].anchor) }, sign);
  const verdicts = new Map(one.units.map((unit) => [unit.verdict.name, unit.verdict]));
  const dialog = $("record");
  const focused = dialog.contains(document.activeElement) ? document.activeElement.ariaLabel : null;
  dialog.setAttribute("aria-label", `record of ${one.id}`);
  dialog.replaceChildren(el("div", {},
    el("div", { class: "head" },
      el("h2", {}, el("a", { href: `#${encodeURI(one.anchor)}`, title: "a link to this case alone" }, one.id)),
      el("span", { class: "tools" }, place < 0 ? [] : [step(place - 1, "←", "previous case"), " ", step(place + 1, "→", "next case"), " "],
        el("button", { type: "button", title: "close (Escape)", autofocus: true, onclick: () => closeCase() }, "close"))),
    el("p", {}, one.section.name, " ", [...verdicts.values()].map((verdict) => [badge(verdict), " "])),
    el("div", { class: "pair" }, ["torch", "numpy"].map((side) =>
      el("div", {}, el("small", {}, side === "torch" ? "PyTorch" : "NumPy"), pre(one[side] || "not known")))),
    otherwise(made, one),
    about(made, one),
    beside(made, one),
    told(made, one),
    failures(one),
    unitTables(made, one, marked),
    measured(made, one),
    warnings(made, one)));
  if (focused) dialog.querySelector(`[aria-label="${CSS.escape(focused)}"]:enabled`)?.focus();
}

// Runs of other versions of the suite may have run another text.
function otherwise(made, one) {
  return (one.raw.otherwise ?? []).map(([run, torch, numpy]) => el("p", {}, `In the run ${made.environments[run].label} the row is `, code(made.text(torch)), " and ", code(made.text(numpy)), "."));
}

// The verdicts of this case in all runs, dtype by dtype.
function beside(made, one) {
  const { environments } = made;
  if (environments.length < 2 || !one.units.length) return null;
  const rows = [...runsOf(one).values()].map(({ runs, differ }) => {
    const first = runs.values().next().value;
    const shared = [...runs.values()].every((unit) => unit.device === first.device);
    const cells = environments.map((environment) => { const unit = runs.get(environment); return el("td", {}, unit ? [badge(unit.verdict), shared ? null : ` ${unit.device}`] : el("span", { class: "quiet" }, "not in this run")); });
    return el("tr", { class: differ ? "marked" : "" }, el("th", { scope: "row" }, [first.dtype, shared ? first.device : ""].filter(Boolean).join(" ") || "the whole case"), cells);
  });
  const differing = [...runsOf(one).values()].filter((all) => all.differ).length;
  return [el("h3", {}, "Side by side ", el("small", {}, differing ? `${plural(differing, "unit")} of which the verdict differs` : "alike wherever several runs have it")),
    scroll("runs side by side", table("beside", [[word("unit")], ...environments.map(({ label }) => [label])], rows))];
}

const facts = (rows) => {
  const filled = rows.filter(([, value]) => value && value.length !== 0);
  return filled.length ? el("dl", { class: "facts" }, filled.map(([name, ...value]) => [el("dt", {}, name), el("dd", {}, value)])) : null;
};

const named = (pairs) => pairs.map(([name, value], n) => [n ? "; " : "", code(`${name} = ${value}`)]);

function about(made, one) {
  const { text, pairs } = made;
  const trained = one.units.some((unit) => unit.more.trained);
  return [
    text(one.raw.note) ? el("p", {}, prose(text(one.raw.note))) : null,
    facts([
      ["declared in", code(text(one.raw.where))],
      [word("input", "inputs"), named(pairs(one.raw.given))],
      ["arguments", pairs(one.raw.arguments).map(([mine, other], n) => [n ? "; " : "", code(`${mine} → ${other}`)])],
      [word("claimed"), text(one.raw.claimed)],
      [word("allowed"), text(one.raw.tolerance)],
      trained ? ["training", el("a", { href: "#ui:trajectories" }, "the paths of both sides")] : ["", ""],
    ]),
  ];
}

function told(made, one) {
  const all = differences(made, one);
  if (!all.length) return null;
  return [el("h3", {}, plural(all.length, "declared difference")), el("ol", { class: "differences" }, all.map((each) => difference(made, one, each)))];
}

// What became of a difference in each run.
function inRuns(made, one, each) {
  if (made.environments.length < 2) return [];
  return made.environments.flatMap(({ label, number: run }) => {
    const seen = new Map();
    for (const unit of one.units.filter((it) => it.environment.number === run)) {
      const verdict = unit.byCheck.get(`difference ${each.number}`);
      if (verdict) seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
    }
    return [[run ? "; " : "", `${label}: `, [...seen].map(([verdict, count], n) => `${n ? ", " : ""}${verdict.name} (${plural(count, "unit")})`), seen.size ? "" : "not met"]];
  });
}

function difference(made, one, each) {
  const sides = each.torch || each.numpy;
  return el("li", {}, el("span", { class: "because" }, prose(each.because)), " ",
    each.kind ? el("small", { class: "tag" }, word(each.kind)) : null,
    facts([
      ["when", each.when && code(each.when)],
      ["dtypes", each.dtypes],
      ["only the", each.aspect],
      ["PyTorch", sides && code(each.torch || "not said")],
      ["NumPy", sides && code(each.numpy || "not said")],
      ["instead", each.instead && [code(each.instead), " gives NumPy's answer"]],
      ["example", each.example.length && named(each.example)],
      ["upstream", each.upstream && weblink(each.upstream)],
      ["in the runs", inRuns(made, one, each)],
    ]),
    each.findings.map((told) => finding(made, told)));
}

function finding(made, [place, ...runs]) {
  const [script, torch, numpy, truth] = made.list(place);
  if (!script && !torch) return null;
  const where = runs.map((run) => made.environments[run].label).filter(Boolean).join(", ");
  return el("details", {}, el("summary", {}, where ? `shown in ${where}` : "shown in this run"),
    facts([["PyTorch", torch && code(torch)], ["NumPy", numpy && code(numpy)], [word("truth"), truth && code(truth)]]),
    script ? withCopy(script) : null);
}

function withCopy(script) {
  const button = el("button", { type: "button", class: "copy" }, "copy");
  button.addEventListener("click", () => {
    navigator.clipboard?.writeText(script).then(() => { button.textContent = "copied"; }, () => { button.textContent = "select and copy it"; });
  });
  return el("div", { class: "script" }, navigator.clipboard ? button : null, pre(script));
}

function failures(one) {
  const all = one.units.flatMap((unit) => unit.failures.map((failure) => [unit, failure]));
  if (!all.length) return null;
  return [el("h3", {}, plural(all.length, "failure")), all.map(([unit, it]) =>
    el("div", { class: "failure" },
      el("p", {}, `${unit.label} `, el("b", {}, it.check), ` ${it.headline} `, it.count ? el("small", {}, `(${it.count} input${it.count === "1" ? "" : "s"})`) : null),
      it.text ? pre(it.text) : null,
      it.again ? el("p", {}, "again: ", code(it.again)) : null,
      it.script ? el("details", {}, el("summary", {}, "script that shows it alone"), withCopy(it.script)) : null))];
}

function unitTables(made, one, marked) {
  if (made.environments.length < 2) return unitTable(one.units, marked, "units");
  return [el("h3", {}, plural(one.units.length, "unit")), made.environments.map((environment) => {
    const units = one.units.filter((unit) => unit.environment === environment);
    const counted = [...new Map(units.map((unit) => [unit.verdict.name, unit.verdict])).values()];
    const open = units.includes(marked) || (!marked && made.environments.length < 3);
    return el("details", { class: "run-units", open }, el("summary", {}, el("b", {}, environment.label), ` ${plural(units.length, "unit")} `, counted.map((verdict) => [badge(verdict), " "])),
      units.length ? unitTable(units, marked, `units of ${environment.label}`, false) : el("p", {}, "This run has no unit of this case."));
  })];
}

function unitTable(units, marked, name, headed = true) {
  if (!units.length) return null;
  const rows = units.map((unit) => el("tr", { class: unit === marked ? "marked" : "", "data-unit": unit.place },
    el("th", { scope: "row" }, headed ? unit.label : [unit.dtype, unit.device].filter(Boolean).join(" ") || "the whole case"), el("td", {}, badge(unit.verdict)),
    el("td", {}, unit.reason ? `${unit.reason} ` : "", seen(unit), unit.more.gradient ? ` · ${unit.more.gradient}` : ""),
    el("td", { class: "counts" }, unit.counts.map(([label, count]) => (/^(structures|inputs)$/.test(label) ? plural(count, label.slice(0, -1)) : `${number(count)} ${label}`)).join(", "))));
  return [headed ? el("h3", {}, plural(units.length, "unit")) : null, scroll(name,
    table("units", [word("unit"), word("verdict"), ["checks, with the inputs each compared"], ["inputs tried"]], rows))];
}

// What speaks first: checks that do not agree, then those that do, then those that were not judged.
function seen(unit) {
  const { checks } = unit;
  const idle = checks.filter(({ verdict }) => verdict.name === "not judged");
  const listed = (names) => names.map((name, place) => [place ? ", " : "", word(name)]);
  const parts = checks.filter((check) => !idle.includes(check)).map(({ names, verdict, inputs }) =>
    [verdict.name === "agrees" ? listed(names) : el("b", {}, listed(names), `: ${verdict.name}`), ` ${number(inputs)}`]);
  if (idle.length) parts.push(el("span", { class: "quiet" }, "not judged: ", listed(idle.flatMap(({ names }) => names))));
  return parts.map((part, n) => [n ? " · " : "", part]);
}

function warnings(made, one) {
  const all = made.pairs(one.raw.warnings);
  if (!all.length) return null;
  return [el("h3", {}, "Warnings"), el("ul", {}, all.map(([text, units]) => el("li", {}, code(text), " ", el("small", {}, `(${units})`))))];
}
