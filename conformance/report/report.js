"use strict";
// Filtering, and nothing else: the page is complete without it. The filter lives in the address (#?q=cat&v=differs), so
// that it can be sent to somebody; any other fragment names a place on the page.
(() => {
  const root = document.documentElement;
  const search = document.getElementById("ui:search");
  const shown = document.getElementById("ui:shown");
  const buttons = [...document.querySelectorAll(".legend button")];
  const byCase = new Map();
  for (const each of document.querySelectorAll("[data-case]")) {
    byCase.set(each.dataset.case, [...(byCase.get(each.dataset.case) ?? []), each]);
  }

  const rows = [...document.querySelectorAll(".matrix tbody tr")].map((row) => {
    const all = byCase.get(row.dataset.case);
    const told = all.flatMap((each) => [...each.querySelectorAll(".differences")]);
    const words = [row.querySelector(".name"), ...row.querySelectorAll(".code"), ...told].map((each) => each.textContent);
    return {
      row, all, verdicts: row.dataset.verdicts.split("|"), cells: [...row.querySelectorAll("a.cell")],
      text: [...words, row.dataset.verdicts].join(" ").toLowerCase(),
    };
  });
  const groups = [...document.querySelectorAll("main > section")];

  const chosen = () => buttons.filter((button) => button.ariaPressed === "true");

  function apply() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const verdicts = chosen().map((button) => button.dataset.verdict);
    const styles = chosen().map((button) => button.dataset.style);
    let count = 0;
    for (const { all, verdicts: own, cells, text } of rows) {
      const fits = words.every((word) => text.includes(word)) && (!verdicts.length || own.some((v) => verdicts.includes(v)));
      count += fits;
      for (const each of all) each.hidden = !fits;
      for (const cell of cells) cell.classList.toggle("dim", styles.length > 0 && !styles.some((s) => cell.classList.contains(s)));
    }
    for (const group of groups) {
      const parts = [...group.querySelectorAll("[data-case]")];
      group.hidden = parts.length > 0 && parts.every((part) => part.hidden);
    }
    shown.textContent = words.length || verdicts.length ? `${count} of ${rows.length} cases` : `${rows.length} cases`;
  }

  function remember() {
    const asked = new URLSearchParams();
    if (search.value.trim()) asked.set("q", search.value.trim());
    for (const button of chosen()) asked.append("v", button.dataset.verdict);
    history.replaceState(null, "", asked.size ? `#?${asked}` : location.pathname + location.search);
  }

  function restore() {
    if (!location.hash.startsWith("#?")) return reveal();
    const asked = new URLSearchParams(location.hash.slice(2));
    search.value = asked.get("q") ?? "";
    for (const button of buttons) button.ariaPressed = String(asked.getAll("v").includes(button.dataset.verdict));
    return apply();
  }

  function reveal() {
    const place = document.getElementById(location.hash.slice(1));
    if (!place) return;
    for (let each = place; each; each = each.parentElement) if (each.tagName === "DETAILS") each.open = true;
    place.scrollIntoView();
  }

  search.addEventListener("input", () => { apply(); remember(); });
  for (const button of buttons) {
    button.addEventListener("click", () => {
      button.ariaPressed = String(button.ariaPressed !== "true");
      apply();
      remember();
    });
  }
  addEventListener("hashchange", restore);
  root.classList.add("js");
  apply();
  restore();
})();
