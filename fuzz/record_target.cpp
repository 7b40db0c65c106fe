// Anything as a record: reading it ends in a record or an error, never in a crash or a hang. What was read can be
// written by every writer, and the JSON form of it reads back the same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/text.h"

namespace {

std::string written(const ipcvet::Record &record) {
  std::ostringstream out;
  ipcvet::write_json(out, record);
  return out.str();
}

void require(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "record_target: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const auto record = ipcvet::read_json({reinterpret_cast<const char *>(data), size});
  if (!record) {
    require(!record.error().what.empty(), "an error says nothing");
    return 0;
  }
  const std::string first = written(*record);
  const auto again = ipcvet::read_json(first);
  require(again.has_value(), "what was written does not read");
  require(written(*again) == first, "what was written reads as something else");
  std::ostringstream out;
  ipcvet::write_junit(out, *record);
  ipcvet::write_html(out, *record);
  ipcvet::write_text(out, *record);
  return 0;
}
