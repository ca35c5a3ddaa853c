// What is shown, as a file. JSON has values as they are in the run. CSV quotes all, and puts an apostrophe before what a
// spreadsheet would take for a formula and run, such as the expression -x.
const EXPORTED = ["section", "case", "dtype", "device", "verdict", "torch", "numpy", "where", "allowed", "differences", "said",
  "torch_ulp", "numpy_ulp", "apart_ulp", "torch_over_numpy"];

function exported(made) {
  return inOrder(made).flatMap((one) => one.units.filter(unitFits).map((unit) => {
    const found = figures(made, one);
    const figure = (name) => { const value = found[name].get(unit.key); return value === Infinity ? "other kind" : value ?? null; };
    return {
      ...(made.environments.length > 1 ? { run: unit.environment.label } : {}), section: one.section.name, case: one.id, dtype: unit.dtype, device: unit.device, verdict: shownVerdict(unit).name,
      torch: one.torch, numpy: one.numpy, where: made.text(one.raw.where), allowed: made.text(one.raw.tolerance),
      differences: differences(made, one).filter(({ number: place }) => unit.byCheck.has(`difference ${place}`))
        .map(({ because, kind, when, dtypes, instead }) => ({ because, kind, when, dtypes, instead })),
      said: unit.headline, torch_ulp: figure("torch"), numpy_ulp: figure("numpy"), apart_ulp: figure("apart"),
      torch_over_numpy: figure("speed"), failures: unit.failures,
    };
  }));
}

function asCsv(rows) {
  const guarded = (text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text);
  const quoted = (value) => `"${guarded(String(value ?? "")).replaceAll('"', '""')}"`;
  const names = [...(made.environments.length > 1 ? ["run"] : []), ...EXPORTED];
  const cells = (row) => names.map((name) => (name === "differences" ? row[name].map((told) => told.because).join("; ") : row[name]));
  return [names, ...rows.map(cells)].map((line) => line.map(quoted).join(",")).join("\r\n") + "\r\n";
}

function download(name, type, text) {
  const link = el("a", { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

// A file has a line for each unit: of a report that has none it would be empty.
function drawExports(made) {
  $("csv").hidden = $("json").hidden = !made.cases.some((one) => one.units.length);
  $("csv").addEventListener("click", () => download("conformance.csv", "text/csv", asCsv(exported(made))));
  $("json").addEventListener("click", () => download("conformance.json", "application/json", `${JSON.stringify(exported(made), null, 1)}\n`));
}
