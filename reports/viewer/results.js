// The results: filters above a list of every instance, and the open case beside it.

function count_text(numbers, letters_counts) {
  return verdicts.filter((v) => v.letter !== "p" && letters_counts[v.letter])
    .map((v) => `${number(letters_counts[v.letter])} ${v.name}`).join(", ") || (numbers.length ? "all pass" : "");
}

function worst_counts(numbers, system) {
  const counts = {};
  for (const n of numbers) {
    const letter = worst_of(letters_of(n, system));
    counts[letter] = (counts[letter] ?? 0) + 1;
  }
  return counts;
}

function draw_item(item) {
  if (item.heading !== undefined) {
    return el("div", {class: "heading"}, el("b", {}, cut(item.heading, 120)),
      el("span", {class: "dim"}, `${plural(item.numbers.length, "case")}, ${count_text(item.numbers, item.counts ??= worst_counts(item.numbers, state.system))}`));
  }
  const row = rows[item.n];
  const shown = several && state.system === null ? systems.map((_, s) => s) : [state.system ?? 0];
  const letters = shown.map((s) => letter_of(item.n, s));
  const worst = worst_of(letters);
  const reason = reason_of(item.n, shown[letters.indexOf(worst)]);
  const names = [...new Set(letters)].map((l) => verdict_of_letter(l).name).join(" and ");
  return el("div", {class: `option ${verdict_of_letter(worst).name}`, "data-id": cut(row.id)},
    el("span", {class: "signs"}, hidden_text(names + ", "), shown.map((s, i) => {
      const verdict = verdict_of_letter(letters[i]);
      return el("span", {class: "sign-cell", title: several ? `${verdict.name}: ${systems[s].name}` : verdict.name}, verdict_icon(verdict));
    }), shown.length === 1 && el("span", {class: `word ${verdict_of_letter(worst).name}`, "aria-hidden": "true"}, verdict_of_letter(worst).name)),
    el("span", {class: "what"}, el("span", {class: "id"}, cut(row.id, 200), row.cells && el("span", {class: "dim"}, " ", cut(row.cells, 120))),
      el("span", {class: reason && is_noteworthy(worst) ? "brief why" : "brief"}, cut(reason || row.brief, 240))));
}

function items_of(result) {
  const items = [];
  for (const {heading, numbers} of grouped(result.numbers, state.group)) {
    if (heading) items.push({heading, numbers});
    for (const n of numbers) items.push({n});
  }
  return items;
}

const option = (value, text, chosen) => el("option", {value, selected: value === chosen}, cut(text, 80));

function chosen_from(label, id, options, change) {
  const select = el("select", {id, onchange: () => change(select.value)}, options);
  return el("label", {class: "field", for: id}, el("span", {}, label), select);
}

function verdict_filters(toggle) {
  return el("fieldset", {class: "chips"}, el("legend", {class: "unseen"}, "Verdicts to show"), verdicts.map((v) => {
    const box = el("input", {type: "checkbox", id: `verdict-${v.name}`, value: v.letter, onchange: () => toggle()});
    return el("label", {class: `chip ${v.name}`, for: `verdict-${v.name}`}, box, verdict_icon(v), v.name, el("span", {class: "count"}));
  }));
}

// Made once; `update()` brings it to what the state says.
function results_view() {
  const find = el("input", {type: "search", id: "find", placeholder: "words, glob* or !not", autocomplete: "off", spellcheck: "false",
    oninput: () => go({text: find.value})});
  const chips = verdict_filters(() => go({verdict: [...chips.querySelectorAll("input:checked")].map((b) => b.value)}));
  const mechanism = chosen_from("Mechanism", "mechanism", [option("", "all"), index.mechanisms.map((m) => option(m, m))],
    (value) => go({mechanism: value}));
  const group = chosen_from("Grouped by", "group", groupings.map((g) => option(g, g === "none" ? "nothing" : g)), (value) => go({group: value}));
  const system = several && chosen_from("System", "system", [option("", "all, side by side"), systems.map((s, n) => option(String(n), s.name))],
    (value) => go({system: value === "" ? null : Number(value), on: null}));
  const differ_box = el("input", {type: "checkbox", id: "differ", onchange: () => go({differ: differ_box.checked})});
  const differ = several && el("label", {class: "chip", for: "differ"}, differ_box, "only where systems differ");
  const wanted = el("button", {type: "button", class: "chip wanted", onclick: () => go({requirement: ""})});
  const clear = el("button", {type: "button", class: "plain", onclick: () => {
    go({...fresh_state(), view: "results", case: state.case, on: state.on, group: state.group});
    find.focus();
  }}, "Clear filters");
  const told = el("p", {class: "told", role: "status"});
  const order = several && el("p", {class: "order"}, `Signs, from the left: ${systems.map((s) => cut(s.name, 60)).join(" · ")}`);
  const filters = el("form", {class: "filters", role: "search", "aria-label": "Filter the results", onsubmit: (event) => event.preventDefault()},
    el("label", {class: "field grow", for: "find"}, el("span", {}, "Find"), find), mechanism, system, group, clear, chips, differ, wanted);

  const list = make_list("Cases", draw_item, (item) => open_case(rows[item.n].id));
  const nobody = el("p", {class: "nobody", hidden: true}, "No case is like that.");
  const pane = el("div", {class: "pane", hidden: true});
  const body = el("div", {class: "split"}, el("div", {class: "column"}, told, order, list.box, nobody), pane);
  const printed = el("div", {class: "printed"});
  const node = el("section", {class: "view results", "aria-labelledby": "results-title"},
    el("h2", {id: "results-title", class: "unseen"}, "Results"), filters, body, printed);
  let listed = "", opened = "", result = {numbers: [], counts: {}}, to_title = false;

  function open_case(id) {
    to_title = true;
    go({case: id}, !state.case);
  }

  function close_case() {
    go({case: "", on: null});
    list.box.focus();
  }

  function step(by) {
    const item = list.neighbour(by);
    if (item) open_case(rows[item.n].id);
  }

  const tools = () => el("nav", {class: "tools", "aria-label": "Between cases"},
    el("button", {type: "button", class: "back", onclick: close_case}, "← All cases"),
    el("span", {class: "spread"}),
    el("button", {type: "button", "aria-label": "Previous case", onclick: () => step(-1)}, "↑"),
    el("button", {type: "button", "aria-label": "Next case", onclick: () => step(1)}, "↓"));

  function update_case() {
    const key = `${state.case}\n${state.on}\n${state.system}`;
    if (key === opened) return;
    const again = opened.split("\n")[0] === state.case && opened !== "";
    opened = key;
    pane.hidden = !state.case;
    node.classList.toggle("open", Boolean(state.case));
    const had_focus = pane.contains(document.activeElement);
    const chosen = document.activeElement?.dataset?.system;
    pane.replaceChildren(...(state.case ? [tools(), case_article(row_by_id.get(state.case), state)] : []));
    if (!again) pane.scrollTop = 0;
    if (again && had_focus && chosen !== undefined) pane.querySelector(`[data-system="${Number(chosen)}"]`)?.focus();
    else if (state.case && (to_title || had_focus)) pane.querySelector("#case-title").focus({preventScroll: true});
    to_title = false;
  }

  function update_filters() {
    if (find.value !== state.text) find.value = state.text;
    for (const box of chips.querySelectorAll("input")) {
      box.checked = state.verdict.includes(box.value);
      const count = result.counts[box.value] ?? 0;
      box.parentNode.querySelector(".count").textContent = number(count);
      box.parentNode.classList.toggle("empty", count === 0);
    }
    mechanism.querySelector("select").value = state.mechanism;
    group.querySelector("select").value = state.group;
    if (system) system.querySelector("select").value = state.system === null ? "" : String(state.system);
    differ_box.checked = state.differ;
    if (order) order.hidden = state.system !== null;
    wanted.hidden = !state.requirement;
    wanted.textContent = `requirement ${cut(state.requirement, 80)} ✕`;
    wanted.setAttribute("aria-label", `No longer only requirement ${cut(state.requirement, 80)}`);
    clear.hidden = !(state.verdict.length || state.mechanism || state.requirement || state.text || state.system !== null || state.differ);
    told.textContent = result.numbers.length === rows.length ? plural(rows.length, "case")
      : `${number(result.numbers.length)} of ${plural(rows.length, "case")}`;
  }

  function update() {
    const key = hash_of({...state, case: "", on: null});
    if (key !== listed) {
      listed = key;
      result = filtered(state);
      update_filters();
      const items = items_of(result);
      list.set(items, state.case ? (item) => rows[item.n].id === state.case : null);
      list.box.hidden = items.length === 0;
      nobody.hidden = items.length !== 0;
    } else if (state.case) {
      list.select((item) => rows[item.n].id === state.case);
    }
    update_case();
  }

  node.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.case && !event.defaultPrevented && event.target !== find) close_case();
  });
  return {node, update, print: () => print_results(printed, result.numbers), printed: () => printed.replaceChildren()};
}

const most_printed = 3000;

// On paper there is no scrolling: the whole list, without what only a screen can do.
function print_results(printed, numbers) {
  const shown = numbers.slice(0, most_printed);
  printed.replaceChildren(el("div", {}, el("table", {class: "grid"}, el("caption", {}, plural(numbers.length, "case")),
    el("tbody", {}, shown.map((n) => {
      const letters = letters_of(n, state.system);
      const worst = worst_of(letters), s = state.system ?? letters.indexOf(worst);
      return el("tr", {}, el("td", {class: "verdict"}, several && state.system === null && el("span", {}, letters.map((l) => verdict_icon(verdict_of_letter(l)))),
        verdict_badge(verdict_of_letter(worst))), el("td", {class: "mono"}, cut(rows[n].id, 200)),
      el("td", {}, cut(rows[n].brief, 240), is_noteworthy(worst) && el("p", {class: "dim"}, cut(reason_of(n, s), 300))));
    }))), numbers.length > shown.length && el("p", {}, `and ${number(numbers.length - shown.length)} more; filter to print them`)));
}
