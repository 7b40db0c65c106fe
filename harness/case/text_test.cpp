#include "harness/case/text.h"

#include <catch2/catch_test_macros.hpp>

#include "harness/case/source.h"

using namespace ipcvet;

TEST_CASE("only well-formed UTF-8 is a code point") {
  CHECK(code_point("a", 0)->value == U'a');
  CHECK(code_point("\xe2\x82\xac", 0)->value == 0x20ac);
  CHECK(code_point("\xf0\x9f\x98\x80", 0)->bytes == 4);
  for (const char *bad : {"\x80", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff", "\xe0\x80\x80"})
    CHECK_FALSE(code_point(bad, 0));
}

TEST_CASE("a name is suggested only where it is near") {
  CHECK(nearest("raed", {"read", "write", "readv"}) == "read");
  CHECK(nearest("O_NONBLOK", {"O_NONBLOCK", "O_RDONLY"}) == "O_NONBLOCK");
  CHECK(nearest("x", {"y", "read"}).empty());
  CHECK(nearest("frobnicate", {"read", "fork"}).empty());
  CHECK(suggestion("clsoe", {"close"}) == "; did you mean 'close'?");
}

TEST_CASE("lines end at newlines, the last one also without") {
  using Lines = std::vector<std::string_view>;
  CHECK(lines_of("") == Lines{});
  CHECK(lines_of("a") == Lines{"a"});
  CHECK(lines_of("a\n") == Lines{"a"});
  CHECK(lines_of("\na\n\nb") == Lines{"", "a", "", "b"});
}

TEST_CASE("globs match whole texts") {
  CHECK(glob_matches("pipe/*", "pipe/last-close"));
  CHECK(glob_matches("*", ""));
  CHECK(glob_matches("*-close*", "pipe/last-close[2]"));
  CHECK(glob_matches("pipe/?o", "pipe/ao"));
  CHECK_FALSE(glob_matches("pipe", "pipe/last-close"));
  CHECK_FALSE(glob_matches("", "x"));
}

TEST_CASE("an error shows its line, and a mark under the place, also after wide and invisible characters") {
  Source source("f.ipc", "one\nt\xc3\xa9\txt \x01 here\n");
  CHECK(render(source.error({2, 9}, "what", 4)) ==
        "f.ipc:2:9: error: what\n  t\xc3\xa9 xt \xef\xbf\xbd here\n         ^~~~\n");
  CHECK(render(source.error({}, "no place")) == "f.ipc: error: no place\n");
}
