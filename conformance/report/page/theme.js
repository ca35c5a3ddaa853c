// Light, dark, or as the system has it.
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
