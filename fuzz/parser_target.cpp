// Arbitrary bytes for the parser. What parses must print to a text that parses to the same tree and prints the same
// again; its rows must expand; lint must come to an end. Driven by libFuzzer, or by replay.cpp.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"
#include "harness/case/printer.h"

namespace {

using namespace ipcvet;

[[noreturn]] void broken(const char *what, const std::string &text) {
  std::fprintf(stderr, "%s\n%s\n", what, text.c_str());
  std::abort();
}

void check(const Case &c, std::string_view text) {
  std::string printed = print(c);
  if (printed.size() > largest_case) return;  // what is aligned may be longer than what was written
  auto again = parse(printed, c.file);
  if (!again) broken("what was printed does not parse:", printed + render(again.error()));
  if (!(*again == c)) broken("what was printed parses to another tree:", printed + print(*again));
  if (print(*again) != printed) broken("printing again gives another text:", printed);
  if (c.where && c.where->rows.size() > 64) return;
  render(lint(c, text, {}));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  std::string_view text(reinterpret_cast<const char *>(data), size);
  auto parsed = parse(text, "pipe/fuzz.ipc");
  if (parsed)
    check(*parsed, text);
  else if (parsed.error().empty() || render(parsed.error()).empty())
    broken("refused without an error:", std::string(text));
  return 0;
}
