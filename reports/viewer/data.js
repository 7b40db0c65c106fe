// The data of the page. The index is read at once; the details of a case when it is looked at. What writes them is
// reports/html_index.cpp and reports/html_details.cpp.

performance.mark("ipcvet-read");
const index = JSON.parse(document.getElementById("index").textContent);
const systems = index.systems;
const several = systems.length > 1;
// Those that no instance cites come last, with the reason if no case can show them.
const requirements = [...index.requirements.map((q) => [q, ""]), ...index.uncited]
  .map(([[id, level, rule, source], untestable], n) => ({n, id, level, rule, source, untestable, rows: []}));

const rows = index.instances.map(([base, row, run, cells], n) => {
  const [id, brief, mechanism, needed] = index.cases[base];
  const name = id + (row === null ? "" : `[${row}]`) + (run > 1 ? `~${run}` : "");
  for (const r of needed) requirements[r].rows.push(n);
  return {n, id: name, case_id: id, brief, mechanism: index.mechanisms[mechanism], cells, requirements: needed};
});
const row_by_id = new Map(rows.map((row) => [row.id, row]));
const requirement_by_id = new Map(requirements.map((r) => [r.id, r]));

// [row, text, row, text, ...] a system, because most rows have no reason.
const reasons = index.reasons.map((list) => {
  const by_row = new Map();
  for (let i = 0; i < list.length; i += 2) by_row.set(list[i], index.texts[list[i + 1]]);
  return by_row;
});
const reason_of = (n, system) => reasons[system].get(n) ?? "";
const letter_of = (n, system) => index.verdicts[system][n];

// The letters of a row on the systems that are looked at: all, or one.
const letters_of = (n, system) => (system === null ? systems.map((_, s) => letter_of(n, s)) : [letter_of(n, system)]);

const severity = "feutdsp.";

// The verdicts of a row on all systems as a set of bits: filters look at thousands of rows a key.
const bit_of = (letter) => 1 << severity.indexOf(letter);
const masks = rows.map(({n}) => index.verdicts.reduce((mask, letters) => mask | bit_of(letters[n]), 0));
const mask_of = (n, system) => (system === null ? masks[n] : bit_of(letter_of(n, system)));

const worst_of = (letters) => letters.reduce((a, b) => (severity.indexOf(a) <= severity.indexOf(b) ? a : b), ".");
const differs = masks.map((mask) => (mask & (mask - 1)) !== 0);  // more than one bit
const is_noteworthy = (letter) => "feutd".includes(letter);

function count_letters(numbers, system) {
  const counts = {total: 0};
  const letters = index.verdicts[system];
  for (const n of numbers) {
    const letter = letters[n];
    if (letter === ".") continue;
    counts[letter] = (counts[letter] ?? 0) + 1;
    ++counts.total;
  }
  return counts;
}

const all_numbers = rows.map((row) => row.n);
const mechanism_rows = new Map(index.mechanisms.map((name) => [name, []]));
for (const row of rows) mechanism_rows.get(row.mechanism).push(row.n);

const parsed_chunks = new Map();  // the few that were looked at last
const most_chunks = 6;

function chunk_of(n) {
  let at = 0;
  while (at + 1 < index.chunks.length && index.chunks[at + 1] <= n) ++at;
  let chunk = parsed_chunks.get(at);
  if (!chunk) chunk = JSON.parse(document.getElementById(`chunk-${at}`).textContent);
  parsed_chunks.delete(at);
  parsed_chunks.set(at, chunk);
  if (parsed_chunks.size > most_chunks) parsed_chunks.delete(parsed_chunks.keys().next().value);
  return chunk[n - index.chunks[at]];
}

// What is known of a row on a system; null where that system has no result.
function detail_of(n, system) {
  const entry = chunk_of(n);
  const which = entry.by[system];
  if (which < 0) return null;
  const detail = entry.details[which];
  return {...detail, text: entry.texts[detail.text], ms: entry.ms[system]};
}

// Systems with the same details get the same number.
const variants_of = (n) => chunk_of(n).by;
