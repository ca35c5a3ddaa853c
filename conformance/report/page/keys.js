// Keys, and the help that names them.
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
  const typing = event.target.matches?.("input, select, textarea, summary");
  const { key } = event;
  const folded = event.target.closest?.(".facet[open]");
  if (folded && key === "Escape") { folded.open = false; folded.querySelector("summary").focus(); return undefined; }
  if ($("record").open || $("keys").open) return onKeyInRecord(event, typing);
  if (key === "Escape" && typing) { if (event.target === $("search") && $("search").value) { $("search").value = ""; onSearch(); } else event.target.blur(); return undefined; }
  if (typing && !(event.target === $("search") && key === "ArrowDown")) return undefined;
  if (typedMore()) changed();
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
