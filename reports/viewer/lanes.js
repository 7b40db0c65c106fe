// Swim lanes out of a history: who lived from where to where, who was blocked when, and who woke whom. Pure: a detail
// of the data in, plain values out; drawing is in diagram.js.
//
// Who woke whom is positional, as in the language: a step starts when the one before has returned or is proven blocked,
// so what wakes after a line was woken by that line. A call that comes back with nobody else's line before it (its time
// was up) was woken by no one.

// Calls after which another actor's end is their doing.
const ends_others = /\b(kill|killpg|tgkill|sigqueue|pthread_kill|pidfd_send_signal)\(/;

// {actors: [{name, from, to, end}], spans: [{actor, from, to}], arrows: [{kind, from: {actor, line}, to: {actor, line}}],
//  marks: [{kind, actor, line, note}]}; `line` numbers steps; a span that never ends has `to` null.
function lane_model(detail, step_texts) {
  const actors = detail.actors.map((name) => ({name, from: null, to: null, end: ""}));
  const spans = [], arrows = [], marks = [];
  const blocked = new Map();    // actor -> its open span
  const latest = new Map();     // actor -> its latest own line
  let cause = null;             // the latest thing an actor did of itself

  const unblock = (actor, line) => {
    const span = blocked.get(actor);
    if (span) span.to = line;
    blocked.delete(actor);
  };
  const done = (actor, line) => {
    cause = {actor, line};
    latest.set(actor, line);
  };
  const arrow = (kind, from, actor, line) => arrows.push({kind, from, to: {actor, line}});
  const by_another = (actor) => (cause && cause.actor !== actor ? cause : null);

  for (const [kind, line, actor, what, sender] of detail.events) {
    const lane = actors[actor];
    lane.from ??= line;
    const mark = (note) => marks.push({kind, actor, line, note});
    if (kind === "f") {
      actors[what].from = line;
      arrow("makes", {actor, line}, what, line);
      mark(`makes ${actors[what].name}`);
      done(actor, line);
    } else if (kind === "b") {
      const span = {actor, from: line, to: null};
      spans.push(span);
      blocked.set(actor, span);
      mark("is blocked");
      done(actor, line);
    } else if (kind === "s") {
      mark("is still blocked");
    } else if (kind === "w") {
      const waker = by_another(actor);
      if (waker) arrow("wakes", {...waker}, actor, line);
      mark(waker ? `is woken by ${actors[waker.actor].name}` : "comes back, woken by no actor");
      unblock(actor, line);
      latest.set(actor, line);
    } else if (kind === "g") {
      const from = sender >= 0 && sender !== actor && latest.has(sender);
      if (from) arrow("signals", {actor: sender, line: latest.get(sender)}, actor, line);
      mark(`handles ${what}${from ? ` from ${actors[sender].name}` : ""}`);
    } else if (kind === "x") {
      const killer = by_another(actor);
      const killed = !what.startsWith("exited");
      if (killed && killer && ends_others.test(step_texts[killer.line] ?? "")) arrow("signals", {...killer}, actor, line);
      lane.to = line;
      lane.end = killed ? "killed" : "exited";
      mark(killed ? `ends: killed by ${what}` : `ends: ${what}`);
      unblock(actor, line);
      done(actor, line);
    } else if (kind === "n") {
      mark(what);
    } else {
      mark(kind === "c" ? "calls" : kind === "m" ? "uses its memory" : "returns");
      done(actor, line);
    }
  }
  return {actors: actors.map((a) => ({...a, from: a.from ?? 0})), spans, arrows, marks};
}

function lane_summary({actors, spans, arrows}) {
  const of_kind = (kind) => arrows.filter((a) => a.kind === kind).length;
  const ends = actors.filter((a) => a.end).length;
  return [plural(actors.length, "actor"), plural(spans.length, "time blocked", "times blocked"),
    plural(of_kind("wakes"), "wake-up"), plural(of_kind("signals"), "signal"), plural(ends, "end")].join(", ");
}
