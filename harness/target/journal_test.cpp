// Frames among console text: what is whole is taken, what is damaged is noticed, and nothing else is ever a result.
#include "harness/target/journal.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace ipcvet;

namespace {

struct Heard {
  std::vector<Frame> frames{};
  std::vector<std::string> console{};
  size_t broken = 0;
};

Heard hear(const std::string &stream, size_t piece = 0) {
  Heard heard;
  JournalReader reader({[&](Frame f) { heard.frames.push_back(std::move(f)); },
                        [&](std::string_view line) { heard.console.emplace_back(line); }});
  if (piece == 0) piece = stream.size() + 1;
  for (size_t at = 0; at < stream.size(); at += piece) reader.feed(std::string_view(stream).substr(at, piece));
  reader.finish();
  heard.broken = reader.broken();
  return heard;
}

const std::string one = frame_line(Frame::Kind::begin, "pipe/one");
const std::string two = frame_line(Frame::Kind::result, R"({"id": "pipe/two"})");
const std::string end = frame_line(Frame::Kind::end, end_text({0, 1}));

}  // namespace

TEST_CASE("the checksum is that of IEEE 802.3") {
  CHECK(crc32("123456789") == 0xcbf43926);
  CHECK(crc32("") == 0);
}

TEST_CASE("a frame is a line with mark, kind, length and checksum") {
  CHECK(one == "@ipcvet begin 8 f0d052b8 pipe/one\n");
}

TEST_CASE("frames are read in whatever pieces they come") {
  for (const size_t piece : {0U, 1U, 2U, 7U, 30U}) {
    const Heard heard = hear(one + two + end, piece);
    REQUIRE(heard.frames.size() == 3);
    CHECK(heard.frames[0] == Frame{Frame::Kind::begin, "pipe/one"});
    CHECK(heard.frames[1] == Frame{Frame::Kind::result, R"({"id": "pipe/two"})"});
    CHECK(parse_end(heard.frames[2].payload) == JournalEnd{0, 1});
    CHECK(heard.console.empty());
    CHECK(heard.broken == 0);
  }
}

TEST_CASE("a terminal's line ends do no harm") {
  const Heard heard = hear(one.substr(0, one.size() - 1) + "\r\n[    1.0] booting\r\n");
  CHECK(heard.frames.size() == 1);
  CHECK(heard.console == std::vector<std::string>{"[    1.0] booting"});
  CHECK(heard.broken == 0);
}

TEST_CASE("console text before, between and behind frames is told apart from them") {
  const Heard heard = hear("Linux version 6.1\nno end " + one + "\n" + two + "panic");
  REQUIRE(heard.frames.size() == 2);
  CHECK(heard.console == std::vector<std::string>{"Linux version 6.1", "no end ", "panic"});
  CHECK(heard.broken == 0);
}

TEST_CASE("a truncated frame is no frame") {
  for (size_t length = 9; length < two.size() - 1; ++length) {
    const Heard heard = hear(two.substr(0, length));
    CHECK(heard.frames.empty());
    CHECK(heard.broken == 1);
  }
}

TEST_CASE("a changed bit anywhere is noticed") {
  for (size_t at = 0; at < two.size() - 1; ++at) {
    std::string bad = two;
    bad[at] = static_cast<char>(bad[at] ^ 1);
    const Heard heard = hear(bad + one);
    INFO(bad);
    // A letter of the hexadecimal checksum may change its case alone; no bit 0 does that.
    REQUIRE(heard.frames.size() == 1);
    CHECK(heard.frames[0].kind == Frame::Kind::begin);
  }
}

TEST_CASE("what a kernel prints into a frame breaks that frame and no other") {
  std::string torn = two;
  torn.insert(25, "[   12.3] BUG: unable to handle\n");
  const Heard heard = hear(one + torn + end);
  REQUIRE(heard.frames.size() == 2);
  CHECK(heard.frames[1].kind == Frame::Kind::end);
  CHECK(heard.broken == 1);
}

TEST_CASE("a frame that lost its end does not take the next one with it") {
  const Heard heard = hear(two.substr(0, 20) + one);
  REQUIRE(heard.frames.size() == 1);
  CHECK(heard.frames[0].payload == "pipe/one");
  CHECK(heard.broken == 1);
}

TEST_CASE("unknown kinds and absurd numbers are no frames") {
  for (const char *bad :
       {"@ipcvet what 0 00000000 \n", "@ipcvet case 99999999999999999999 00000000 x\n", "@ipcvet case -1 00000000 x\n",
        "@ipcvet case 1 0x12 x\n", "@ipcvet \n", "@ipcvet case 1\n"}) {
    const Heard heard = hear(bad);
    CHECK(heard.frames.empty());
    CHECK(heard.broken == 1);
  }
}

TEST_CASE("an end is two numbers") {
  CHECK(parse_end("3 2267") == JournalEnd{3, 2267});
  for (const char *bad : {"", "0", "0 ", "x 1", "0 1 2", "0 -1"}) CHECK_FALSE(parse_end(bad));
}
