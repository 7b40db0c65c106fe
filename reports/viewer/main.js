// Puts the page together and keeps it as the address says.

const view_titles = {summary: "Summary", results: "Results", requirements: "Requirements", observations: "Observations",
  systems: several ? "Systems" : "System"};
const view_counts = {results: rows.length, requirements: requirements.length, observations: index.observations.length};

const app = document.getElementById("app");
const once = (make) => {
  let made = null;
  return () => (made ??= make());
};
const made_views = {
  summary: once(() => ({node: summary_view(), update() {}})),
  results: once(results_view),
  requirements: once(requirements_view),
  observations: once(observations_view),
  systems: once(() => ({node: systems_view(), update() {}})),
};

const tabs = views.map((view) => el("a", {"data-view": view}, view_titles[view],
  view_counts[view] !== undefined && el("span", {class: "count"}, number(view_counts[view]))));
const main = el("main", {id: "main", tabindex: "-1"});
const title = several ? `${systems.length} systems, side by side` : cut(systems[0]?.name ?? "no system", 120);

app.append(
  el("a", {class: "skip-link", href: "#main", onclick: (event) => {
    event.preventDefault();
    main.focus();
  }}, "To the content"),
  el("header", {class: "top"}, el("h1", {}, el("span", {class: "mark-name"}, "ipcvet"), " ", el("span", {class: "of"}, title)), theme_button()),
  el("nav", {class: "tabs", "aria-label": "Views"}, tabs),
  main);

function show_state() {
  state = state_of(location.hash);
  for (const tab of tabs) {
    const view = tab.dataset.view;
    // A view is left with its filters forgotten, but for the system that is looked at.
    tab.href = hash_of({...fresh_state(), view, system: state.system});
    if (view === state.view) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
  const view = made_views[state.view]();
  if (main.firstChild !== view.node) {
    main.replaceChildren(view.node);
    scrollTo(0, 0);
  }
  document.body.dataset.view = state.view;
  document.title = `ipcvet: ${state.case ? cut(state.case, 100) : `${view_titles[state.view]}, ${title}`}`;
  view.update();
}

addEventListener("hashchange", show_state);
addEventListener("beforeprint", () => {
  made_views[state.view]().print?.();
  for (const details of main.querySelectorAll("details")) details.open = true;
});
addEventListener("afterprint", () => made_views[state.view]().printed?.());

document.getElementById("plain").remove();
app.hidden = false;
show_state();
performance.mark("ipcvet-ready");
