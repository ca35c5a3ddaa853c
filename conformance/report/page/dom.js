// Elements. Whatever comes from a record becomes a text node or the value of an attribute, never markup.
const $ = (name) => document.getElementById(`ui:${name}`);

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false || value === "") continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child || child === 0));
  return made;
}

function svg(tag, attributes, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const number = (value) => (typeof value === "number" ? value.toLocaleString("en-US") : "");
const plural = (count, noun) => `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
const code = (text) => el("code", {}, text);
const pre = (text) => el("pre", { tabindex: 0 }, text);

// What stands between backticks is code, all else is taken literally.
const prose = (text) => text.split(/`([^`\n]+)`/).map((piece, place) => (place % 2 ? code(piece) : piece));

// A web address is a link; anything else, such as `javascript:`, is text.
const weblink = (text) => (/^https?:\/\/\S+$/.test(text) ? el("a", { href: text, rel: "noreferrer" }, text) : text);

const words = new Map([...document.querySelectorAll("[id='ui:words'] dt")]
  .map((term) => [term.textContent, term.nextElementSibling.textContent]));
const word = (name, text = name) => (words.has(name) ? el("abbr", { title: words.get(name) }, text) : text);

const badge = (verdict) => el("span", { class: `badge ${verdict.style}`, title: verdict.meaning },
  el("b", { "aria-hidden": "true" }, verdict.letter), ` ${verdict.name}`);

const scroll = (label, ...children) => el("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": label }, ...children);

const table = (style, heads, rows) => el("table", { class: style },
  el("thead", {}, el("tr", {}, heads.map((head) => el("th", { scope: "col" }, head)))),
  el("tbody", {}, rows));
