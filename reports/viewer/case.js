// One case instance: its verdict, transcript and lanes, its requirements, and why to believe it.

function requirement_list(row) {
  return el("ul", {class: "rules"}, row.requirements.map((number) => {
    const r = requirements[number];
    return el("li", {}, link({view: "results", requirement: r.id, group: "none"}, {class: "mono", title: "cases of this requirement"}, cut(r.id)),
      el("span", {class: "tag"}, r.level), r.rule && el("p", {}, cut(r.rule, 2000)),
      r.source && el("p", {class: "dim"}, cut(r.source, 600)));
  }));
}

// The lines on which somebody was proven blocked, and how.
function proofs_of(detail) {
  const proofs = new Map();
  for (const [kind, line, actor] of detail.events) {
    if (kind !== "b" && kind !== "s") continue;
    const remark = (detail.remarks[line] ?? "").match(/blocked: (.*)$/)?.[1];
    if (!remark) continue;
    if (!proofs.has(remark)) proofs.set(remark, new Set());
    proofs.get(remark).add(detail.actors[actor]);
  }
  return [...proofs].map(([proof, actors]) => `${[...actors].map((a) => cut(a, 40)).join(", ")}: ${cut(proof, 300)}`);
}

function stress_table(detail) {
  if (!detail.stress?.length) return null;
  const shown = detail.stress.slice(0, 200);
  const head = ["role", "copy", "sent", "received", "torn", "short", "failed", "ended"];
  return el("section", {}, el("h3", {}, "Stress roles"), el("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": "Stress roles"},
    el("table", {class: "grid"}, el("thead", {}, el("tr", {}, head.map((h) => el("th", {scope: "col"}, h)))),
      el("tbody", {}, shown.map(([role, ...numbers]) => el("tr", {}, el("th", {scope: "row"}, cut(role, 200)),
        numbers.slice(0, 6).map((n) => el("td", {}, number(n))), el("td", {}, numbers[6] ? "yes" : "no")))))),
    detail.stress.length > 200 && el("p", {class: "dim"}, `and ${number(detail.stress.length - 200)} more`));
}

function fact(name, ...values) {
  const told = values.flat().filter(Boolean);
  return told.length ? [el("dt", {}, name), told.map((value) => el("dd", {}, value))] : null;
}

function observation_facts(row, system) {
  return index.observations.filter(([n, , values]) => n === row.n && values[system] !== null)
    .map(([, name, values]) => `${cut(name, 100)} = ${cut(values[system], 300)}`);
}

function facts(row, detail, system) {
  const proofs = proofs_of(detail);
  return el("dl", {class: "facts"},
    fact("table row", row.cells && el("code", {}, cut(row.cells, 2000))),
    fact("blocking proven", proofs),
    fact("sandbox", detail.sandbox && cut(detail.sandbox)),
    fact("observed", observation_facts(row, system).map((text) => el("code", {}, text))),
    fact("left behind", (detail.leaks ?? []).slice(0, 50).map((leak) => cut(leak))),
    fact("took", detail.ms === null ? "" : `${detail.ms} ms`),
    fact("run it", el("code", {class: "command"}, `ipcvet run --filter '${cut(row.id.replace(/~\d+$/, ""), 200)}'`)));
}

function system_choice(row, chosen) {
  if (!several) return null;
  const variants = variants_of(row.n);
  const kinds = [...new Set(variants.filter((v) => v >= 0))];
  return el("fieldset", {class: "choice"}, el("legend", {}, kinds.length > 1
    ? `${kinds.length} different histories on ${variants.filter((v) => v >= 0).length} systems`
    : "The same history on every system"),
  systems.map((system, s) => {
    const verdict = verdict_of_letter(letter_of(row.n, s));
    return el("button", {type: "button", "aria-pressed": s === chosen ? "true" : "false", disabled: variants[s] < 0,
      "data-system": s, onclick: () => go({on: s})}, verdict_icon(verdict), hidden_text(`${verdict.name} on `), cut(system.name, 80),
    kinds.length > 1 && variants[s] >= 0 && el("span", {class: "tag", title: "the same letter is the same history"},
      String.fromCharCode(65 + (kinds.indexOf(variants[s]) % 26))));
  }));
}

// The system to show: the chosen one, the one filters look at, or the first with the worst verdict.
function system_for(row, state) {
  for (const s of [state.on, state.system]) if (s !== null && letter_of(row.n, s) !== ".") return s;
  const letters = letters_of(row.n, null);
  return Math.max(0, letters.indexOf(worst_of(letters)));
}

function case_article(row, state) {
  const system = system_for(row, state);
  const detail = detail_of(row.n, system);
  const verdict = verdict_of_letter(letter_of(row.n, system));
  const reason = reason_of(row.n, system);
  return el("article", {class: "case", "aria-labelledby": "case-title"},
    el("header", {}, verdict_badge(verdict), el("h2", {id: "case-title", tabindex: "-1"}, cut(row.id)),
      el("p", {class: "brief"}, cut(row.brief, 1000))),
    system_choice(row, system),
    reason && el("p", {class: `reason ${verdict.name}`}, verdict_icon(verdict), el("span", {}, cut(reason, 2000))),
    detail && el("section", {"aria-label": "What happened"}, el("h3", {}, "What happened"), transcript_figure(detail)),
    detail && stress_table(detail),
    el("section", {}, el("h3", {}, row.requirements.length === 1 ? "Requirement" : "Requirements"), requirement_list(row)),
    detail && el("section", {}, el("h3", {}, "Why to believe it"), facts(row, detail, system)),
    detail && el("details", {class: "written", "aria-label": "The case as written"}, el("summary", {}, "The case as written"),
      el("pre", {}, cut(detail.text.lines.join("\n"), 60000))));
}
