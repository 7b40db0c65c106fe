// Which rows the reader asked for. Every word must be in a row's id, brief, cells, requirements or reasons; a word with
// `*` or `?` is a glob over the id, as with `ipcvet run --filter`; `!` in front takes away.

const special = /[\\^$.|+()[\]{}]/g;

function glob_expression(glob) {
  const source = glob.replace(special, "\\$&").replace(/\*+/g, "[^]*").replace(/\?/g, "[^]");
  return new RegExp(`^${source}$`, "i");
}

function word_test(word) {
  if (/[*?]/.test(word)) {
    const expression = glob_expression(word);
    return (row) => expression.test(row.id) || expression.test(row.case_id);
  }
  const wanted = word.toLowerCase();
  return (row) => haystack(row).includes(wanted);
}

const haystacks = [];  // made when first searched
function haystack(row) {
  haystacks[row.n] ??= [row.id, row.brief, row.cells, ...row.requirements.map((r) => requirements[r].id),
    ...systems.map((_, s) => reason_of(row.n, s))].map((text) => text.slice(0, 2000)).join("\n").toLowerCase();
  return haystacks[row.n];
}

function text_test(text) {
  const tests = text.split(/\s+/).filter((word) => word && word !== "!").map((word) => {
    if (!word.startsWith("!")) return word_test(word);
    const test = word_test(word.slice(1));
    return (row) => !test(row);
  });
  return (row) => tests.every((test) => test(row));
}

// {numbers: rows that pass everything, counts: of each verdict, the rows that pass everything but the verdict filter}.
function filtered(state) {
  const test = text_test(state.text);
  const needed = state.requirement ? requirement_by_id.get(state.requirement).n : -1;
  const wanted = state.verdict.reduce((mask, letter) => mask | bit_of(letter), 0);
  const absent_only = bit_of(".");
  const numbers = [], counts = {};
  for (const row of rows) {
    if (state.mechanism && row.mechanism !== state.mechanism) continue;
    if (needed >= 0 && !row.requirements.includes(needed)) continue;
    if (state.differ && !differs[row.n]) continue;
    if (!test(row)) continue;
    const mask = mask_of(row.n, state.system);
    if (mask === absent_only) continue;
    for (const {letter} of verdicts) if (mask & bit_of(letter)) counts[letter] = (counts[letter] ?? 0) + 1;
    if (!wanted || mask & wanted) numbers.push(row.n);
  }
  return {numbers, counts};
}

// The filtered rows under headings: [{heading, numbers}].
function grouped(numbers, group) {
  if (group === "none") return [{heading: "", numbers}];
  const groups = new Map();
  const add = (heading, n) => (groups.has(heading) ? groups.get(heading).push(n) : groups.set(heading, [n]));
  for (const n of numbers) {
    if (group === "mechanism") add(rows[n].mechanism, n);
    else for (const r of rows[n].requirements) add(requirements[r].id, n);
  }
  const list = [...groups].map(([heading, members]) => ({heading, numbers: members}));
  return group === "requirement" ? list.sort((a, b) => (a.heading < b.heading ? -1 : 1)) : list;
}
