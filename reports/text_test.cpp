#include "reports/text.h"

#include <catch2/catch_test_macros.hpp>
#include <sstream>

#include "reports/sample.h"

using namespace ipcvet;

namespace {

std::string written(const TextOptions &options) {
  std::ostringstream out;
  write_text(out, sample_record(), options);
  return out.str();
}

}  // namespace

TEST_CASE("the summary") {
  CHECK(written({.transcripts = false, .reports = {"build/report/index.html"}}) ==
        R"(fail        pipe/eof-broken: read returned -1 EINTR, not 0
fail        pipe/whole[1]: none-lost does not hold: record 1 of W was sent and not received (1 of 2 sent are missing)
timeout     fifo/stuck: P has not returned from open
skip        needs msg-copy: msgrcv with MSG_COPY is -1 ENOSYS: sysv-msg/copy
leak        pipe/eof-broken: 1 objects removed after the case

                  pass        fail        skip     timeout
pipe                 2           2           .           .
sysv-msg             .           .           1           .
fifo                 .           .           .           1
all                  2           2           1           1

Linux 6.12.1 x86_64, glibc 2.41, profile linux, 6 instances in 1.5 s
report: build/report/index.html
)");
}

TEST_CASE("transcripts come first, as many as are wanted") {
  const std::string text = written({.max_transcripts = 1});
  CHECK(text.starts_with("fail  pipe/eof-broken\n"));
  CHECK(text.find("2 more are not shown here.") != std::string::npos);
  CHECK(text.find("\x1b") == std::string::npos);
}

TEST_CASE("colour only where it is asked for") {
  CHECK(written({.color = true}).find("\x1b[31m") != std::string::npos);
}
