// What was judged and how: the systems side by side with sandbox, limits and capabilities; and what they chose where
// the standard leaves it open.

function facts_table(caption, names, value_of, may_differ = () => false) {
  const shown = names.filter((name) => systems.some((s) => value_of(s, name) !== ""));
  if (!shown.length) return null;
  const rows_of = shown.map((name) => {
    const values = systems.map((s) => value_of(s, name));
    const differ = several && !may_differ(name) && values.some((v) => String(v) !== String(values[0]));
    return el("tr", {class: differ ? "differs" : null}, el("th", {scope: "row"}, cut(name, 100), differ && el("span", {class: "tag"}, "differs")),
      values.map((v) => el("td", {}, cut(String(v), 1000) || "–")));
  });
  return el("section", {class: "card"}, el("h3", {}, caption), el("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": caption}, el("table", {class: "grid facts-table"},
    several && el("thead", {}, el("tr", {}, el("th", {scope: "col"}, ""), systems.map((s) => el("th", {scope: "col"}, cut(s.name, 60))))),
    el("tbody", {}, rows_of))));
}

const all_names = (lists) => [...new Set(lists.flatMap((list) => list.map(([name]) => name)))];
const counted = (list) => list.map(([text, count]) => `${text} (${number(count)})`).join("; ");

function capability_text(system, name) {
  const found = system.capabilities.find(([n]) => n === name);
  if (!found) return "";
  return (found[1] ? "there" : "missing") + (found[2] ? `: ${found[2]}` : "");
}

function systems_view() {
  const plain = {
    kernel: (s) => `${s.kernel} ${s.release} ${s.version}`,
    machine: (s) => [s.machine, s.abi, plural(s.cpus, "CPU")].filter(Boolean).join(", "),
    libc: (s) => s.libc,
    ipcvet: (s) => `${s.ipcvet}, profile ${s.profile}`,
    command: (s) => s.command,
    started: (s) => s.started,
    took: (s) => (Number.isFinite(s.seconds) ? `${s.seconds.toFixed(1)} s` : ""),
  };
  const belief = {
    sandbox: (s) => s.sandbox.join("; "),
    "sandboxes of the cases": (s) => counted(s.sandboxes),
    "blocking was proven by": (s) => counted(s.proofs),
  };
  return el("section", {class: "view", "aria-labelledby": "systems-title"}, el("h2", {id: "systems-title"}, several ? "Systems" : "System"),
    facts_table("What was judged", Object.keys(plain), (s, name) => plain[name](s), (name) => ["command", "started", "took"].includes(name)),
    facts_table("Sandbox, and how blocking was proven", Object.keys(belief), (s, name) => belief[name](s)),
    facts_table("Capabilities", all_names(systems.map((s) => s.capabilities)), capability_text),
    facts_table("Limits", all_names(systems.map((s) => s.limits)), (s, name) => s.limits.find(([n]) => n === name)?.[1] ?? ""));
}

const most_observations = 2000;

function observations_view() {
  const table = el("table", {class: "grid"});
  const box = el("input", {type: "checkbox", id: "observations-differ", onchange: () => go({differ: box.checked})});
  const told = el("p", {class: "told", role: "status"});
  const node = el("section", {class: "view", "aria-labelledby": "observations-title"}, el("h2", {id: "observations-title"}, "Observations"),
    el("p", {class: "lead"}, "What each system chose where the standard leaves it open. An observation is never a failure."),
    several && el("p", {}, el("label", {class: "chip", for: "observations-differ"}, box, "only where systems differ")),
    told, el("div", {class: "scroll", tabindex: "0", role: "group", "aria-label": "Observations"}, table));

  function update() {
    box.checked = state.differ;
    const differing = (values) => values.some((v) => v !== values[0]);
    const found = index.observations.filter(([, , values]) => !state.differ || differing(values));
    told.textContent = found.length > most_observations ? `the first ${number(most_observations)} of ${number(found.length)}` : plural(found.length, "observation");
    table.replaceChildren(el("thead", {}, el("tr", {}, ["Case", "Observed"].map((h) => el("th", {scope: "col"}, h)),
      systems.map((s) => el("th", {scope: "col"}, several ? cut(s.name, 60) : "Value")))),
    el("tbody", {}, found.slice(0, most_observations).map(([n, name, values]) => el("tr", {class: several && differing(values) ? "differs" : null},
      el("th", {scope: "row"}, link({view: "results", case: rows[n].id}, {class: "mono"}, cut(rows[n].id, 200)),
        several && differing(values) && el("span", {class: "tag"}, "differs")),
      el("td", {class: "mono"}, cut(name, 100)), values.map((v) => el("td", {class: "mono"}, v === null ? "–" : cut(v, 300)))))));
  }
  return {node, update};
}
