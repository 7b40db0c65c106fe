// Draws the lanes beside the transcript: a column an actor, time runs down, and a line of the transcript is a row here.
// Every event is one group with a name; together they are one stop of the Tab key, arrows move between them.

const lane_head = 26;

function lane_geometry(actors, row_height) {
  const longest = Math.max(1, ...actors.map((a) => a.name.length));
  const wide = actors.length > 12 ? 20 : 30;
  const width = Math.min(64, Math.max(wide, 7 * Math.min(longest, 7) + 12));
  return {
    width: actors.length * width + 12,
    lane: width,
    x: (actor) => 6 + actor * width + width / 2,
    y: (row) => lane_head + row * row_height + row_height / 2,
    fits: Math.max(2, Math.floor((width - 6) / 7)),
  };
}

function draw_lane(actor, number, g, first, last) {
  const x = g.x(number);
  const name = actor.name.length > g.fits ? actor.name.slice(0, g.fits - 1) + "…" : actor.name;
  return svg("g", {class: "lane", "data-actor": actor.name},
    svg("title", {}, cut(actor.name)),
    svg("rect", {x: x - g.lane / 2 + 2, y: 3, width: g.lane - 4, height: 18, rx: 5, class: "name"}),
    svg("text", {x, y: 16, "text-anchor": "middle"}, name),
    svg("line", {x1: x, x2: x, y1: first, y2: last, class: "life"}));
}

function draw_span(span, g, row_of, end) {
  const x = g.x(span.actor), top = g.y(row_of(span.from)), bottom = span.to === null ? end : g.y(row_of(span.to));
  return svg("rect", {class: span.to === null ? "span open" : "span", x: x - 6, y: Math.min(top, bottom), width: 12,
    height: Math.max(6, Math.abs(bottom - top)), rx: 3});
}

// From the edge of one mark to the edge of another, bent so that arrows of one line stay apart.
function arrow_path(from, to) {
  const side = Math.sign(to.x - from.x) || 1;
  const start = from.x + side * 6, end = to.x - side * 8;
  if (from.y === to.y) return `M${start} ${from.y}L${end} ${to.y}`;
  const middle = (start + end) / 2;
  return `M${start} ${from.y}C${middle} ${from.y} ${middle} ${to.y} ${end} ${to.y}`;
}

function draw_arrow(arrow, g, row_of) {
  const end = (at) => ({x: g.x(at.actor), y: g.y(row_of(at.line))});
  const to = end(arrow.to), from = end(arrow.from), side = Math.sign(to.x - from.x) || 1;
  const tip = to.x - side * 7;
  return svg("g", {class: `arrow ${arrow.kind}`}, svg("path", {d: arrow_path(from, to), class: "shaft"}),
    svg("path", {d: `M${tip} ${to.y}l${-side * 6} -3.6v7.2z`, class: "tip"}));
}

const mark_shapes = {
  dot: (x, y) => svg("circle", {cx: x, cy: y, r: 4}),
  ring: (x, y) => svg("circle", {cx: x, cy: y, r: 4.5, class: "hollow"}),
  cap: (x, y) => svg("rect", {x: x - 7, y: y - 2, width: 14, height: 4, rx: 1.5}),
  tick: (x, y) => svg("path", {d: `M${x - 6} ${y}h12`, class: "stroke"}),
  diamond: (x, y) => svg("path", {d: `M${x} ${y - 6}l6 6-6 6-6-6z`}),
  cross: (x, y) => svg("path", {d: `M${x - 5} ${y - 5}l10 10m0-10l-10 10`, class: "stroke"}),
  bar: (x, y) => svg("rect", {x: x - 6, y: y - 2.5, width: 12, height: 5}),
};
const shape_of = {r: "dot", f: "dot", m: "dot", c: "dot", n: "dot", b: "cap", s: "tick", w: "ring", g: "diamond"};

function draw_mark(mark, model, g, row_of) {
  const x = g.x(mark.actor), y = g.y(row_of(mark.line));
  const actor = model.actors[mark.actor];
  const shape = mark.kind === "x" ? (actor.end === "killed" ? "cross" : "bar") : shape_of[mark.kind];
  const label = `Line ${row_of(mark.line) + 1}: ${cut(actor.name, 60)} ${cut(mark.note, 120)}`;
  return svg("g", {class: `mark ${shape}`, "data-step": mark.line, role: "img", tabindex: "-1", "aria-label": label},
    svg("title", {}, label), svg("rect", {class: "touch", x: x - g.lane / 2, y: y - 11, width: g.lane, height: 22}),
    mark_shapes[shape](x, y));
}

const hatch = () => svg("defs", {}, svg("pattern", {id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse",
  patternTransform: "rotate(45)"}, svg("rect", {width: 5, height: 5, class: "hatch-ground"}),
  svg("rect", {width: 2, height: 5, class: "hatch-line"})));

// `row_of(step)` is the row of the transcript in which a step stands, from 0.
function draw_lanes(model, row_of, row_count, row_height, deviating) {
  const g = lane_geometry(model.actors, row_height);
  const end = lane_head + row_count * row_height - 4;
  const lanes = model.actors.map((actor, n) => draw_lane(actor, n, g, g.y(row_of(actor.from)),
    actor.to === null ? end : g.y(row_of(actor.to))));
  const drawing = svg("svg", {class: "lanes", role: "group", width: g.width, height: lane_head + row_count * row_height,
    "aria-label": `Swim lanes: ${lane_summary(model)}. Arrow keys move between events.`},
  hatch(), lanes, model.spans.map((span) => draw_span(span, g, row_of, end)),
  model.arrows.map((arrow) => draw_arrow(arrow, g, row_of)),
  model.marks.map((mark) => draw_mark(mark, model, g, row_of)));
  if (deviating !== undefined) {
    for (const node of drawing.querySelectorAll(`.mark[data-step="${Number(deviating)}"]`)) node.classList.add("deviates");
  }
  drawing.querySelector(".mark")?.setAttribute("tabindex", "0");
  return drawing;
}

const legend_items = [["dot", "did a call"], ["cap", "proven blocked"], ["tick", "proven anew"], ["ring", "woken"],
  ["diamond", "signal handled"], ["cross", "killed"], ["bar", "exited"]];

function lane_legend(model) {
  const used = new Set(model.marks.map((m) => (m.kind === "x" ? (model.actors[m.actor].end === "killed" ? "cross" : "bar")
    : shape_of[m.kind])));
  return el("p", {class: "legend", "aria-hidden": "true"}, legend_items.filter(([shape]) => used.has(shape)).map(
    ([shape, text]) => el("span", {}, svg("svg", {class: "lanes key", width: 18, height: 16}, svg("g", {class: `mark ${shape}`},
      mark_shapes[shape](9, 8))), text)));
}
