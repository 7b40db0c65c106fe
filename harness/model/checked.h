// For the tests of rules: a few lines of a case, and what the checker says of them.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "harness/case/parser.h"
#include "harness/model/checker.h"
#include "harness/model/setting.h"

namespace ipcvet::model {

// "agrees", "not modelled: why" or "line: why (requirement)", one a row of the case.
inline std::string checked(const std::string &steps, Profile profile = Profile::linux_) {
  const std::string text = "case  pipe/test\nbrief \"test\"\nspec  posix/pipe/first-in-first-out  shall\n\n" + steps;
  const auto c = parse(text, "test.ipc");
  if (!c) return "no case\n";
  std::string out;
  for (const Case &instance : expand(*c)) {
    const CheckResult r = check(instance, make_setting(profile, {}));
    if (r.kind == CheckResult::Kind::agrees) out += "agrees\n";
    if (r.kind == CheckResult::Kind::unmodelled) out += "not modelled: " + r.why + "\n";
    if (r.kind == CheckResult::Kind::disagrees) out += r.line + ": " + r.why + " (" + r.requirement + ")\n";
  }
  return out;
}

// The last line is wrong, and the answer names the requirement.
inline void refuted(const std::string &steps, const std::string &requirement) {
  INFO(steps);
  const std::string answer = checked(steps);
  INFO(answer);
  CHECK(answer.ends_with("(" + requirement + ")\n"));
}
inline void agreed(const std::string &steps) {
  INFO(steps);
  CHECK(checked(steps) == "agrees\n");
}

}  // namespace ipcvet::model
