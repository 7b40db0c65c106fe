#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "harness/target/job.h"
#include "harness/target/vm_kernel.h"
#include "harness/target/vm_machine.h"

namespace ipcvet {
namespace {

// A head as the boot protocol wants it: the magic, and where the version's text is.
std::string x86_image(const std::string &version) {
  std::string image(0x1000, '\0');
  image.replace(0x202, 4, "HdrS");
  image[0x20e] = 0x40;
  image[0x20f] = 0x02;
  image.replace(0x440, version.size(), version);
  return image;
}

TEST_CASE("an image tells its machine and version, and what is none is not taken for one") {
  const auto x86 = image_facts(x86_image("6.1.0-50-cloud-amd64 (someone) #1 SMP"));
  REQUIRE(x86);
  CHECK(x86->arch == Arch::x86_64);
  CHECK(x86->version == "6.1.0-50-cloud-amd64");
  const auto outside = image_facts(x86_image("").replace(0x20f, 1, "\x7f"));
  REQUIRE(outside);
  CHECK(outside->version.empty());
  const auto arm = image_facts(std::string(0x38, '\0') + "ARM\x64" + std::string(100, '\0'));
  REQUIRE(arm);
  CHECK(arm->arch == Arch::aarch64);
  CHECK(!image_facts(""));
  CHECK(!image_facts("HdrS"));
  CHECK(!image_facts(std::string(70000, 'x')));
}

TEST_CASE("kernels are found by path, or by name where they were fetched") {
  const auto place = make_job_directory();
  REQUIRE(place);
  setenv("IPCVET_KERNELS", place->c_str(), 1);
  std::filesystem::create_directories(*place + "/6.1/modules");
  std::filesystem::create_directories(*place + "/empty");
  REQUIRE(write_file(*place + "/6.1/vmlinuz", x86_image("6.1.0 (x)")));
  REQUIRE(write_file(*place + "/text", "no kernel"));

  CHECK(fetched_kernels() == std::vector<std::string>{"6.1"});
  const auto named = find_kernel("6.1");
  REQUIRE(named);
  CHECK(named->image == *place + "/6.1/vmlinuz");
  CHECK(named->modules == *place + "/6.1/modules");
  CHECK(named->version == "6.1.0");
  const auto path = find_kernel(*place + "/6.1/vmlinuz");
  REQUIRE(path);
  CHECK(path->modules.empty());
  const auto with_modules = find_kernel(*place + "/6.1/vmlinuz@" + *place + "/empty");
  REQUIRE(with_modules);
  CHECK(with_modules->modules == *place + "/empty");

  CHECK(find_kernel("6.6").error() ==
        "no kernel `6.6` was fetched (ci/kernels fetches some; a file is named by a path with a slash)");
  CHECK(find_kernel(*place + "/none").error() == *place + "/none cannot be read");
  CHECK(find_kernel(*place + "/text").error() ==
        *place + "/text is no kernel image (a bzImage, vmlinuz or arm64 Image)");
  CHECK(find_kernel("6.1@/nowhere").error() == "/nowhere is no directory of modules");
  unsetenv("IPCVET_KERNELS");
  remove_tree(*place);
}

TEST_CASE("a machine has a console on descriptor 1, a journal on 3, no disk and no network") {
  const auto words = machine_words({Arch::x86_64, Accel::tcg, 2, "/k", "/i"});
  const auto follows = [&](const char *option, const char *value) {
    const auto at = std::adjacent_find(words.begin(), words.end(),
                                       [&](const auto &a, const auto &b) { return a == option && b == value; });
    return at != words.end();
  };
  CHECK(words[0] == "qemu-system-x86_64");
  CHECK(follows("-accel", "tcg,thread=multi"));
  CHECK(follows("-cpu", "max,-cx16"));
  CHECK(follows("-smp", "2"));
  CHECK(follows("-kernel", "/k"));
  CHECK(follows("-initrd", "/i"));
  CHECK(follows("-nic", "none"));
  CHECK(follows("-serial", "stdio"));
  CHECK(follows("-add-fd", "fd=3,set=1"));
  CHECK(std::find(words.begin(), words.end(), "-no-reboot") != words.end());
  const auto fast = machine_words({Arch::x86_64, Accel::kvm, 1, "/k", "/i"});
  CHECK(std::find(fast.begin(), fast.end(), "host") != fast.end());
  CHECK(machine_words({Arch::aarch64, Accel::tcg, 1, "/k", "/i"})[0] == "qemu-system-aarch64");
}

}  // namespace
}  // namespace ipcvet
