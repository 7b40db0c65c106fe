// The model of shared memory on small cases with a planted wrong expectation: each must be told.
#include <catch2/catch_test_macros.hpp>

#include "harness/case/parser.h"
#include "harness/model/checker.h"

using namespace ipcvet;

namespace {

std::string checked(const std::string &steps) {
  const auto c = parse("case  posix-shm/test\nbrief \"test\"\nspec  posix/mmap/shared  shall\n\n" + steps, "test.ipc");
  REQUIRE(c);
  const auto setting = model::make_setting(Profile::linux_, {});
  const model::CheckResult r = model::check(expand(*c)[0], setting);
  if (r.kind == model::CheckResult::Kind::agrees) return "agrees";
  if (r.kind == model::CheckResult::Kind::unmodelled) return "not modelled: " + r.why;
  return r.line + ": " + r.why + " (" + r.requirement + ")";
}

const std::string object = R"(P  shm_open("/o", O_CREAT|O_RDWR, 0600) = f
P  ftruncate(f, PAGE_SIZE*2) = 0
P  mmap(NULL, PAGE_SIZE*2, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0) = m
)";
const std::string copy = object + "P  mmap(NULL, PAGE_SIZE, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0) = p\n";
const std::string sealed = "P  memfd_create(\"o\", MFD_ALLOW_SEALING) = f\nP  ftruncate(f, 100) = 0\n";

}  // namespace

TEST_CASE("a shared store is seen by parent, child, read() and later mappings, and nothing else is predicted") {
  const std::string start = object + "P  fork() = W\nW  m[0] := \"abc\"\n";
  CHECK(checked(start + "P  m[0] == \"abc\"\nP  pread(f, \"abc\", 3, 0) = 3\n") == "agrees");
  CHECK(checked(start + "P  m[0] == \"abd\"\n") ==
        "P  m[0] == \"abd\": the model predicts that it holds \"abc\" (posix/mmap/shared)");
}

TEST_CASE("a private store stays with its process") {
  CHECK(checked(copy + "P  p[0] := \"x\"\nP  m[0] == \"\\0\"\n") == "agrees");
  CHECK(checked(copy + "P  p[0] := \"x\"\nP  m[0] == \"x\"\n") ==
        "P  m[0] == \"x\": the model predicts that it holds \"\\0\" (posix/mmap/shared)");
  CHECK(checked(copy + "P  p[0] := \"x\"\nP  fork() = W\nW  p[0] := \"y\"\nP  p[0] == \"y\"\n") ==
        "P  p[0] == \"y\": the model predicts that it holds \"x\" (posix/mmap/shared)");
}

TEST_CASE("faults are predicted with their signal, code and address") {
  const std::string cut = object + "P  ftruncate(f, PAGE_SIZE) = 0\nP  m[PAGE_SIZE] == \"\\0\"\n";
  CHECK(checked(cut + "P  --- SIGBUS {si_code: BUS_ADRERR, si_addr: m+PAGE_SIZE}\n") == "agrees");
  CHECK(checked(cut) ==
        "P  m[PAGE_SIZE] == \"\\0\": the model predicts that it raises -1 SIGBUS (posix/signal/bus-adrerr)");
  CHECK(checked(cut + "P  --- SIGSEGV\n") == "P  --- SIGSEGV: the model predicts SIGBUS ()");
  CHECK(checked(object + "P  mprotect(m, PAGE_SIZE, PROT_READ) = 0\nP  m[0] := \"x\"\n") ==
        "P  m[0] := \"x\": the model predicts that it raises -1 SIGSEGV (posix/signal/segv-accerr)");
  CHECK(checked(object + "P  m[0] := \"x\"\nP  --- SIGSEGV\n") ==
        "P  m[0] := \"x\": the model predicts that the access completes (posix/mmap/shared)");
}

TEST_CASE("a store that faults midway has stored what is before the fault") {
  CHECK(checked(object + "P  ftruncate(f, PAGE_SIZE) = 0\nP  m[PAGE_SIZE-2] := \"abcd\"\nP  --- SIGBUS\n"
                         "P  m[PAGE_SIZE-2] == \"ab\"\n") == "agrees");
}

TEST_CASE("an address the case never had is not the model's to judge") {
  CHECK(checked(object + "P  m[PAGE_SIZE*2] == \"x\"\n") ==
        "not modelled: an address where the actor may have something of its own");
}

TEST_CASE("seals forbid what they say, and nothing else") {
  CHECK(checked(sealed + "P  fcntl(f, F_ADD_SEALS, F_SEAL_SHRINK) = 0\nP  ftruncate(f, 99) = 0\n") ==
        "P  ftruncate(f, 99) = 0: the model predicts = -1 EPERM, and the line allows 0 (linux/seals/shrink)");
  CHECK(checked(sealed + "P  fcntl(f, F_ADD_SEALS, F_SEAL_SHRINK) = 0\nP  ftruncate(f, 101) = -1 EPERM\n") ==
        "P  ftruncate(f, 101) = -1 EPERM: the model predicts = 0, and the line allows -1 EPERM "
        "(posix/ftruncate/grow-zero)");
  CHECK(checked(sealed + "P  mmap(NULL, 100, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0) = m\n"
                         "P  fcntl(f, F_ADD_SEALS, F_SEAL_WRITE) = 0\n") ==
        "P  fcntl(f, F_ADD_SEALS, F_SEAL_WRITE) = 0: the model predicts = -1 EBUSY, and the line allows 0 "
        "(linux/seals/write-busy)");
}

TEST_CASE("a name goes at once, its object with the last of its users") {
  CHECK(checked(object + "P  shm_unlink(\"/o\") = 0\nP  m[0] := \"x\"\nP  pread(f, \"x\", 1, 0) = 1\n") == "agrees");
  CHECK(checked(object + "P  shm_unlink(\"/o\") = 0\nP  shm_open(\"/o\", O_RDWR, 0) = -1 EACCES\n") ==
        "P  shm_open(\"/o\", O_RDWR, 0) = -1 EACCES: the model predicts = -1 ENOENT, and the line allows -1 EACCES "
        "(posix/shm-open/enoent)");
}

TEST_CASE("a futex in shared memory is one word, in private memory one for each process") {
  const std::string wait = "P  fork() = W\nW  futex_wait(ADDRESS, 0) ...\nP  futex_wake(ADDRESS, 1) = RESULT\n";
  const auto with = [&](const std::string &address, const std::string &result) {
    std::string text = wait;
    for (size_t at = 0; (at = text.find("ADDRESS")) != std::string::npos;) text.replace(at, 7, address);
    return text.replace(text.find("RESULT"), 6, result);
  };
  CHECK(checked(object + with("m", "1") + "W  ... futex_wait(m, 0) = 0\n") == "agrees");
  CHECK(checked(object + with("m", "0")) ==
        "P  futex_wake(m, 1) = 0: the model predicts = 1, and the line allows 0 (linux/futex/wait-and-wake)");
  CHECK(checked(copy + with("p", "0") + "W  ...\n") == "agrees");
}
