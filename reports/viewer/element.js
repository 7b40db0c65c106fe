// Building the page out of elements and text. Nothing here, or anywhere in the viewer, turns text into markup: what a
// record contains reaches the page as the text of an element or the value of an attribute.

function set_attributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
}

// Children that are null, false or undefined are left out, lists are opened, everything else but a node is text.
function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  set_attributes(node, attributes);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  set_attributes(node, attributes);
  node.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const hidden_text = (text) => el("span", {class: "unseen"}, text);
const number = (n) => n.toLocaleString("en");
const plural = (n, one, many = one + "s") => `${number(n)} ${n === 1 ? one : many}`;

// A name of a megabyte is not drawn whole, and says so.
function cut(text, most = 400) {
  if (text.length <= most) return text;
  return text.slice(0, most) + (text.length < 1000 ? "…" : `… (${number(text.length)} characters)`);
}

// Each verdict has a letter in the data, a name, and a sign that is told apart by its shape.
const verdicts = [
  {letter: "p", name: "pass", shape: "circle", sign: "M4.6 8.3l2.3 2.3 4.6-5"},
  {letter: "f", name: "fail", shape: "octagon", sign: "M5.3 5.3l5.4 5.4M10.7 5.3l-5.4 5.4"},
  {letter: "s", name: "skip", shape: "ring", sign: "M5 8h6"},
  {letter: "u", name: "unresolved", shape: "diamond", sign: "M6.4 6.6q0-1.6 1.6-1.6t1.6 1.4q0 .9-1 1.4-.6.4-.6 1.2M8 10.8v.2"},
  {letter: "d", name: "undecided", shape: "ring", sign: "M4.6 9q1.7-3 3.4-1t3.4-1"},
  {letter: "t", name: "timeout", shape: "ring", sign: "M8 4.6v3.6l2.4 1.5"},
  {letter: "e", name: "error", shape: "triangle", sign: "M8 5.6v3.6M8 11.6v.2"},
];
const verdict_by_letter = new Map(verdicts.map((v) => [v.letter, v]));
const absent = {letter: ".", name: "absent", shape: "none", sign: "M6.5 8h3"};
const verdict_of_letter = (letter) => verdict_by_letter.get(letter) ?? absent;

const outlines = {
  circle: ["circle", {cx: 8, cy: 8, r: 7.25}],
  ring: ["circle", {cx: 8, cy: 8, r: 6.6}],
  octagon: ["path", {d: "M5 .9h6l4.1 4.1v6l-4.1 4.1h-6L.9 11V5z"}],
  diamond: ["path", {d: "M8 .8 15.2 8 8 15.2.8 8z"}],
  triangle: ["path", {d: "M8 1.2 15.3 14.4H.7z"}],
};

function verdict_icon(verdict) {
  const outline = outlines[verdict.shape];
  return svg("svg", {class: `icon ${verdict.name}`, viewBox: "0 0 16 16", "aria-hidden": "true"},
    outline && svg(outline[0], {...outline[1], class: "outline"}), svg("path", {d: verdict.sign, class: "sign"}));
}

const verdict_badge = (verdict) => el("span", {class: `badge ${verdict.name}`}, verdict_icon(verdict), verdict.name);

// A bar of shares; what it says in colour stands beside it, or in its label, in words.
function share_bar(counts) {
  const told = verdicts.filter((v) => counts[v.letter]);
  const label = told.map((v) => `${number(counts[v.letter])} ${v.name}`).join(", ") || "nothing";
  return el("div", {class: "bar", role: "img", "aria-label": label, title: label}, told.map((v) => {
    const part = el("span", {class: v.name});
    part.style.flexGrow = counts[v.letter];
    return part;
  }));
}

const link = (state, attributes, ...children) => el("a", {...attributes, href: hash_of(state)}, ...children);
