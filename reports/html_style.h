// The style of the page: readable without it, follows the reader's light or dark preference, prints well.
#pragma once

namespace ipcvet {

inline constexpr const char *html_style = R"css(
:root { color-scheme: light dark; --bg: #fff; --fg: #1c1f23; --dim: #667; --line: #d8dce2; --soft: #f5f6f8;
  --pass: #1a7f37; --fail: #c01c28; --skip: #8a6d00; --other: #8250df; --mark: #ffecec; }
@media (prefers-color-scheme: dark) { :root { --bg: #15181c; --fg: #e4e7eb; --dim: #98a1ad; --line: #333a43; --soft: #1d2127;
  --pass: #57c470; --fail: #ff7b80; --skip: #d9b13b; --other: #c297ff; --mark: #40181c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 75rem; background: var(--bg); color: var(--fg);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
a { color: inherit; } .dim { color: var(--dim); }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .8rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; padding-left: 0; } .facts td { text-align: left; overflow-wrap: anywhere; }
.pass { color: var(--pass); } .fail, .error, .timeout { color: var(--fail); } .skip { color: var(--skip); }
.unresolved, .undecided { color: var(--other); } .zero { color: var(--dim); }
details { border: 1px solid var(--line); border-radius: 6px; margin: .3rem 0; background: var(--soft); }
summary { padding: .35rem .7rem; cursor: pointer; overflow-wrap: anywhere; }
summary b { display: inline-block; min-width: 6.2em; } details > div { padding: 0 .8rem .8rem; }
pre { margin: .5rem 0; padding: .6rem; overflow-x: auto; background: var(--bg); border: 1px solid var(--line);
  border-radius: 4px; font: 13px/1.45 ui-monospace, monospace; tab-size: 8; }
pre span { display: block; } pre .ok { color: inherit; } pre .bad { background: var(--mark); font-weight: 600; }
pre .note { background: var(--mark); } pre .off { color: var(--dim); } pre i { color: var(--dim); font-style: normal; }
.rule { margin: .3rem 0; } .rule code { font-size: .9em; } code { font-family: ui-monospace, monospace; }
@media print { body { max-width: none; } details { break-inside: avoid; } }
)css";

}  // namespace ipcvet
