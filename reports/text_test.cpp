#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/html.h"
#include "reports/json.h"
#include "reports/junit.h"
#include "reports/sample.h"
#include "reports/text.h"

using namespace ipcvet;

TEST_CASE("smoke") {
  const Record r = sample_record();
  std::ostringstream a, b, c, d;
  write_text(a, r, {.reports = {"x"}});
  write_json(b, r);
  write_junit(c, r);
  write_html(d, r);
  WARN(a.str());
  WARN(b.str());
  WARN(c.str());
  WARN(d.str());
  auto back = read_json(b.str());
  if (!back) WARN(back.error().text());
  CHECK(back);
  std::ostringstream e;
  write_json(e, *back);
  CHECK(b.str() == e.str());
}
