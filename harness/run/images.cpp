#include "harness/run/images.h"

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#define IMAGE(name)                                                                                      \
  extern "C" const unsigned char ipcvet_image_##name[], ipcvet_image_##name##_end[]; /* gen_images.py */ \
  static std::span<const unsigned char> image_##name() { return {ipcvet_image_##name, ipcvet_image_##name##_end}; }

IMAGE(actor)
IMAGE(actor_i386)
IMAGE(actor_musl)
IMAGE(actor_aarch64)
IMAGE(actor_s390x)
IMAGE(actor_riscv64)

namespace ipcvet {
namespace {

struct KnownMachine {
  unsigned number;
  std::string_view name;  // as qemu has it
};
constexpr KnownMachine known_machines[] = {
    {EM_X86_64, "x86_64"}, {EM_386, "i386"}, {EM_AARCH64, "aarch64"}, {EM_S390, "s390x"}, {EM_RISCV, "riscv64"},
};
#if defined(__x86_64__)
constexpr unsigned own_machines[] = {EM_X86_64, EM_386};
#elif defined(__i386__)
constexpr unsigned own_machines[] = {EM_386};
#elif defined(__aarch64__)
constexpr unsigned own_machines[] = {EM_AARCH64};
#elif defined(__s390x__)
constexpr unsigned own_machines[] = {EM_S390};
#elif defined(__riscv)
constexpr unsigned own_machines[] = {EM_RISCV};
#else
constexpr unsigned own_machines[] = {EM_NONE};
#endif

std::string errno_text(const std::string &what) { return what + ": " + std::strerror(errno); }

// An executable file that nobody has open for writing: execve refuses such a one with ETXTBSY.
std::expected<Fd, std::string> file_of(std::span<const unsigned char> bytes) {
  Fd writable(memfd_create("ipcvet-actor", MFD_CLOEXEC));
  if (!writable) return std::unexpected(errno_text("memfd_create of the actor"));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t n = write(writable.get(), bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::unexpected(errno_text("writing out the actor"));
    done += static_cast<size_t>(n);
  }
  if (fchmod(writable.get(), 0555) != 0) return std::unexpected(errno_text("fchmod of the actor"));
  Fd readable(open(("/proc/self/fd/" + std::to_string(writable.get())).c_str(), O_RDONLY | O_CLOEXEC));
  if (!readable) return std::unexpected(errno_text("reopening the actor through /proc"));
  return readable;
}

std::expected<Fd, std::string> actor_file(const std::string &actor) {
  if (actor.empty()) return file_of(embedded_actor());
  if (const Abi *abi = find_abi(actor)) {
    if (abi->program.empty()) return std::unexpected(lack_of(*abi));
    return file_of(abi->program);
  }
  Fd file(open(actor.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return std::unexpected(errno_text(actor));
  return file;
}

std::array<unsigned char, 64> head_of(const Fd &file) {
  std::array<unsigned char, 64> head{};
  if (pread(file.get(), head.data(), head.size(), 0) < 0) head = {};
  return head;
}

// "qemu-s390x version 7.2.22 (Debian ...)": what identifies the emulator in a record.
std::string version_of(const Fd &emulator) {
  const std::string command =
      "/proc/" + std::to_string(getpid()) + "/fd/" + std::to_string(emulator.get()) + " --version";
  std::string text;
  if (FILE *out = popen(command.c_str(), "r")) {
    char line[200] = "";
    if (fgets(line, sizeof line, out)) text = line;
    pclose(out);
  }
  const size_t at = text.find("version ");
  if (at == std::string::npos) return "qemu-user";
  const size_t begin = at + 8;
  return "qemu-user " + text.substr(begin, text.find_first_of(" \n", begin) - begin);
}

std::expected<void, std::string> run_by_emulator(Images &images, const std::string &emulator) {
  if (emulator.empty()) return std::unexpected("the actor program is for a machine that nothing here runs");
  images.runner[WIRE_IMAGE_OWN] = find_emulator(emulator);
  if (!images.runner[WIRE_IMAGE_OWN])
    return std::unexpected("neither " + emulator + " nor " + emulator +
                           "-static is in PATH (packages qemu-user, qemu-user-static)");
  auto server = file_of(embedded_actor());
  if (!server) return std::unexpected(server.error());
  images.server = std::move(*server);
  images.platform = version_of(images.runner[WIRE_IMAGE_OWN]);
  return {};
}

}  // namespace

std::span<const unsigned char> embedded_actor() { return image_actor(); }

const std::vector<Abi> &abis() {
  static const std::vector<Abi> all = {
      {"i386", WIRE_IMAGE_I386, "32-bit x86, glibc", "a gcc that links 32-bit programs (-m32)", image_actor_i386()},
      {"musl", WIRE_IMAGE_MUSL, "this machine, musl", "musl-gcc", image_actor_musl()},
      {"aarch64", WIRE_IMAGE_AARCH64, "64-bit Arm, glibc", "aarch64-linux-gnu-gcc", image_actor_aarch64()},
      {"s390x", WIRE_IMAGE_S390X, "64-bit IBM Z, big-endian, glibc", "s390x-linux-gnu-gcc", image_actor_s390x()},
      {"riscv64", WIRE_IMAGE_RISCV64, "64-bit RISC-V, glibc", "riscv64-linux-gnu-gcc", image_actor_riscv64()},
  };
  return all;
}

const Abi *find_abi(std::string_view name) {
  const auto at = std::find_if(abis().begin(), abis().end(), [&](const Abi &abi) { return abi.name == name; });
  return at == abis().end() ? nullptr : &*at;
}

std::expected<Machine, std::string> machine_of(std::span<const unsigned char> head) {
  if (head.size() < 20 || std::memcmp(head.data(), ELFMAG, SELFMAG) != 0)
    return std::unexpected("the actor is no ELF program");
  const bool little = head[EI_DATA] == ELFDATA2LSB;
  const auto number = static_cast<unsigned>(little ? head[18] | head[19] << 8 : head[19] | head[18] << 8);
  Machine machine;
  machine.own = little == (std::endian::native == std::endian::little) &&
                std::find(std::begin(own_machines), std::end(own_machines), number) != std::end(own_machines);
  for (const KnownMachine &known : known_machines)
    if (known.number == number && !machine.own) machine.emulator = "qemu-" + std::string(known.name);
  return machine;
}

Fd find_emulator(const std::string &name) {
  const char *path = std::getenv("PATH");
  std::string_view rest = path ? path : "/usr/local/bin:/usr/bin:/bin";
  while (!rest.empty()) {
    const std::string folder(rest.substr(0, rest.find(':')));
    rest.remove_prefix(std::min(rest.size(), folder.size() + 1));
    for (const char *ending : {"-static", ""}) {
      const std::string file = folder + "/" + name + ending;
      if (folder.empty() || access(file.c_str(), X_OK) != 0) continue;
      if (Fd fd(open(file.c_str(), O_RDONLY | O_CLOEXEC)); fd) return fd;
    }
  }
  return Fd();
}

std::string lack_of(const Abi &abi) {
  if (abi.program.empty()) return "this build has no actor for it: building one needs " + std::string(abi.compiler);
  const auto machine = machine_of(abi.program);
  if (!machine || machine->own || find_emulator(machine->emulator)) return "";
  return machine->emulator + " is not in PATH (packages qemu-user, qemu-user-static)";
}

std::expected<Images, std::string> open_images(const std::string &actor) {
  Images images;
  auto file = actor_file(actor);
  if (!file) return std::unexpected(file.error());
  // A script or the like is left to the system.
  const auto machine = machine_of(head_of(*file));
  images.program[WIRE_IMAGE_OWN] = std::move(*file);
  if (machine && !machine->own)
    if (auto ready = run_by_emulator(images, machine->emulator); !ready) return std::unexpected(ready.error());
  for (const Abi &abi : abis()) {
    if (abi.program.empty()) continue;
    const auto made_for = machine_of(abi.program);
    if (!made_for) continue;
    if (!made_for->own) images.runner[abi.image] = find_emulator(made_for->emulator);
    if (!made_for->own && !images.runner[abi.image]) continue;
    if (auto program = file_of(abi.program)) images.program[abi.image] = std::move(*program);
  }
  return images;
}

}  // namespace ipcvet
