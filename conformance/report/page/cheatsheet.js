// The table is there without this: here it is searched, turned round, and walked through with keys.
const asked = { q: "", from: "" };
const FROM = ["", "torch", "numpy"];
const parts = [...document.querySelectorAll("main > section")].map((section) => {
  const body = section.querySelector("tbody");
  return { section, body, table: section.querySelector("table"), head: section.querySelector("thead tr"), rows: [...body.rows].map((row) => ({ row, body,
    link: row.querySelector("a"), renamed: row.querySelector(".arguments"), cells: { torch: row.cells[0], numpy: row.cells[1] }, section })) };
});
const rows = parts.flatMap((part) => part.rows);
rows.forEach((it, order) => { it.order = order; it.link.ariaLabel = `link to ${it.row.id}`; });

// What is found stands in a table of its own, the best first, whatever its section.
const found = parts.length ? foundTable() : null;
function foundTable() {
  const body = el("tbody"), head = parts[0].head.cloneNode(true);
  const table = el("table", { class: "sheet" }, el("thead", {}, head), body);
  const more = el("button", { type: "button", class: "more", onclick: () => showRest() });
  const section = el("section", { id: "ui:found", "aria-label": "rows that fit", hidden: true }, table, more);
  parts.at(-1).section.after(section);
  return { section, body, table, head, more };
}

let turned = "";
function turn() {
  const first = asked.from === "numpy" ? "numpy" : "torch", second = first === "numpy" ? "torch" : "numpy";
  turned = asked.from;
  for (const { table, head } of found ? [found, ...parts] : []) {
    table.classList.toggle("turned", first === "numpy");
    const heads = [...head.cells];
    const [left, right] = heads[0].textContent === "PyTorch" ? heads : [heads[1], heads[0]];
    head.prepend(...(first === "numpy" ? [right, left] : [left, right]));
  }
  for (const { row, cells, link, renamed } of rows) {
    if (first !== (renamed.dataset.first ?? "torch")) renamed.textContent = renamed.textContent.split(", ").map((pair) => pair.split(" → ").reverse().join(" → ")).join(", ");
    renamed.dataset.first = first;
    cells[first].prepend(link);
    row.prepend(cells[first], cells[second]);
  }
}

// All rows in their sections; from one library, by name.
function goHome() {
  const byName = (a, b) => (named(a, turned) < named(b, turned) ? -1 : Number(named(a, turned) > named(b, turned))) || a.order - b.order;
  for (const { body, rows: own } of parts) body.append(...(turned ? [...own].sort(byName) : own).map((it) => leave(it)));
}

function leave(it) {
  it.of?.remove();
  it.hit?.remove();
  return it.row;
}

// A row that is found says where it is from, and where in it what was searched is folded away.
function comeTo({ it, folded }) {
  it.of ??= el("small", { class: "of" }, `${it.section.querySelector("h2").textContent}, ${it.row.id}`);
  it.link.parentElement.append(it.of);
  it.hit ??= el("span", {}, " ", el("small", { class: "hit" }, "found in here"));
  if (folded) it.row.querySelector("summary").append(it.hit);
  else it.hit.remove();
  return it.row;
}

// Of many that fit the best at once: to lay out all of them takes as long as to open the page.
const AT_ONCE = 200;
let away = [], left = [];
function showRest() {
  found.body.append(...left.map(comeTo));
  found.more.hidden = true;
  left = [];
}

function show() {
  const words = asked.q.toLowerCase().split(/\s+/).filter(Boolean);
  const before = away;
  const wasTurned = turned;
  if (turned !== asked.from) turn();
  const fitting = words.length ? ranked(rows, words, asked.from) : [];
  const best = fitting.slice(0, AT_ONCE);
  left = fitting.slice(AT_ONCE);
  away = fitting.map(({ it }) => it);
  const still = new Set(best.map(({ it }) => it));
  for (const it of before) if (!still.has(it)) it.body.append(leave(it));
  found?.body.append(...best.map(comeTo));
  if (found) found.more.textContent = plural(left.length, "more row");
  if (found) found.more.hidden = !left.length;
  if (!words.length && (before.length || wasTurned !== turned)) goHome();
  const count = words.length ? fitting.length : rows.length;
  for (const { section } of parts) section.hidden = words.length > 0;
  if (found) found.section.hidden = !fitting.length;
  document.querySelector(".contents").hidden = words.length > 0;
  $("none").hidden = count > 0;
  $("shown").textContent = words.length ? `${number(count)} of ${plural(rows.length, "row")}` : plural(rows.length, "row");
  for (const button of document.querySelectorAll("[data-from]")) button.ariaPressed = String(button.dataset.from === asked.from);
}

function write() {
  const to = new URLSearchParams(Object.entries(asked).filter(([, value]) => value.trim()));
  history.replaceState(null, "", to.size ? `#?${to}` : location.pathname + location.search);
}

function restore() {
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

// Of what is typed a moment is waited for more: whatever else is done meanwhile is done to what was typed.
let waiting = 0;
const typedMore = () => $("search").value !== asked.q;
function ask(more = {}) {
  clearTimeout(waiting);
  Object.assign(asked, { q: $("search").value }, more);
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
  if (event.target === search && key === "Escape") { search.value = ""; ask(); return; }
  if (event.target === search && key !== "ArrowDown") return;
  if (typedMore()) ask();
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
$("search").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 60); });
for (const button of document.querySelectorAll("[data-from]")) button.addEventListener("click", () => ask({ from: button.dataset.from }));
$("unfold").addEventListener("click", () => {
  const open = $("unfold").ariaPressed !== "true";
  $("unfold").ariaPressed = String(open);
  $("unfold").textContent = open ? "fold differences" : "unfold differences";
  for (const fold of document.querySelectorAll(".sheet details")) fold.open = open;
});
$("theme").addEventListener("click", nextTheme);
document.addEventListener("keydown", onKey);
addEventListener("hashchange", restore);
addEventListener("beforeprint", () => { for (const fold of document.querySelectorAll(".sheet details")) fold.open = true; });
restore();
document.documentElement.classList.add("ready");
performance.mark("ready");
