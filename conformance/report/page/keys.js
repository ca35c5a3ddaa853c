// Keys, the help that names them, and the theme.
const KEYS = [
  ["/", "search"], ["↑ ↓, j k", "to the row above or below"], ["Enter", "open a case, fold or unfold a section"],
  ["→ ←", "unfold or fold a section; in a record, the next or previous case"], ["Escape", "close a record, or clear the search"],
  ["t", "light, dark, or as the system has it"], ["?", "this help"],
];

function drawHelp() {
  const dialog = $("keys");
  const terms = [...document.querySelectorAll("[id='ui:words'] dl > *")].map((each) => each.cloneNode(true));
  dialog.replaceChildren(
    el("div", { class: "head" }, el("h2", { id: "ui:keys-head" }, "Keys and words"), el("button", { type: "button", onclick: () => dialog.close() }, "close")),
    el("dl", { class: "facts" }, KEYS.map(([key, does]) => [el("dt", {}, el("kbd", {}, key)), el("dd", {}, does)])),
    el("dl", { class: "facts" }, terms));
  dialog.showModal();
}

function moveRow(by) {
  const links = rowLinks();
  const at = links.indexOf(document.activeElement);
  if (at === links.length - 1 && by > 0 && matrix.shown < matrix.entries.length) { showMore(); return moveRow(by); }
  const next = at < 0 ? links[0] : links[Math.max(0, Math.min(links.length - 1, at + by))];
  next?.focus({ preventScroll: true });
  next?.scrollIntoView({ block: "nearest" });
  return undefined;
}

function foldRow(open) {
  const row = document.activeElement;
  if (row?.matches?.(".fold") && (row.ariaExpanded === "true") !== open) row.click();
}

const MOVES = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches?.("input, select, textarea");
  const { key } = event;
  if ($("record").open || $("keys").open) return onKeyInRecord(event, typing);
  if (key === "Escape" && typing) { if ($("search").value) { $("search").value = ""; onSearch(); } else event.target.blur(); return undefined; }
  if (typing && !(event.target === $("search") && key === "ArrowDown")) return undefined;
  if (key === "/") $("search").focus();
  else if (key === "?") drawHelp();
  else if (key === "t") nextTheme();
  else if (key in MOVES && Object.hasOwn(MOVES, key)) moveRow(MOVES[key]);
  else if (key === "ArrowRight" || key === "ArrowLeft") { foldRow(key === "ArrowRight"); return undefined; }
  else return undefined;
  event.preventDefault();
  return undefined;
}

function onKeyInRecord(event, typing) {
  if (typing || !$("record").open || event.target.closest?.(".scroll, pre")) return;
  const step = { ArrowRight: "next case", ArrowLeft: "previous case" }[event.key];
  if (step) $("record").querySelector(`[aria-label="${step}"]`)?.click();
}

const THEMES = ["system", "light", "dark"];

function setTheme(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  $("theme").textContent = `theme: ${theme}`;
}

// A file opened from a disk may have no storage; then a theme lasts as long as the page.
function storedTheme() {
  try { return localStorage.getItem("theme"); } catch { return null; }
}

function nextTheme() {
  const theme = THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? "system") + 1) % THEMES.length];
  setTheme(theme);
  try { localStorage.setItem("theme", theme); } catch { /* see above */ }
}
