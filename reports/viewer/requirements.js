// Which requirement holds, which is broken, and which nobody could try: coverage by what is required.

function status_of(requirement, system) {
  if (requirement.rows.length === 0) return "uncited";
  const letters = new Set(requirement.rows.flatMap((n) => letters_of(n, system)));
  if (letters.has("f")) return "broken";
  if (["u", "d", "t", "e"].some((l) => letters.has(l))) return "unclear";
  if (!letters.has("p")) return "untried";
  return requirement.level === "observe" ? "observed" : "held";
}

const status_verdict = {broken: "f", unclear: "u", held: "p", untried: "s", observed: "p", uncited: "s"};
const status_meaning = {broken: "a case deviates", unclear: "a case came to no verdict", held: "every case that ran passed",
  untried: "no case could run", observed: "recorded, never judged", uncited: "no case of this run asks for it"};

const status_badge = (status) => el("span", {class: `badge ${verdict_of_letter(status_verdict[status]).name}`, title: status_meaning[status]},
  verdict_icon(verdict_of_letter(status_verdict[status])), status);

function requirement_row(r, shown_systems) {
  return el("tr", {}, el("th", {scope: "row"}, link({view: "results", requirement: r.id, group: "none", system: state.system}, {class: "mono"}, cut(r.id, 200)),
    el("span", {class: "tag"}, r.level), r.rule && el("p", {}, cut(r.rule, 600)), r.source && el("p", {class: "dim"}, cut(r.source, 300)),
    r.untestable && el("p", {class: "dim"}, `No case can show it: ${cut(r.untestable, 600)}`)),
  el("td", {class: "number"}, number(r.rows.length)),
  shown_systems.map((s) => el("td", {}, status_badge(status_of(r, s)), share_bar(count_letters(r.rows, s)))));
}

function requirements_view() {
  const find = el("input", {type: "search", id: "find-requirement", placeholder: "words, glob* or !not", autocomplete: "off", spellcheck: "false",
    oninput: () => go({text: find.value})});
  const chips = el("div", {class: "chips", role: "group", "aria-label": "Requirements to show"});
  const told = el("p", {class: "told", role: "status"});
  const table = el("table", {class: "grid wide"});
  const node = el("section", {class: "view", "aria-labelledby": "requirements-title"},
    el("h2", {id: "requirements-title"}, "Requirements"),
    el("form", {class: "filters", role: "search", "aria-label": "Filter the requirements", onsubmit: (event) => event.preventDefault()},
      el("label", {class: "field grow", for: "find-requirement"}, el("span", {}, "Find"), find), chips),
    told, el("div", {class: "scroll"}, table));
  let listed = "";

  function update() {
    const key = `${state.text}\n${state.status}\n${state.system}`;
    if (key === listed) return;
    listed = key;
    if (find.value !== state.text) find.value = state.text;
    const test = text_test(state.text);
    const found = requirements.filter((r) => test({n: -1 - r.n, id: r.id, case_id: r.id, brief: r.rule, cells: r.source, requirements: []}))
      .map((r) => ({r, status: status_of(r, state.system)}));
    chips.replaceChildren(...statuses.map((status) => el("button", {type: "button", class: `chip ${verdict_of_letter(status_verdict[status]).name}`,
      title: status_meaning[status], "aria-pressed": state.status === status ? "true" : "false",
      onclick: () => go({status: state.status === status ? "" : status})}, verdict_icon(verdict_of_letter(status_verdict[status])), status,
    el("span", {class: "count"}, number(found.filter((f) => f.status === status).length)))));
    const shown = found.filter((f) => (state.status ? f.status === state.status : f.status !== "uncited")).map((f) => f.r)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    told.textContent = `${number(shown.length)} of ${plural(requirements.length, "requirement")}`;
    const on = state.system === null ? systems.map((_, s) => s) : [state.system];
    table.replaceChildren(el("thead", {}, el("tr", {}, el("th", {scope: "col"}, "Requirement"), el("th", {scope: "col"}, "Cases"),
      on.map((s) => el("th", {scope: "col"}, several ? cut(systems[s].name, 60) : "Coverage")))),
    el("tbody", {}, shown.slice(0, 3000).map((r) => requirement_row(r, on))));
  }
  return {node, update};
}
