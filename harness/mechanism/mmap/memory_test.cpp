// Sparse bytes: what they hold, what is cut off, what nobody can know.
#include "harness/mechanism/mmap/memory.h"

#include <catch2/catch_test_macros.hpp>

using namespace std::string_literals;
using ipcvet::model::Memory;

TEST_CASE("what was stored is read, everything else is zero") {
  Memory m;
  m.resize(int64_t{1} << 40);
  m.write(4094, "across");
  CHECK(m.read(4092, 10) == "\0\0across\0\0"s);
  CHECK(m.read(int64_t{1} << 39, 3) == "\0\0\0"s);
  CHECK(m.has(4096));
  CHECK_FALSE(m.has(8192));
}

TEST_CASE("a copy keeps what it was when the other is written") {
  Memory m;
  m.resize(100);
  m.write(0, "before");
  const Memory copy = m;
  m.write(0, "after.");
  CHECK(copy.read(0, 6) == "before");
  CHECK(m.read(0, 6) == "after.");
  CHECK_FALSE(copy == m);
}

TEST_CASE("what a smaller size cuts off does not come back") {
  for (const int64_t size : {0, 1, 100, 4095, 4096, 4097, 8191}) {
    Memory m;
    m.resize(8192);
    m.write(0, std::string(8192, 's'));
    m.resize(size);
    m.resize(8192);
    const auto kept = static_cast<size_t>(size);
    CHECK(m.read(0, 8192) == std::string(kept, 's') + std::string(8192 - kept, '\0'));
    CHECK(m.known(0, 8192));
  }
}

TEST_CASE("bytes stored behind the end are unknown once the object grows over them, until they are written") {
  Memory m;
  m.resize(100);
  m.write(100, "stray");
  CHECK(m.known(0, 4096));
  m.resize(4096);
  CHECK(m.known(0, 100));
  CHECK_FALSE(m.known(0, 101));
  CHECK_FALSE(m.known(4000, 1));
  m.write(100, "known");
  CHECK(m.known(100, 5));
  CHECK_FALSE(m.known(105, 1));
  m.zero(0, 4096);
  CHECK(m.known(0, 4096));
}

TEST_CASE("zeros take pages and parts of pages away") {
  Memory m;
  m.resize(3 * 4096);
  m.write(0, std::string(3 * 4096, 'f'));
  m.zero(4000, 4200);
  CHECK(m.read(3999, 1) == "f");
  CHECK(m.read(4000, 4200) == std::string(4200, '\0'));
  CHECK(m.read(8200, 1) == "f");
  CHECK_FALSE(m.has(4096));
}
