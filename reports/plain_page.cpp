#include "reports/plain_page.h"

#include "reports/escape.h"

namespace ipcvet {
namespace {

constexpr const char *style = R"css(
:root { color-scheme: light dark; --fg: #1b1d22; --bg: #fdfdfc; --line: #d4d6da; --head: #eef0f2; --bad: #b3261e;
  --good: #1c6b35; --odd: #7a5b00; }
@media (prefers-color-scheme: dark) { :root { --fg: #e3e5e8; --bg: #17191d; --line: #3a3f47; --head: #22262c;
  --bad: #ff8a80; --good: #6fcf8b; --odd: #e2bd55; } }
body { margin: 1.5rem auto; padding: 0 1rem; max-width: 90rem; color: var(--fg); background: var(--bg);
  font: 15px/1.45 system-ui, sans-serif; }
h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin-top: 1.8rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; } th, td { padding: .25rem .7rem; border: 1px solid var(--line); text-align: left;
  vertical-align: top; overflow-wrap: anywhere; } tr:first-child th[scope=col] { background: var(--head); }
th[scope=row] { font-weight: 500; min-width: 15rem; } th[scope=col] { min-width: 4.5rem; } td[class] { overflow-wrap: break-word; }
.regression th, .bad, .vanished th { color: var(--bad); } .fix th, .good { color: var(--good); }
.other th, .skip, .odd { color: var(--odd); }
@media print { body { max-width: none; } tr { break-inside: avoid; } }
)css";

}  // namespace

void begin_plain_page(std::ostream &out, std::string_view title) {
  out << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      << "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
      << "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>" << html_escaped(title)
      << "</title>\n<style>" << style << "</style>\n</head>\n<body>\n<main>\n";
}

void end_plain_page(std::ostream &out) { out << "</main>\n</body>\n</html>\n"; }

}  // namespace ipcvet
