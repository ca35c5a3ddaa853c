// The page is there without this: here it is searched, and all of it unfolded.
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

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === $("search")) {
    if (event.key !== "Escape") return;
    $("search").value = "";
    show();
  } else if (event.key === "/") $("search").focus();
  else return;
  event.preventDefault();
}

document.documentElement.classList.add("js");
$("bar").hidden = !all.length;
$("search").addEventListener("input", show);
$("unfold").addEventListener("click", unfold);
document.addEventListener("keydown", onKey);
addEventListener("beforeprint", () => { for (const fold of folds) fold.open = true; });
show();
document.documentElement.classList.add("ready");
