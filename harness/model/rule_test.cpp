// Every rule names a requirement of the catalogue, or says that it is scaffolding of the cases.
#include "harness/model/rule.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/catalogue.h"
#include "harness/model/attempt.h"

using namespace ipcvet;

TEST_CASE("rules follow requirements") {
  const Catalogue catalogue = embedded_catalogue();
  CHECK(model::rules().size() > 100);
  (void)model::rule_of(*find_call("read"));
  for (const model::Rule *rule : model::rules()) {
    INFO(rule->file << ":" << rule->line << " " << rule->requirement);
    CHECK((rule->requirement.starts_with("scaffold/") || catalogue.find(rule->requirement)));
  }
}
