// The case's own lines with marks in the gutter, as in the terminal: `ok` happened as the line says, `>>` deviated,
// `--` was not reached. What the deviating line allows, and what happened, stand below it. Beside them the lanes.

const row_height = 24;
const gutter = {o: ["ok", "as the line says"], x: [">>", "deviates"], "-": ["--", "not reached"]};

// The lines from the first step on, with the comments right above it.
function transcript_rows(detail) {
  const {lines, at} = detail.text;
  const step_at = new Map(at.map((line, step) => [line, step]));
  let first = at.length ? Math.min(...at) : lines.length;
  while (first > 0 && lines[first - 1].trimStart().startsWith("#")) --first;
  const told = [];
  const tell_difference = () => {
    for (const name of ["allowed", "actual"]) if (detail[name]) told.push({kind: name, text: detail[name]});
  };
  for (let n = first; n < lines.length; ++n) {
    const step = step_at.get(n);
    const mark = step === undefined ? "" : detail.marks[step] ?? "";
    told.push({kind: "line", text: lines[n], step, mark, remark: step === undefined ? "" : detail.remarks[step] ?? ""});
    if (mark === "x") tell_difference();
  }
  while (told.length && told.at(-1).kind === "line" && !told.at(-1).text.trim()) told.pop();
  if (detail.marks.length > at.length && detail.marks.at(-1) === "x") {
    told.push({kind: "line", text: "(after the last line)", mark: "x", remark: ""});
    tell_difference();
  }
  return told;
}

// Actor, strings, numbers, errors and comments of a line, for the eye alone.
const token = /^(\s*)([A-Z]\w*(?: [A-Z]\w*)*)(?=  )|"(?:[^"\\]|\\.)*"|#.*$|-1 E[A-Z0-9]+|\.\.\.\??|\b\d\w*|(?:\+\+\+|---) \w[\w ]*/g;

function token_class(text) {
  if (text.startsWith("#")) return "comment";
  if (text.startsWith("\"")) return "string";
  if (text.startsWith("-1 E") || text.startsWith("+++") || text.startsWith("---")) return "event";
  if (text.startsWith(".")) return "wait";
  return /^\s*[A-Z]/.test(text) ? "actor" : "literal";
}

function highlighted(text) {
  const short = cut(text, 2000);
  const parts = [];
  let at = 0;
  for (const match of short.matchAll(token)) {
    if (match.index > at) parts.push(short.slice(at, match.index));
    parts.push(el("span", {class: token_class(match[0])}, match[0]));
    at = match.index + match[0].length;
  }
  parts.push(short.slice(at));
  return el("code", {}, parts);
}

// What follows the line: how blocking was proven stands in full below, and who woke whom is known from the lanes.
function short_remark(remark, waker) {
  return remark.replace(/(blocked: [^,;]*),[^;]*/g, "$1").replace(/\bwoken\b/, waker ? `woken by ${waker}` : "woken by no actor");
}

function transcript_line(row, number, waker) {
  if (row.kind !== "line") {
    return el("li", {class: `difference ${row.kind}`, tabindex: "-1"}, el("span", {class: "gutter"}),
      el("b", {}, `${row.kind}:`), " ", el("code", {}, cut(row.text, 4000)));
  }
  const [sign, meaning] = gutter[row.mark] ?? ["", ""];
  return el("li", {class: `line ${meaning.replace(/ /g, "-")}`, tabindex: "-1", "data-step": row.step},
    el("span", {class: "gutter", title: meaning || null}, sign), hidden_text(`${meaning ? meaning + ", " : ""}line ${number}: `),
    highlighted(row.text), row.remark && el("span", {class: "remark", title: cut(row.remark, 600)}, cut(short_remark(row.remark, waker), 300)));
}

// Moves focus with the arrow keys among `nodes`, which together are one stop of the Tab key. `across(node)`: where the
// arrow keys to the side lead.
function roving(box, nodes, across) {
  if (nodes.length && !nodes.some((n) => n.getAttribute("tabindex") === "0")) nodes[0].setAttribute("tabindex", "0");
  box.addEventListener("focusin", (event) => {
    const now = nodes.find((n) => n === event.target);
    if (!now) return;
    for (const n of nodes) n.setAttribute("tabindex", n === now ? "0" : "-1");
  });
  box.addEventListener("keydown", (event) => {
    const at = nodes.indexOf(event.target);
    if (at < 0 || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = {ArrowDown: nodes[at + 1], ArrowUp: nodes[at - 1], Home: nodes[0], End: nodes.at(-1),
      ArrowLeft: across(nodes[at], -1), ArrowRight: across(nodes[at], 1)}[event.key];
    if (target) target.focus();
    if (target || /^Arrow/.test(event.key)) event.preventDefault();
  });
}

// A line and its events light up together, whichever is pointed at or has the focus.
function linked(figure) {
  const light = (event) => {
    const step = event.target.closest?.("[data-step]")?.dataset.step;
    for (const node of figure.querySelectorAll(".hot")) node.classList.remove("hot");
    if (step === undefined || !["pointerover", "focusin"].includes(event.type)) return;
    for (const node of figure.querySelectorAll(`[data-step="${Number(step)}"]`)) node.classList.add("hot");
  };
  for (const type of ["pointerover", "pointerleave", "focusin", "focusout"]) figure.addEventListener(type, light);
}

function transcript_figure(detail) {
  const told = transcript_rows(detail);
  const row_by_step = new Map(told.map((row, n) => [row.step, n]).filter(([step]) => step !== undefined));
  const row_of = (step) => row_by_step.get(step) ?? 0;
  const step_texts = detail.text.at.map((line) => detail.text.lines[line]);
  const model = lane_model(detail, step_texts);
  const waker_of = new Map(model.arrows.filter((a) => a.kind === "wakes").map((a) => [a.to.line, model.actors[a.from.actor].name]));
  const lines = told.map((row, n) => transcript_line(row, n + 1, cut(waker_of.get(row.step) ?? "", 60)));
  const width = Math.min(48, Math.max(0, ...step_texts.map((text) => text.replace(/\s+#.*$/, "").length)));
  const list = el("ol", {class: "lines", "aria-label": "Transcript"}, lines);
  list.style.setProperty("--code", `${width}ch`);
  const figure = el("div", {class: "transcript"}, list);
  if (model.actors.length) {
    const lanes = draw_lanes(model, row_of, told.length, row_height, detail.step);
    figure.prepend(lanes);
    const same_step = (from, nodes) => nodes.find((n) => n.dataset.step === from.dataset.step);
    const marks = [...lanes.querySelectorAll(".mark")];
    roving(list, lines, (node, side) => (side < 0 && node.dataset.step !== undefined ? same_step(node, marks) : null));
    roving(lanes, marks, (node, side) => (side > 0 ? same_step(node, lines) : null));
  } else {
    roving(list, lines, () => null);
  }
  linked(figure);
  return el("figure", {class: "run", role: "group", "aria-label": "Transcript and swim lanes"}, figure, lane_legend(model));
}
