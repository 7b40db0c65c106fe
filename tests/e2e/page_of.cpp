// Makes one page of several records, for the tests of the page.
//
//   page_of RECORD... >page.html
//   page_of --grow CASES SYSTEMS RECORD >page.html     a large page: the record's cases again and again under other
//                                                      ids, on systems that agree mostly and not always
#include <charconv>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "reports/html.h"
#include "reports/json.h"

using ipcvet::Record;

namespace {

bool read_into(std::vector<Record> &records, const char *path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  auto record = ipcvet::read_json(text.view());
  if (!record) {
    std::cerr << path << ": " << record.error().text() << '\n';
    return false;
  }
  records.push_back(std::move(*record));
  return true;
}

size_t number(std::string_view text) {
  size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// On every second system blocking was proven otherwise; on each, a few cases fail and a few are skipped.
void make_different(ipcvet::CaseResult &r, size_t n, size_t system) {
  if (system % 2 == 1)
    for (ipcvet::Event &e : r.history.events)
      if (!e.proof.empty()) e.proof = "asleep, not scheduled between two looks";
  const size_t fate = (n * 7 + system * 131) % 97;
  if (fate == 0 && !r.steps.empty()) {
    r.verdict.cls = ipcvet::VerdictClass::fail;
    r.verdict.reason =
        "line " + std::to_string(r.steps.size()) + " did something else on system " + std::to_string(system + 1);
    r.verdict.step = static_cast<uint32_t>(r.steps.size() - 1);
    r.verdict.allowed = "0";
    r.verdict.actual = "-1 EINVAL";
  } else if (fate == 1) {
    r.verdict.cls = ipcvet::VerdictClass::skip;
    r.verdict.reason = "needs something that this system has not";
    r.history.events.clear();
  }
}

std::vector<Record> grown(const Record &seed, size_t cases, size_t systems) {
  std::vector<Record> records(systems);
  for (size_t system = 0; system < systems; ++system) {
    records[system].system = seed.system;
    records[system].system.release = "6." + std::to_string(system + 1) + ".0";
    for (size_t n = 0; n < cases && !seed.cases.empty(); ++n) {
      records[system].cases.push_back(seed.cases[n % seed.cases.size()]);
      ipcvet::CaseResult &r = records[system].cases.back();
      if (n >= seed.cases.size()) r.id += "-again-" + std::to_string(n / seed.cases.size());
      make_different(r, n, system);
    }
  }
  return records;
}

}  // namespace

int main(int argc, char **argv) {
  const bool grow = argc == 5 && std::string_view(argv[1]) == "--grow";
  std::vector<Record> records;
  for (int i = grow ? 4 : 1; i < argc; ++i)
    if (!read_into(records, argv[i])) return 2;
  if (grow) records = grown(records[0], number(argv[2]), number(argv[3]));
  ipcvet::write_page(std::cout, records);
  return std::cout.good() ? 0 : 3;
}
