// The heat maps of promotion: every pair of dtypes, one table an operation, each made when it is unfolded.
function drawPairs(made) {
  const place = $("pairs");
  if (!place) return;
  place.replaceChildren(...made.packed.pairs.map((told, n) => {
    const [id, torch, numpy] = made.list(told.head);
    const folded = el("details", { class: "pairs-of" }, el("summary", {}, id, " ", code(torch), numpy === torch ? "" : [" against ", code(numpy)],
      `: ${number(told.counts[1])} of ${number(told.counts[0] + told.counts[1])} differ`));
    folded.addEventListener("toggle", () => { if (folded.open && folded.children.length === 1) folded.append(scroll(id, heatMap(made, told))); });
    folded.open = n === 0;
    return folded;
  }));
}

function heatMap(made, told) {
  const kinds = told.kinds.map(([kind, names]) => [made.text(kind), made.list(names)]);
  const cells = new Map(told.cells.map(([x, y, ...parts]) => [`${x},${y}`, parts.map(made.text)]));
  const width = kinds.reduce((sum, [, names]) => sum + names.length, 0);
  let x = -1;
  const bodies = kinds.map(([kind, names]) => el("tbody", {}, names.map((name, n) => {
    x += 1;
    return el("tr", {}, n ? null : el("th", { scope: "rowgroup", rowspan: names.length }, el("span", {}, kind)), el("th", { scope: "row" }, name),
      Array.from({ length: width }, (_, y) => pairCell(cells.get(`${x},${y}`))));
  })));
  return el("table", { class: "pairs" },
    el("caption", {}, "Rows are x, columns y. = both give the same; a number is the rule by which they differ."),
    el("thead", {}, el("tr", {}, el("td", { colspan: 2 }), kinds.map(([kind, names]) => el("th", { scope: "colgroup", colspan: names.length }, kind))),
      el("tr", {}, el("td", { colspan: 2 }), kinds.flatMap(([, names]) => names.map((name) => el("th", { scope: "col" }, el("span", {}, name)))))),
    bodies);
}

const pairCell = (told) => (told ? el("td", { class: told[1], title: told[2] }, told[0]) : el("td", {}));
