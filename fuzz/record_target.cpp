// Anything as a record: reading it ends in a record or an error, never in a crash or a hang. What was read can be
// written by every writer, judged again, compared, merged and put side by side, and the JSON form of it reads back the
// same.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string_view>

#include "reports/baseline_update.h"
#include "reports/compare_write.h"
#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/kcidb.h"
#include "reports/ktap.h"
#include "reports/markdown.h"
#include "reports/matrix.h"
#include "reports/merge.h"
#include "reports/rejudge.h"
#include "reports/text.h"

namespace {

using ipcvet::Record;

std::string written(const Record &record) {
  std::ostringstream out;
  ipcvet::write_json(out, record);
  return out.str();
}

void require(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "record_target: %s\n", what);
  std::abort();
}

void write_all(const Record &record) {
  std::ostringstream out;
  ipcvet::write_junit(out, record);
  ipcvet::write_html(out, record);
  ipcvet::write_text(out, record);
  ipcvet::write_ktap(out, record);
  ipcvet::write_kcidb(out, record);
  ipcvet::write_annotations(out, record);
  std::ostringstream summary;
  ipcvet::write_markdown(summary, record);
  require(summary.str().size() <= ipcvet::largest_summary, "the summary is too large");
}

void compare_all(const Record &before, const Record &after) {
  const ipcvet::Comparison comparison = ipcvet::compare(before, after);
  std::ostringstream out;
  ipcvet::write_text(out, comparison);
  ipcvet::write_markdown(out, comparison);
  ipcvet::write_json(out, comparison);
  ipcvet::write_html(out, comparison);
  for (const auto kind :
       {ipcvet::MatrixRows::requirement, ipcvet::MatrixRows::case_, ipcvet::MatrixRows::observation}) {
    ipcvet::MatrixBuilder builder(kind, {"before", "after"});
    builder.add(0, before);
    builder.add(1, after);
    const ipcvet::Matrix matrix = builder.take(false);
    ipcvet::write_text(out, matrix);
    ipcvet::write_csv(out, matrix);
    ipcvet::write_html(out, matrix);
  }
}

// A baseline made from a record explains all of it.
void make_baseline(const Record &record) {
  const auto made = ipcvet::update_baseline("", {}, {}, record, "2026-01-01");
  const auto read = ipcvet::parse_baseline(made.text, "made");
  require(read.has_value(), "a baseline that was made does not read");
  (void)ipcvet::describe(ipcvet::assess(record, {*read}, "2026-01-01"), record);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const std::string_view text(reinterpret_cast<const char *>(data), size);
  auto record = ipcvet::read_json(text);
  const auto light = ipcvet::read_json(text, {.histories = false});
  if (!record) {
    require(!record.error().what.empty(), "an error says nothing");
    return 0;
  }
  require(light.has_value(), "without histories there is more wrong");
  const std::string first = written(*record);
  const auto again = ipcvet::read_json(first);
  require(again.has_value(), "what was written does not read");
  require(written(*again) == first, "what was written reads as something else");
  write_all(*record);
  require(ipcvet::compare(*record, *again).changes.empty(), "a record differs from itself");
  make_baseline(*light);
  Record judged = *again;
  (void)ipcvet::describe(ipcvet::judge_again(judged, judged.system.profile), judged);
  write_all(judged);
  compare_all(*record, judged);
  if (!record->cases.empty()) judged.cases.erase(judged.cases.begin());
  compare_all(judged, *light);
  [[maybe_unused]] const auto merged = ipcvet::merge({{"a", std::move(judged)}, {"b", *again}});
  return 0;
}
