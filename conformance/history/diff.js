// The page is there without this: here it is searched, unfolded, and walked through.
const folds = [...document.querySelectorAll("main details")];
const groups = [...document.querySelectorAll(".group")];
const parts = [...document.querySelectorAll("main > section")].filter((part) => part.querySelector("[data-one]"));
const all = parts.flatMap((section) => [...section.querySelectorAll("[data-one]")].map((node) => ({ node, section })));

// What a change is found by: its own text, what its group says of each of its cases, and the name of its section.
function searched(it) {
  const group = it.node.closest(".group");
  const around = [it.section.querySelector("h2").firstChild, ...(group?.querySelectorAll(":scope > summary > span, :scope > dl") ?? [])];
  it.text ??= [it.node, ...around].map((node) => node.textContent).join(" ").toLowerCase();
  return it.text;
}

function show() {
  const words = $("search").value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const it of all) {
    it.node.hidden = !words.every((word) => searched(it).includes(word));
    count += !it.node.hidden;
  }
  for (const around of [...groups, ...parts]) around.hidden = !around.querySelector("[data-one]:not([hidden])");
  if (words.length) for (const group of groups) group.open ||= !group.hidden;
  $("none").hidden = count > 0 || !words.length;
  $("shown").textContent = words.length ? `${number(count)} of ${plural(all.length, "change")}` : plural(all.length, "change");
}

function unfold() {
  const open = $("unfold").ariaPressed !== "true";
  $("unfold").ariaPressed = String(open);
  $("unfold").textContent = open ? "fold all" : "unfold all";
  for (const fold of folds) fold.open = open;
}

// Only what is searched is in the address beside the names of changes; a name stays there until a search takes its place.
function search() {
  show();
  const asked = $("search").value.trim();
  history.replaceState(null, "", asked ? `#?${new URLSearchParams({ q: asked })}` : location.pathname + location.search);
}

function restore() {
  const hash = location.hash.slice(1);
  if (hash.startsWith("?")) {
    $("search").value = new URLSearchParams(hash.slice(1)).get("q") ?? "";
    show();
  } else if (hash) leadTo(hash);
}

// The name of a case alone leads to its first change.
function leadTo(hash) {
  let name = hash;
  try { name = decodeURIComponent(hash); } catch { /* taken as it is */ }
  const found = all.find(({ node }) => node.id === name) ?? all.find(({ node }) => node.id.startsWith(`${name}-`));
  if (!found?.node.matches("details")) return;
  if (found.node.hidden) { $("search").value = ""; show(); }
  for (let fold = found.node; fold; fold = fold.parentElement.closest("details")) fold.open = true;
  found.node.querySelector("summary").focus({ preventScroll: true });
  found.node.scrollIntoView({ block: "center" });
}

function move(by) {
  const seen = [...document.querySelectorAll("main summary")].filter((summary) => summary.getClientRects().length);
  const at = seen.indexOf(document.activeElement);
  const next = seen[at < 0 ? 0 : Math.max(0, Math.min(seen.length - 1, at + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
}

const STEPS = { j: 1, k: -1, ArrowDown: 1, ArrowUp: -1 };
function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const { key, target } = event;
  const typing = target === $("search");
  if (typing && key === "Escape") { $("search").value = ""; search(); }
  else if (typing && key !== "ArrowDown") return;
  else if (key === "/") $("search").focus();
  else if (key === "t") nextTheme();
  else if (Object.hasOwn(STEPS, key)) move(STEPS[key]);
  else return;
  event.preventDefault();
}

document.documentElement.classList.add("js");
setTheme(THEMES.includes(storedTheme()) ? storedTheme() : "system");
$("bar").hidden = !all.length;
$("search").addEventListener("input", search);
$("unfold").addEventListener("click", unfold);
$("theme").addEventListener("click", nextTheme);
document.addEventListener("keydown", onKey);
addEventListener("hashchange", restore);
addEventListener("beforeprint", () => { for (const fold of folds) fold.open = true; });
show();
restore();
addEventListener("load", restore); // the browser leads to the place itself meanwhile, and leaves the focus nowhere
document.documentElement.classList.add("ready");
