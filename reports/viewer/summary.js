// The first thing to see: how many of each verdict, what did not pass, and where.

function verdict_numbers(counts, system) {
  return el("ul", {class: "numbers"}, verdicts.filter((v) => counts[v.letter] || "pf".includes(v.letter)).map((v) =>
    el("li", {class: counts[v.letter] ? v.name : "zero"}, link({view: "results", verdict: [v.letter], system: several ? system : null}, {},
      el("b", {}, number(counts[v.letter] ?? 0)), el("span", {}, verdict_icon(v), v.name)))));
}

// "2026-01-02T03:04:05Z" as a reader writes it.
const moment = (text) => cut(text, 40).replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::\d\d)?Z$/, "$1 $2 UTC");

function system_card(system, s) {
  const counts = count_letters(all_numbers, s);
  const seconds = Number.isFinite(system.seconds) ? `${system.seconds.toFixed(1)} s` : "";
  return el("article", {class: "card system", "aria-label": cut(system.name, 120)},
    el("h3", {}, cut(system.name, 120)),
    el("p", {class: "dim"}, [`${number(counts.total)} cases in ${seconds}`, `profile ${system.profile}`, cut(system.libc, 60), `ipcvet ${cut(system.ipcvet, 40)}`,
      moment(system.started)].filter(Boolean).join(" · ")),
    system.interrupted && el("p", {class: "reason error"}, "The run was interrupted: these are the cases that were finished."),
    system.trouble && el("pre", {class: "reason error"}, cut(`target ${system.target}: ${system.trouble}`, 10000)),
    verdict_numbers(counts, s), share_bar(counts));
}

const most_listed = 40;

function deviations_card() {
  const numbers = all_numbers.filter((n) => letters_of(n, null).some(is_noteworthy));
  const shown = numbers.slice().sort((a, b) => severity.indexOf(worst_of(letters_of(a, null))) - severity.indexOf(worst_of(letters_of(b, null)))).slice(0, most_listed);
  if (!numbers.length) return el("section", {class: "card"}, el("h3", {}, "Not passed"), el("p", {}, rows.length
    ? "Nothing: every case that ran passed." : "No case ran."));
  return el("section", {class: "card"}, el("h3", {}, `Not passed: ${plural(numbers.length, "case")}`),
    el("ul", {class: "deviations"}, shown.map((n) => {
      const letters = letters_of(n, null), worst = worst_of(letters), s = letters.indexOf(worst);
      return el("li", {}, verdict_badge(verdict_of_letter(worst)), el("span", {class: "what"},
        link({view: "results", case: rows[n].id, on: several ? s : null}, {class: "mono"}, cut(rows[n].id, 200)),
        el("span", {class: "dim"}, several ? `${cut(systems[s].name, 60)}: ` : "", cut(reason_of(n, s), 300))));
    })),
    numbers.length > most_listed && el("p", {}, link({view: "results", verdict: [..."feutd"]}, {}, `All ${number(numbers.length)}`)));
}

function cell_of(mechanism, s) {
  const counts = count_letters(mechanism_rows.get(mechanism), s);
  const bad = verdicts.filter((v) => is_noteworthy(v.letter) && counts[v.letter]);
  return el("td", {}, share_bar(counts), el("span", {class: bad.length ? "bad" : "dim"}, bad.length
    ? bad.map((v) => `${number(counts[v.letter])} ${v.name}`).join(", ") : counts.s ? `${number(counts.s)} skip` : counts.p ? "all pass" : "nothing ran"));
}

function mechanisms_card() {
  const head = el("tr", {}, el("th", {scope: "col"}, "Mechanism"), el("th", {scope: "col"}, "Cases"), systems.map((s) =>
    el("th", {scope: "col"}, several ? cut(s.name, 60) : "Verdicts")));
  return el("section", {class: "card"}, el("h3", {}, "By mechanism"), el("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": "By mechanism"},
    el("table", {class: "shares"}, el("thead", {}, head), el("tbody", {}, index.mechanisms.map((m) => el("tr", {},
      el("th", {scope: "row"}, link({view: "results", mechanism: m}, {}, cut(m, 80))), el("td", {class: "number"}, number(mechanism_rows.get(m).length)),
      systems.map((_, s) => cell_of(m, s))))))));
}

const every_system = systems.length === 2 ? "both systems" : `all ${systems.length} systems`;

function differences_card() {
  if (!several) return null;
  const count = differs.filter(Boolean).length;
  return el("section", {class: "card"}, el("h3", {}, "Where the systems differ"), el("p", {}, count
    ? [link({view: "results", differ: true}, {}, plural(count, "case")), ` of ${number(rows.length)} did not end the same on ${every_system}.`]
    : `Every case ended the same on ${every_system}.`));
}

function summary_view() {
  return el("section", {class: "view", "aria-labelledby": "summary-title"}, el("h2", {id: "summary-title", class: "unseen"}, "Summary"),
    el("div", {class: several ? "cards" : "cards one"}, systems.map(system_card)), differences_card(), deviations_card(), mechanisms_card());
}
