// How targets are named, and what a job becomes inside one.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "harness/target/init.h"
#include "harness/target/job.h"
#include "harness/target/target.h"

using namespace ipcvet;

namespace {

std::string content(const std::string &path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Directory {
  std::string path = *make_job_directory();
  ~Directory() { remove_tree(path); }
};

}  // namespace

TEST_CASE("a target is a kind and its argument") {
  CHECK(parse_target("host")->name() == "host");
  CHECK(parse_target("uml")->name() == "uml");
  CHECK(parse_target("uml:/opt/linux")->argument == "/opt/linux");
  CHECK(parse_target("command:ssh a:b, c")->argument == "ssh a:b, c");
  CHECK(parse_target("root:/srv/debian 13")->file_name() == "root__srv_debian_13");
}

TEST_CASE("what is no target is told in a sentence") {
  CHECK(parse_target("moon").error().starts_with("there is no kind of target called `moon`; there are host, "));
  CHECK(parse_target("host:here").error() == "target host takes no argument");
  CHECK(parse_target("root").error() == "target root wants an argument: root:DIR");
  CHECK(parse_target("root:").error() == "target root wants an argument: root:DIR");
  CHECK_FALSE(parse_target("uml:"));
  CHECK_FALSE(parse_target(""));
}

TEST_CASE("several targets are separated by commas, of which a command takes all") {
  const auto three = parse_targets("host,uml,gvisor:/opt/runsc");
  REQUIRE(three);
  REQUIRE(three->size() == 3);
  CHECK((*three)[2].argument == "/opt/runsc");
  const auto command = parse_targets("host,command:a,b");
  REQUIRE(command);
  CHECK((*command)[1].argument == "a,b");
  CHECK_FALSE(parse_targets("host,"));
  CHECK_FALSE(parse_targets(""));
}

TEST_CASE("every kind is complete") {
  for (const TargetKind *kind : target_kinds()) {
    INFO(kind->name);
    CHECK(kind->probe);
    CHECK(kind->prepare);
    CHECK_FALSE(kind->brief.empty());
  }
}

TEST_CASE("a job's words name its directory as it is seen inside") {
  const Job job{.directory = "/tmp/x", .arguments = {"--filter=@/odd", "@/files/0/a.ipc"}};
  CHECK(job.words("/job/ipcvet", "3", "/job") ==
        std::vector<std::string>{"/job/ipcvet", "run", "--journal", "3", "--filter=@/odd", "/job/files/0/a.ipc"});
}

TEST_CASE("a job's directory holds what is carried inside") {
  const Directory directory;
  JobParts parts;
  parts.arguments = {"--repeat", "2"};
  parts.program = "/proc/self/exe";
  parts.cases = {{"pipe/one.ipc", "case one"}};
  parts.files = {{"../elsewhere/a.ipc", "A"}, {"/b/a.ipc", "B"}};
  const auto job = lay_out(parts, directory.path);
  REQUIRE(job);
  CHECK(job->arguments ==
        std::vector<std::string>{"--repeat", "2", "--cases", "@/cases", "@/files/0/a.ipc", "@/files/1/a.ipc"});
  CHECK(content(directory.path + "/cases/pipe/one.ipc") == "case one");
  CHECK(content(directory.path + "/files/1/a.ipc") == "B");
  CHECK(std::filesystem::is_regular_file(directory.path + "/ipcvet"));
  REQUIRE(write_init_words(*job, "/dev/ttyS1"));
  CHECK(content(directory.path + "/words").starts_with("/job/ipcvet\nrun\n--journal\n/dev/ttyS1\n--repeat\n2\n"));
  remove_tree(directory.path);
  CHECK_FALSE(std::filesystem::exists(directory.path));
}

TEST_CASE("words of more than one line cannot be carried inside") {
  const Directory directory;
  CHECK_FALSE(write_init_words(Job{.directory = directory.path, .arguments = {"--filter=a\nb"}}, "3"));
}

TEST_CASE("only a static program is taken for elsewhere") {
  CHECK_FALSE(static_program("/etc/passwd"));
  CHECK_FALSE(static_program("/nowhere"));
  CHECK(wants_loader("/proc/self/exe").has_value());
  CHECK_FALSE(wants_loader("/etc/passwd").has_value());
}

TEST_CASE("nothing but the first process called init switches a machine off") { CHECK_FALSE(is_init("/init")); }

TEST_CASE("a program named by a relative path is found from another directory, too") {
  const Directory directory;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(directory.path);
  std::filesystem::create_symlink("/proc/self/exe", "program");
  const auto found = find_program("./program");
  std::filesystem::current_path(before);
  REQUIRE(found);
  CHECK(std::filesystem::path(*found).is_absolute());
  CHECK(access(found->c_str(), X_OK) == 0);
}
