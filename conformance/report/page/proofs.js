// What other commands measured of a case: that it can fail, who is right, PyTorch against itself, how fast both are.
function measured(made, one) {
  const { raw } = one;
  return [
    (raw.sensitivity ?? []).map((it) => sensitivity(made, it)),
    raw.accuracy ? accuracy(made, raw.accuracy) : null,
    (raw.consistency ?? []).map((it) => consistency(made, it)),
    raw.bench ? speed(made, one) : null,
  ];
}

const onDevice = (made, device, run) => {
  const named = [made.text(device), made.environments[run].label].filter(Boolean).join(", ");
  return named ? ` (${named})` : "";
};

function sensitivity(made, [run, device, figure, survivors, equivalent]) {
  const alike = equivalent.map(made.list);
  const count = alike.reduce((sum, each) => sum + each.length - 1, 0);
  return el("div", { class: "proof" }, el("h3", {}, `Able to fail${onDevice(made, device, run)}`),
    el("p", {}, el("b", {}, made.text(figure)), " ", word("mutants and faults")),
    survivors.length ? el("ul", {}, survivors.map(made.list).map(([outcome, mutant, detail]) =>
      el("li", {}, el("b", {}, outcome), `: ${mutant}`, detail ? [": ", code(detail)] : null))) : null,
    count ? el("details", {}, el("summary", {}, `${count} that mean${count === 1 ? "s" : ""} the same`),
      el("ul", {}, alike.map(([reason, ...mutants]) => el("li", {}, `${mutants.join(", ")}: ${reason}`)))) : null);
}

function accuracy(made, lines) {
  const heads = [word("unit"), "numbers", "PyTorch", "NumPy", word("apart"), word("allowed"), word("slack"), "PyTorch is worst at"].map((head) => [head]);
  const rows = lines.map(([run, device, dtype, cells, exceeds]) => {
    const read = made.list(cells);
    return el("tr", {}, el("th", { scope: "row" }, [made.text(dtype), made.text(device), made.environments[run].label].filter(Boolean).join(" ")),
      read.slice(0, -1).map((cell, n) => el("td", {}, exceeds && n === read.length - 2 ? el("b", {}, cell) : cell)),
      el("td", {}, read.at(-1) ? code(read.at(-1)) : ""));
  });
  return el("div", { class: "proof" }, el("h3", {}, "Who is right: the largest error of each side, in ", word("ULP")),
    scroll("largest errors", table("plain-table", heads, rows)));
}

function consistency(made, [run, device, figure, disagreements]) {
  const all = disagreements.map(made.list);
  return el("div", { class: "proof" }, el("h3", {}, `PyTorch against itself${onDevice(made, device, run)}`), el("p", {}, made.text(figure)),
    all.length ? el("details", {}, el("summary", {}, plural(all.length, "kind of disagreement")),
      el("ul", {}, all.map(([said, because, given, script]) => el("li", {}, el("b", {}, because ? "declared" : "undeclared"), `: ${said}`,
        given ? [", for ", code(given)] : null, because ? [". ", prose(because)] : null,
        script ? el("details", {}, el("summary", {}, "script that shows it alone"), withCopy(script)) : null)))) : null);
}
