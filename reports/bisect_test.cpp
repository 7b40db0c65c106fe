#include "reports/bisect_script.h"

#include <catch2/catch_test_macros.hpp>

using namespace ipcvet;

TEST_CASE("the script names its case, however it is written") {
  const std::string script = bisect_script({.filter = "pipe/it's[2]", .repeat = 7});
  CHECK(script.starts_with("#!/bin/sh\n"));
  CHECK(script.find("FILTER='pipe/it'\\''s[2]'\nREPEAT=7\n") != std::string::npos);
  CHECK(script.find("make ARCH=um") != std::string::npos);
  CHECK(bisect_script({.filter = "a", .boot = "qemu"}).find("target=vm:$PWD/") != std::string::npos);
}

TEST_CASE("looking for a fix, a pass is the new state") {
  CHECK(bisect_script({.filter = "a"}).find("0) echo \"bisect: the case passes\" >&2; exit 0 ;;") != std::string::npos);
  CHECK(
      bisect_script({.filter = "a", .bad_is_pass = true}).find("0) echo \"bisect: the case passes\" >&2; exit 1 ;;") !=
      std::string::npos);
}
