#include "harness/case/lint/lint.h"

#include <catch2/catch_test_macros.hpp>

using namespace ipcvet;

namespace {

const std::string rule =
    "[[requirement]]\nid = \"posix/read/one\"\nstandard = \"POSIX.1-2024\"\nsection = \"read\"\nlevel = "
    "\"shall\"\nrule = "
    "\"r\"\n";
const std::string good = "case  pipe/a\nbrief \"x\"\nspec  posix/read/one  shall\n\nP  fork() = W\n";

std::string errors_of(std::vector<TextFile> cases, std::vector<TextFile> requirements) {
  return render(lint_tree({std::move(cases), std::move(requirements), {}}));
}

std::string catalogue_errors(std::string text) { return render(load_catalogue({{"r.toml", std::move(text)}}).errors); }

}  // namespace

TEST_CASE("a tree that is right has no errors") {
  CHECK(errors_of({{"cases/pipe/a.ipc", good}}, {{"cases/requirements/pipe.toml", rule}}).empty());
}

TEST_CASE("the same id in two files is an error of the second") {
  CHECK(errors_of({{"one/pipe/a.ipc", good}, {"two/pipe/a.ipc", good}}, {{"r.toml", rule}}) ==
        "two/pipe/a.ipc:1:1: error: the case 'pipe/a' is also in one/pipe/a.ipc\n"
        "  case  pipe/a\n"
        "  ^~~~~~~~~~~~\n");
}

TEST_CASE("a requirement must be cited, or say why it cannot be") {
  std::string other = rule;
  other.replace(other.find("read/one"), 8, "read/two");
  CHECK(errors_of({{"pipe/a.ipc", good}}, {{"r.toml", rule + other}}) ==
        "r.toml:8:6: error: no case cites 'posix/read/two'; cite it, or say why it is untestable\n"
        "  id = \"posix/read/two\"\n"
        "       ^~~~~~~~~~~~~~~~\n");
  CHECK(errors_of({{"pipe/a.ipc", good}}, {{"r.toml", rule + other + "untestable = \"it takes a year\"\n"}}).empty());
  CHECK(errors_of({{"pipe/a.ipc", good}}, {{"r.toml", rule + "untestable = \"never\"\n"}}) ==
        "r.toml:2:6: error: 'posix/read/one' is marked untestable, but a case cites it\n"
        "  id = \"posix/read/one\"\n"
        "       ^~~~~~~~~~~~~~~~\n");
}

TEST_CASE("a probe makes its capability known") {
  std::string probe = "case  needs/splice\nbrief \"x\"\n\nP  fork() = W\n";
  std::string user = good;
  user.insert(user.find("\n\nP"), "\nneeds splice");
  CHECK(errors_of({{"needs/splice.ipc", probe}, {"pipe/a.ipc", user}}, {{"r.toml", rule}}).empty());
  CHECK(errors_of({{"pipe/a.ipc", user}}, {{"r.toml", rule}}) ==
        "pipe/a.ipc:4:7: error: unknown capability 'splice': there is no needs/splice.ipc\n"
        "  needs splice\n"
        "        ^~~~~~\n");
}

TEST_CASE("another case of the mechanism may hold the falsifier") {
  std::string stress = good.substr(0, good.find("\nP")) +
                       "\nP  pipe([r, w]) = 0\n\nstress\n  W*2  write(w, record, 16) * 5\n  holds whole\n";
  std::string falsifier = stress;
  falsifier.replace(falsifier.find("pipe/a"), 6, "pipe/b");
  falsifier.insert(falsifier.find("\nP"), "\nwhere  size  falsifies\n       8192  whole\n");
  falsifier.replace(falsifier.find(" 16)"), 4, " size)");
  CHECK(errors_of({{"pipe/a.ipc", stress}}, {{"r.toml", rule}}).find("falsifies 'whole'") != std::string::npos);
  CHECK(errors_of({{"pipe/a.ipc", stress}, {"pipe/b.ipc", falsifier}}, {{"r.toml", rule}}).empty());
}

TEST_CASE("mistakes in the catalogue have a place") {
  CHECK(catalogue_errors(rule).empty());
  CHECK(catalogue_errors(rule + "ruel = \"x\"\n") ==
        "r.toml:7:1: error: unknown key 'ruel'; did you mean 'rule'?\n"
        "  ruel = \"x\"\n"
        "  ^~~~\n");
  CHECK(catalogue_errors("[[requirement]]\nid = \"a/b/c\"\n")
            .find("r.toml:1:1: error: the requirement has no 'standard'") == 0);
  CHECK(catalogue_errors("[[requirement]\n").starts_with("r.toml:1:"));
  CHECK(catalogue_errors(rule + rule) ==
        "r.toml:8:6: error: the requirement 'posix/read/one' is also in r.toml:2\n"
        "  id = \"posix/read/one\"\n"
        "       ^~~~~~~~~~~~~~~~\n");
  std::string level = rule;
  level.replace(level.find("\"shall\""), 7, "\"must\"");
  CHECK(catalogue_errors(level) ==
        "r.toml:5:9: error: unknown level 'must'; there are shall, linux, may and observe\n"
        "  level = \"must\"\n"
        "          ^~~~~~\n");
}

TEST_CASE("what the program was built with is in order") {
  const std::string errors = render(lint_tree(embedded_case_texts()));
  INFO(errors);
  CHECK(errors.empty());
}
