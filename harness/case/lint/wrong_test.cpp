// Every wrong input of tests/wrong has its errors beside it, and they are compared letter by letter: what a user reads
// is part of the program. IPCVET_UPDATE=1 writes the files anew; read the difference before you commit it.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/case/lint/lint.h"
#include "harness/case/parser.h"

using namespace ipcvet;

namespace {

const std::string folder = std::string(IPCVET_SOURCE_ROOT) + "/tests/wrong";

std::string contents(const std::string &path) {
  auto text = read_text(path, largest_case);
  return text ? *text : std::string();
}

std::string errors_of(const std::string &text, const std::string &name) {
  auto parsed = parse(text, "wrong/" + name + ".ipc");
  if (!parsed) return render(parsed.error());
  static const Catalogue catalogue = load_catalogue({{"catalogue.toml", contents(folder + "/catalogue.toml")}});
  return render(lint(*parsed, text, {&catalogue, {"sysv-msg"}, {}}));
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const auto &entry : std::filesystem::directory_iterator(folder))
    if (entry.path().extension() == ".ipc") all.push_back(entry.path().stem().string());
  std::sort(all.begin(), all.end());
  return all;
}

std::string refusal(const std::string &text) {
  auto parsed = parse(text, "big.ipc");
  return parsed ? "accepted" : render(parsed.error());
}

}  // namespace

TEST_CASE("every wrong input is told what is wrong, verbatim") {
  REQUIRE(names().size() >= 60);
  for (const std::string &name : names()) {
    INFO(name);
    std::string errors = errors_of(contents(folder + "/" + name + ".ipc"), name);
    std::string expected_path = folder + "/" + name + ".expected";
    if (std::getenv("IPCVET_UPDATE")) std::ofstream(expected_path, std::ios::binary) << errors;
    CHECK(errors == contents(expected_path));
    CHECK_FALSE(errors.empty());
  }
}

TEST_CASE("a line of 100 MB is refused without being looked at") {
  std::string text = "case  wrong/big\nP  write(1, \"";
  text.append(100'000'000, 'a');
  CHECK(refusal(text) == "big.ipc: error: the file is larger than 1 MiB (100000029 bytes)\n");
}

TEST_CASE("a line that fills the largest file is shown in part") {
  std::string text = "case  wrong/big\nP  write(1, \"" + std::string(1'000'000, 'a') + "\x01\", 1) = 1\n";
  std::string errors = refusal(text);
  CHECK(errors.starts_with("big.ipc:2:1000014: error: the control character 0x01 is not allowed"));
  CHECK(errors.size() < 600);
}

TEST_CASE("nesting of any depth is refused and never followed") {
  for (const char *bracket : {"[", "{a: ", "(", "1+", "-1*"}) {
    std::string text = "case  wrong/deep\n\nP  close(";
    while (text.size() < 1'000'000) text += bracket;
    INFO(bracket);
    CHECK(refusal(text + "\n").find("at most 64") != std::string::npos);
  }
}
