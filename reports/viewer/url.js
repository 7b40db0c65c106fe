// What is shown is in the address: a link to it shows the same. `#results?verdict=fail&mechanism=pipe&case=pipe/eof[2]`

const views = ["summary", "results", "requirements", "observations", "systems"];
const groupings = ["mechanism", "requirement", "none"];
const statuses = ["broken", "unclear", "held", "untried", "observed", "uncited"];

const fresh_state = () => ({
  view: "summary",
  verdict: [],      // letters; none: all
  mechanism: "",
  requirement: "",  // an id
  text: "",
  system: null,     // one that filters and counts look at; null: all
  differ: false,    // rows on which systems differ, and nothing else
  group: "mechanism",
  status: "",       // of requirements
  case: "",         // the one that is open
  on: null,         // the system whose transcript is shown
});

const number_in = (text, most) => (/^[1-9][0-9]{0,3}$/.test(text ?? "") && Number(text) <= most ? Number(text) - 1 : null);
const one_of = (value, allowed, otherwise) => (allowed.includes(value) ? value : otherwise);

function state_of(hash) {
  const state = fresh_state();
  let text = hash.replace(/^#/, "");
  const plain = safely_decoded(text);
  if (row_by_id.has(plain)) return {...state, view: "results", case: plain};  // a bare id is a case
  const at = text.indexOf("?");
  const params = new URLSearchParams(at < 0 ? "" : text.slice(at + 1));
  state.view = one_of(at < 0 ? text : text.slice(0, at), views, "summary");
  state.verdict = verdicts.filter((v) => (params.get("verdict") ?? "").split(",").includes(v.name)).map((v) => v.letter);
  state.mechanism = one_of(params.get("mechanism"), index.mechanisms, "");
  state.requirement = requirement_by_id.has(params.get("requirement")) ? params.get("requirement") : "";
  state.text = params.get("text") ?? "";
  state.system = number_in(params.get("system"), systems.length);
  state.differ = params.get("differ") === "1" && several;
  state.group = one_of(params.get("group"), groupings, "mechanism");
  state.status = one_of(params.get("status"), statuses, "");
  state.case = row_by_id.has(params.get("case")) ? params.get("case") : "";
  state.on = number_in(params.get("on"), systems.length);
  return state;
}

function safely_decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hash_of(changed) {
  const state = {...fresh_state(), ...changed};
  const params = new URLSearchParams();
  const add = (name, value) => value && params.set(name, value);
  add("verdict", state.verdict.map((letter) => verdict_of_letter(letter).name).join(","));
  add("mechanism", state.mechanism);
  add("requirement", state.requirement);
  add("text", state.text);
  add("system", state.system === null ? "" : String(state.system + 1));
  add("differ", state.differ ? "1" : "");
  add("group", state.group === "mechanism" ? "" : state.group);
  add("status", state.status);
  add("case", state.case);
  add("on", state.on === null ? "" : String(state.on + 1));
  // These stand in a fragment as they are, and a reader can read them.
  const query = params.toString().replace(/%2F/g, "/").replace(/%5B/g, "[").replace(/%5D/g, "]").replace(/%2C/g, ",");
  return `#${state.view}${query ? "?" + query : ""}`;
}

let state = fresh_state();

// `remember`: the reader can come back to what was there before.
function go(changes, remember = false) {
  const hash = hash_of({...state, ...changes});
  if (hash === location.hash) return;
  if (remember) history.pushState(null, "", hash);
  else history.replaceState(null, "", hash);
  show_state();
}
