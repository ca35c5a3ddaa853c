// The table is there without this: here it is searched, turned round, and walked through with keys.
const asked = { q: "", from: "" };
const FROM = ["", "torch", "numpy"];
const parts = [...document.querySelectorAll("main > section")].map((section) => {
  const body = section.querySelector("tbody");
  return { section, body, table: section.querySelector("table"), head: section.querySelector("thead tr"), rows: [...body.rows].map((row, order) => ({ row, order,
    link: row.querySelector("a"), renamed: row.querySelector(".arguments"), cells: { torch: row.cells[0], numpy: row.cells[1] }, section })) };
});
const rows = parts.flatMap((part) => part.rows);
for (const { row, link } of rows) link.ariaLabel = `link to ${row.id}`;

// What a search looks through: from one library, its expression alone, so that `sum` finds what is called so there.
function searched(it) {
  it.texts ??= { "": `${it.section.querySelector("h2").textContent} ${it.row.id} ${it.row.textContent}`.toLowerCase(),
    torch: it.cells.torch.textContent.toLowerCase(), numpy: it.cells.numpy.textContent.toLowerCase() };
  return it.texts[asked.from];
}

// From one library, rows go by the first name in its expression.
function named(it, side) {
  it.names ??= {};
  it.names[side] ??= (/\b(?:torch|np)\.([\w.]+)/.exec(it.cells[side].textContent)?.[1] ?? /\.(\w+)\(?/.exec(it.cells[side].textContent)?.[1] ?? it.cells[side].textContent).replace(/^(nn\.functional|linalg|nn)\./, "").toLowerCase();
  return it.names[side];
}

let turned = "";
function turn() {
  if (turned === asked.from) return;
  turned = asked.from;
  const first = turned === "numpy" ? "numpy" : "torch";
  for (const { body, table, head, rows: own } of parts) {
    table.classList.toggle("turned", first === "numpy");
    const heads = [...head.cells];
    const [left, right] = heads[0].textContent === "PyTorch" ? heads : [heads[1], heads[0]];
    head.prepend(...(first === "numpy" ? [right, left] : [left, right]));
    const order = turned ? [...own].sort((a, b) => (named(a, turned) < named(b, turned) ? -1 : Number(named(a, turned) > named(b, turned))) || a.order - b.order) : own;
    for (const { row, cells, link, renamed } of order) {
      if (first !== (renamed.dataset.first ?? "torch")) renamed.textContent = renamed.textContent.split(", ").map((pair) => pair.split(" → ").reverse().join(" → ")).join(", ");
      renamed.dataset.first = first;
      cells[first].prepend(link);
      row.prepend(cells[first], cells[first === "numpy" ? "torch" : "numpy"]);
      body.append(row);
    }
  }
}

function show() {
  const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { section, rows: own } of parts) {
    let any = false;
    for (const it of own) {
      const fits = words.every((word) => searched(it).includes(word));
      it.row.hidden = !fits;
      any ||= fits;
      count += fits;
    }
    section.hidden = !any;
  }
  document.querySelector(".contents").hidden = words.length > 0;
  $("none").hidden = count > 0;
  $("shown").textContent = words.length ? `${number(count)} of ${plural(rows.length, "row")}` : plural(rows.length, "row");
  for (const button of document.querySelectorAll("[data-from]")) button.ariaPressed = String(button.dataset.from === asked.from);
  turn();
}

function write() {
  const to = new URLSearchParams(Object.entries(asked).filter(([, value]) => value.trim()));
  history.replaceState(null, "", to.size ? `#?${to}` : location.pathname + location.search);
}

function read() {
  const hash = location.hash.slice(1);
  const query = new URLSearchParams(hash.startsWith("?") ? hash.slice(1) : "");
  asked.q = query.get("q") ?? "";
  asked.from = FROM.includes(query.get("from")) ? query.get("from") : "";
  $("search").value = asked.q;
  show();
  if (!hash || hash.startsWith("?")) return;
  let name = hash;
  try { name = decodeURIComponent(hash); } catch { /* taken as it is */ }
  const target = document.getElementById(name);
  const fold = target?.querySelector("details");
  if (fold && target.matches("tr")) fold.open = true;
  if (target?.matches("tr")) target.querySelector("a").focus({ preventScroll: true });
  target?.scrollIntoView({ block: target.matches("tr") ? "center" : "start" });
}

function ask(more) {
  Object.assign(asked, more);
  show();
  write();
}

const visible = () => [...document.querySelectorAll(".sheet tr:not([hidden]) > :first-child > a:first-child")].filter((link) => !link.closest("section").hidden);

function move(by) {
  const links = visible();
  const at = links.findIndex((link) => link.closest("tr").contains(document.activeElement));
  const next = links[at < 0 ? 0 : Math.max(0, Math.min(links.length - 1, at + by))];
  next?.focus({ preventScroll: true });
  next?.closest("tr").scrollIntoView({ block: "nearest" });
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  const search = $("search");
  if (event.target === search && key === "Escape") { search.value = ""; ask({ q: "" }); return; }
  if (event.target === search && key !== "ArrowDown") return;
  const step = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };
  if (key === "/") search.focus();
  else if (key === "t") nextTheme();
  else if (key === "d") { const fold = document.activeElement.closest("tr")?.querySelector("details"); if (fold) fold.open = !fold.open; }
  else if (Object.hasOwn(step, key)) move(step[key]);
  else return;
  event.preventDefault();
}

document.documentElement.classList.add("js");
setTheme(THEMES.includes(storedTheme()) ? storedTheme() : "system");
document.querySelector(".contents").open = matchMedia("(min-width: 52rem)").matches;
let waiting = 0;
$("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(() => ask({ q: $("search").value }), 60); });
for (const button of document.querySelectorAll("[data-from]")) button.addEventListener("click", () => ask({ from: button.dataset.from }));
$("unfold").addEventListener("click", () => {
  const open = $("unfold").ariaPressed !== "true";
  $("unfold").ariaPressed = String(open);
  $("unfold").textContent = open ? "fold differences" : "unfold differences";
  for (const fold of document.querySelectorAll(".sheet details")) fold.open = open;
});
$("theme").addEventListener("click", nextTheme);
document.addEventListener("keydown", onKey);
addEventListener("hashchange", read);
addEventListener("beforeprint", () => { for (const fold of document.querySelectorAll(".sheet details")) fold.open = true; });
read();
document.documentElement.classList.add("ready");
performance.mark("ready");
