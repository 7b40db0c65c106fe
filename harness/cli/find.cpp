#include "harness/cli/find.h"

#include <charconv>

#include "harness/case/parser.h"
#include "harness/case/text.h"
#include "harness/cli/cli.h"

namespace ipcvet::cli {

std::pair<std::string, uint32_t> split_row(const std::string &name) {
  size_t bracket = name.find('[');
  uint32_t row = 0;
  if (bracket == std::string::npos || name.back() != ']') return {name, 0};
  auto [end, status] = std::from_chars(name.data() + bracket + 1, name.data() + name.size() - 1, row);
  bool number = status == std::errc{} && end == name.data() + name.size() - 1;
  return number ? std::pair(name.substr(0, bracket), row) : std::pair(name, 0u);
}

void tell_unknown(const std::string &what, const std::string &name, const std::vector<std::string_view> &known) {
  err("ipcvet: there is no " + what + " '" + name + "'" + suggestion(name, known) + "\n");
}

const Case *find_case(const std::string &name, Cases &cases) {
  if (name.ends_with(".ipc")) {
    auto text = read_text(name, largest_case);
    auto parsed = text ? parse(*text, name) : std::unexpected(std::vector{text.error()});
    if (!parsed) {
      err(render(parsed.error()));
      return nullptr;
    }
    return &cases.cases.emplace_back(std::move(*parsed));
  }
  for (const std::vector<Case> *some : {&cases.cases, &cases.probes})
    for (const Case &c : *some)
      if (c.id == name) return &c;
  return nullptr;
}

const Case *find_case_or_tell(const std::string &id, Cases &cases) {
  const Case *found = find_case(id, cases);
  if (found || id.ends_with(".ipc")) return found;  // what is wrong with a file has been told
  std::vector<std::string_view> known;
  for (const Case &c : cases.cases) known.push_back(c.id);
  tell_unknown("case", id, known);
  return nullptr;
}

}  // namespace ipcvet::cli
