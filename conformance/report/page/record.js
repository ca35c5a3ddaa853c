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
    about(made, one),
    told(made, one),
    failures(one),
    unitTable(one, marked),
    measured(made, one),
    warnings(made, one)));
  if (focused) dialog.querySelector(`[aria-label="${CSS.escape(focused)}"]:enabled`)?.focus();
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
      ["arguments", named(pairs(one.raw.arguments))],
      [word("claimed"), text(one.raw.claimed)],
      [word("allowed"), text(one.raw.tolerance)],
      trained ? ["training", el("a", { href: "#ui:trajectories" }, "the paths of both sides")] : ["", ""],
    ]),
  ];
}

function told(made, one) {
  const all = differences(made, one);
  if (!all.length) return null;
  return [el("h3", {}, plural(all.length, "declared difference")), el("ol", { class: "differences" }, all.map((each) => difference(made, each)))];
}

function difference(made, each) {
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
    ]),
    each.finding === undefined ? null : finding(made, each));
}

function finding(made, each) {
  const [script, torch, numpy, truth] = made.list(each.finding);
  if (!script && !torch) return null;
  return el("details", {}, el("summary", {}, "shown in this run"),
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
      el("p", {}, `${unit.label} `, el("b", {}, it.check), ` ${it.headline} `, it.count ? el("small", {}, `(${it.count} inputs)`) : null),
      it.text ? pre(it.text) : null,
      it.again ? el("p", {}, "again: ", code(it.again)) : null,
      it.script ? el("details", {}, el("summary", {}, "script that shows it alone"), withCopy(it.script)) : null))];
}

function unitTable(one, marked) {
  if (!one.units.length) return null;
  const rows = one.units.map((unit) => el("tr", { class: unit === marked ? "marked" : "", "data-unit": unit.place },
    el("th", { scope: "row" }, unit.label), el("td", {}, badge(unit.verdict)),
    el("td", {}, unit.reason ? `${unit.reason} ` : "", seen(unit), unit.more.gradient ? ` · ${unit.more.gradient}` : ""),
    el("td", { class: "counts" }, unit.counts.map(([name, count]) => `${number(count)} ${name}`).join(", "))));
  return [el("h3", {}, plural(one.units.length, "unit")), scroll("units",
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
