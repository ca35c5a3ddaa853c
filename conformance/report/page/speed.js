// Times of both sides: a table and a plot for each case, and at which size the faster side changes.
const WIDTH = 160; // of a bar, as in benchmarks.py

const whatWas = (made, run, ...places) => [...places.map(made.text), made.environments[run].label].filter(Boolean).join(" ");

function speed(made, one) {
  const lines = one.raw.bench;
  const memory = lines.some((line) => made.text(line[8]) || made.text(line[9]));
  const rows = lines.map((line) => {
    const [size, torch, numpy, ratio, spread, theirs, ours] = line.slice(3, 10).map(made.text);
    return el("tr", {}, el("th", { scope: "row" }, whatWas(made, line[0], line[1], line[2])), el("td", {}, size),
      el("td", { class: "time" }, torch), el("td", { class: "time" }, numpy),
      el("td", { class: "time" }, el("b", {}, ratio), ` ${spread}`), el("td", {}, line.length > 10 ? bar(...line.slice(10)) : ""),
      memory ? [theirs, ours].map((text) => el("td", { class: "time" }, text)) : null);
  });
  const heads = ["dtype, device", "size", "PyTorch", "NumPy", word("PyTorch ÷ NumPy"), "faster: PyTorch | NumPy"].map((head) => [head]);
  if (memory) heads.push([word("moves", "PyTorch moves")], [word("moves", "NumPy moves")]);
  return el("div", { class: "proof bench" }, el("h3", {}, "Speed"), scroll("benchmarks", table("plain-table", heads, rows)),
    (one.raw.courses ?? []).map((told) => course(made, told)));
}

function bar(ratio, low, high) {
  const side = ratio < WIDTH / 2 ? "torch" : "numpy";
  return svg("svg", { width: WIDTH, height: 14, "aria-hidden": "true" },
    svg("path", { class: "axis", d: `M${WIDTH / 2} 0v14` }),
    svg("path", { class: side, d: `M${WIDTH / 2} 7H${ratio}` }),
    svg("path", { class: "spread", d: `M${low} 7H${high}` }));
}

// The ratio by size, both on logarithmic scales; PyTorch is faster below the line of 1, NumPy above it. A hollow point is
// too close to tell.
function course(made, [run, device, dtype, words, points, crossings]) {
  const wide = 360, tall = 110;
  const logs = points.map(([size, ratio]) => [Math.log10(size), Math.log2(ratio)]);
  const [least, most] = [logs[0][0], logs.at(-1)[0]];
  const reach = Math.max(1, Math.ceil(Math.max(...logs.map(([, ratio]) => Math.abs(ratio)))));
  const x = (log) => ((log - least) / (most - least)) * wide;
  const y = (log) => (tall / 2) * (1 - log / reach);
  const said = `${whatWas(made, run, dtype, device)}: ${made.text(words)}`;
  const text = (at, across, down, ...more) => svg("text", { x: at, y: down, "text-anchor": across }, ...more);
  const times = reach > 13 ? `2^${reach}` : number(2 ** reach);
  return el("figure", { class: "course" }, el("figcaption", {}, el("b", {}, whatWas(made, run, dtype, device)), `: ${made.text(words)}`),
    svg("svg", { viewBox: `-40 -14 ${wide + 80} ${tall + 42}`, width: wide + 80, height: tall + 42, role: "img", "aria-label": `the ratio by size; ${said}` },
      svg("path", { class: "axis", d: `M0 ${tall / 2}H${wide}` }),
      ...crossings.map((at) => svg("path", { class: "crossing", d: `M${x(Math.log10(at))} 0V${tall}` })),
      svg("polyline", { points: logs.map(([size, ratio]) => `${x(size).toFixed(1)},${y(ratio).toFixed(1)}`).join(" ") }),
      ...logs.map(([size, ratio], n) => svg("circle", { cx: x(size), cy: y(ratio), r: 4, class: points[n][2] ? (ratio < 0 ? "torch" : "numpy") : "close" },
        svg("title", {}, `${number(points[n][0])} elements: ${Number(points[n][1].toPrecision(3))}`))),
      ...logs.map(([size], n) => text(x(size), n ? (n === logs.length - 1 ? "end" : "middle") : "start", tall + 24, number(points[n][0]))),
      text(-6, "end", tall / 2 + 4, "1"), text(0, "start", -3, `NumPy ${times}× faster`), text(0, "start", tall + 11, `PyTorch ${times}× faster`)));
}

// For all cases: made when it is unfolded.
function drawCourses(made) {
  const folded = $("courses");
  if (!folded) return;
  folded.addEventListener("toggle", () => {
    if (!folded.open || folded.children.length > 1) return;
    const rows = made.cases.flatMap((one) => (one.raw.courses ?? []).map(([run, device, dtype, words, points]) =>
      el("tr", {}, el("th", { scope: "row" }, el("a", { href: `#${encodeURI(one.anchor)}` }, one.id)), el("td", {}, whatWas(made, run, dtype, device)),
        el("td", {}, points.map(([size, ratio], n) => [n ? " · " : "", el("b", { title: `${number(size)} elements` }, String(Number(ratio.toPrecision(2))))])),
        el("td", {}, made.text(words)))));
    folded.append(scroll("where the faster side changes", table("plain-table", ["case", "dtype, device", word("PyTorch ÷ NumPy", "PyTorch ÷ NumPy, the smallest size first"), "faster"].map((head) => [head]), rows)));
  });
}
