#include "harness/target/initramfs.h"

#include <catch2/catch_test_macros.hpp>
#include <charconv>
#include <filesystem>
#include <string>
#include <vector>

#include "harness/target/job.h"

namespace ipcvet {
namespace {

struct Entry {
  std::string name{};
  unsigned mode = 0, major = 0, minor = 0;
  std::string bytes{};
  bool operator==(const Entry &) const = default;
};

unsigned hex(std::string_view text) {
  unsigned value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

// What the kernel's unpacker reads, by the positions in its documentation.
std::vector<Entry> unpack(const std::string &archive) {
  std::vector<Entry> entries;
  size_t at = 0;
  const auto field = [&](size_t i) { return hex(std::string_view(archive).substr(at + 6 + 8 * i, 8)); };
  const auto aligned = [](size_t n) { return (n + 3) / 4 * 4; };
  while (at + 110 <= archive.size()) {
    REQUIRE(archive.substr(at, 6) == "070701");
    Entry e{archive.substr(at + 110, field(11) - 1), field(1), field(9), field(10), {}};
    REQUIRE(archive[at + 110 + e.name.size()] == '\0');
    const size_t data = aligned(at + 110 + field(11));
    e.bytes = archive.substr(data, field(6));
    at = aligned(data + field(6));
    entries.push_back(e);
  }
  REQUIRE(at == archive.size());
  return entries;
}

TEST_CASE("an archive holds directories before what lies in them, once each, and ends with its trailer") {
  Initramfs root;
  root.file("a/b/one", 0755, "12345");
  root.file("a/b/two", 0644, "");
  root.link("init", "/a/b/one");
  root.character_device("dev/console", 0600, 5, 1);
  CHECK(unpack(root.finish()) == std::vector<Entry>{{"a", 040755, 0, 0, ""},
                                                    {"a/b", 040755, 0, 0, ""},
                                                    {"a/b/one", 0100755, 0, 0, "12345"},
                                                    {"a/b/two", 0100644, 0, 0, ""},
                                                    {"init", 0120777, 0, 0, "/a/b/one"},
                                                    {"dev", 040755, 0, 0, ""},
                                                    {"dev/console", 020600, 5, 1, ""},
                                                    {"TRAILER!!!", 0, 0, 0, ""}});
}

TEST_CASE("a tree is taken in the order of its names, without what is to be left out") {
  const auto directory = make_job_directory();
  REQUIRE(directory);
  std::filesystem::create_directories(*directory + "/cases/pipe");
  REQUIRE(write_file(*directory + "/words", "run\n"));
  REQUIRE(write_file(*directory + "/cases/pipe/x.ipc", "case"));
  REQUIRE(write_file(*directory + "/archive", "no"));
  std::filesystem::create_symlink("words", *directory + "/name");
  Initramfs root;
  const auto done = root.tree("job", *directory, "archive");
  REQUIRE(done);
  std::vector<std::string> names;
  for (const Entry &e : unpack(root.finish())) names.push_back(e.name + "=" + e.bytes);
  CHECK(names == std::vector<std::string>{"job=", "job/cases=", "job/cases/pipe=", "job/cases/pipe/x.ipc=case",
                                          "job/name=words", "job/words=run\n", "TRAILER!!!="});
  Initramfs other;
  CHECK(!other.tree("job", *directory + "/nothing"));
  remove_tree(*directory);
}

}  // namespace
}  // namespace ipcvet
