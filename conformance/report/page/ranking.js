// How well a row fits what is searched: by where in it a word stands. What a row is called comes first, then its
// expressions, its id, what is said of it, and the title of its section.
const FOLDED = 5, UNFIT = Infinity;
const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const stem = (name) => name.replace(/^(nn\.functional|linalg|nn)\./, "");

// A word as it is searched: whole, at the beginning of a word (in ids and titles, where `cat` is not in `predicates`), as
// the name of a function however it is written.
function sought(text) {
  const before = /^\w/.test(text) ? "(?<!\\w)" : "", after = /\w$/.test(text) ? "(?!\\w)" : "";
  return { text, whole: new RegExp(before + escaped(text) + after), start: new RegExp(before + escaped(text)),
    name: stem(text.replace(/\($|\(\)$/, "").replace(/^(torch|np|numpy|\w)?\./, "")) };
}

// The texts of a row, read once. Addresses of the web are no words of it.
function read(it) {
  const small = (...all) => all.map((one) => one?.textContent ?? "").join(" ").replace(/https?:\/\/\S+/g, "").toLowerCase();
  const { row, cells, section } = it;
  const fold = row.querySelector("details");
  const summary = small(fold?.querySelector("summary"));
  const expression = (cell) => (cell.querySelector("code")?.textContent ?? "").toLowerCase();
  return { torch: expression(cells.torch), numpy: expression(cells.numpy), id: row.id.toLowerCase(),
    said: `${small(row.cells[2], row.cells[3], row.querySelector(".apart"))} ${summary}`,
    folded: small(fold).replace(summary, ""), section: small(section.querySelector("h2")) };
}

const textsOf = (it) => (it.texts ??= read(it));

// The first name in an expression of a row, by which rows go that are searched from one library.
function named(it, side) {
  it.names ??= {};
  const text = textsOf(it)[side];
  it.names[side] ??= stem(/\b(?:torch|np)\.([\w.]+)/.exec(text)?.[1] ?? /\.(\w+)\(?/.exec(text)?.[1] ?? text);
  return it.names[side];
}

const isCalled = (it, side, name) => Boolean(name) && (named(it, side) === name || named(it, side).endsWith(`.${name}`));

// From one library, its expression alone is searched, so that `sum` finds what is called so there.
function rank(it, word, from) {
  const texts = textsOf(it);
  const sides = from ? [from] : ["torch", "numpy"];
  const fits = [
    sides.some((side) => isCalled(it, side, word.name)),
    sides.some((side) => word.whole.test(texts[side])),
    sides.some((side) => texts[side].includes(word.text)),
    !from && word.start.test(texts.id),
    !from && texts.said.includes(word.text),
    !from && texts.folded.includes(word.text), // FOLDED
    !from && word.start.test(texts.section),
  ];
  const place = fits.indexOf(true);
  return place < 0 ? UNFIT : place;
}

// The rows that fit all words, those first that fit best; with each, whether what fits is folded away.
function ranked(rows, asked, from) {
  const words = asked.map(sought);
  const found = rows.map((it) => {
    const places = words.map((word) => rank(it, word, from));
    return { it, places: places.reduce((sum, place) => sum + place, 0), folded: places.includes(FOLDED) };
  }).filter(({ places }) => places < UNFIT);
  // Of what is called so, that with the least beside it.
  const long = ({ it, places }) => (places ? 0 : textsOf(it).torch.length + textsOf(it).numpy.length);
  return found.sort((a, b) => a.places - b.places || long(a) - long(b) || a.it.order - b.it.order);
}
