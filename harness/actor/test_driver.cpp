#include "harness/actor/test_driver.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "harness/mechanism/table.h"

namespace ipcvet::test {
namespace {

[[noreturn]] void give_up(const char *what) {
  std::perror(what);
  std::abort();
}

void futex_wake(uint32_t *word) { syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, nullptr, nullptr, 0); }

void keep_at(int fd, int number) {
  if (fd >= 0 && dup2(fd, number) < 0) give_up("dup2");
}

// Not every kernel runs 32-bit programs.
bool runs(const std::string &path) {
  return !path.empty() && std::system((path + " --version >/dev/null 2>&1").c_str()) == 0;
}

int image(const std::string &path) { return path.empty() ? -1 : open(path.c_str(), O_PATH | O_CLOEXEC); }

}  // namespace

Images images(std::string_view which) {
  const Images all{ACTOR_NATIVE, ACTOR_I386, ACTOR_MUSL};
  Images chosen = all;
  if (which == "musl") chosen.actor = all.musl;
  if (which == "i386") chosen.actor = all.i386;
  return chosen;
}

std::vector<std::string> built() {
  std::vector<std::string> names{"native"};
  if (runs(ACTOR_MUSL)) names.emplace_back("musl");
  if (runs(ACTOR_I386)) names.emplace_back("i386");
  return names;
}

Driver::Driver(const Images &images) {
  const int memory = memfd_create("ipcvet-area", MFD_CLOEXEC);
  if (memory < 0 || ftruncate(memory, static_cast<off_t>(WIRE_TOTAL)) != 0) give_up("area");
  void *p = mmap(nullptr, WIRE_TOTAL, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
  if (p == MAP_FAILED) give_up("mmap");
  area_ = static_cast<wire_area *>(p);
  area_->magic = WIRE_MAGIC;
  area_->version = WIRE_VERSION;
  const std::string parent = std::to_string(getpid());
  const uint32_t bell = area_->bell;
  server_ = fork();
  if (server_ == 0) {
    const int actor = image(images.actor), i386 = image(images.i386), musl = image(images.musl);
    keep_at(memory, WIRE_SHM_FD);
    keep_at(actor, WIRE_IMAGE_FD);
    keep_at(i386, WIRE_IMAGE_FD + WIRE_IMAGE_I386);
    keep_at(musl, WIRE_IMAGE_FD + WIRE_IMAGE_MUSL);
    execl(images.actor.c_str(), "ipcvet-actor", "--serve", parent.c_str(), nullptr);
    give_up(images.actor.c_str());
  }
  close(memory);
  wait_for_bell(bell);
}

Driver::~Driver() {
  command(WIRE_CMD_QUIT);
  waitpid(server_, nullptr, 0);
  munmap(area_, WIRE_TOTAL);
}

void Driver::wait_for_bell(uint32_t seen) { syscall(SYS_futex, &area_->bell, FUTEX_WAIT, seen, nullptr, nullptr, 0); }

void Driver::command(uint32_t command) {
  wire_server &s = area_->server;
  s.command = command;
  const uint32_t number = __atomic_add_fetch(&s.request, 1, __ATOMIC_SEQ_CST);
  futex_wake(&s.request);
  until([&] { return __atomic_load_n(&s.answer, __ATOMIC_SEQ_CST) == number; });
}

void Driver::start(uint32_t want) {
  area_->server.want = want;
  area_->server.case_number++;
  command(WIRE_CMD_START);
}

void Driver::end() { command(WIRE_CMD_END); }

void Driver::raise_curtain() {
  __atomic_store_n(&area_->stress_go, 1u, __ATOMIC_SEQ_CST);
  futex_wake(&area_->stress_go);
}

uint32_t Driver::encode(uint32_t slot, const In &in, wire_value &out, uint32_t used) {
  auto *data = reinterpret_cast<uint8_t *>(area_) + WIRE_IN(slot);
  out = {.kind = in.kind, .len = 0, .num = in.number, .off = used, .pad = 0};
  if (in.kind == WIRE_BYTES) {
    out.len = static_cast<uint32_t>(in.bytes.size());
    std::memcpy(data + used, in.bytes.data(), in.bytes.size());
    used += (out.len + 7u) & ~7u;
  } else if (in.kind == WIRE_LIST) {
    out.len = static_cast<uint32_t>(in.items.size());
    auto *first = reinterpret_cast<wire_value *>(data + used);
    used += out.len * static_cast<uint32_t>(sizeof(wire_value));
    for (const In &item : in.items) used = encode(slot, item, *first++, used);
  }
  return used;
}

void Driver::post(uint32_t slot, std::string_view name, const std::vector<In> &args, uint32_t child, bool raw) {
  wire_slot &s = area_->slots[slot];
  std::memset(&s.call, 0, sizeof s.call);
  const CallSpec *spec = find_call(name);
  if (spec == nullptr) give_up("unknown call");
  s.call.call = spec->id;
  s.call.child = child;
  s.call.raw = raw ? 1 : 0;
  s.call.nargs = static_cast<uint32_t>(args.size());
  uint32_t used = 0;
  for (size_t i = 0; i < args.size(); ++i) used = encode(slot, args[i], s.call.args[i], used);
  if (child != 0) std::memset(&area_->slots[child], 0, sizeof(wire_slot));
  __atomic_add_fetch(&s.request, 1, __ATOMIC_SEQ_CST);
  futex_wake(&s.request);
}

bool Driver::returned(uint32_t slot) const {
  const wire_slot &s = area_->slots[slot];
  return __atomic_load_n(&s.answer, __ATOMIC_SEQ_CST) == __atomic_load_n(&s.request, __ATOMIC_SEQ_CST);
}

const wire_answer &Driver::answer(uint32_t slot) {
  until([&] { return returned(slot); });
  return area_->slots[slot].reply;
}

const wire_answer &Driver::call(uint32_t slot, std::string_view name, const std::vector<In> &args, uint32_t child,
                                bool raw) {
  post(slot, name, args, child, raw);
  const wire_answer &a = answer(slot);
  if (child != 0 && a.result > 0)
    until([&] { return __atomic_load_n(&area_->slots[child].state, __ATOMIC_SEQ_CST) == WIRE_READY; });
  return a;
}

int64_t Driver::result(uint32_t slot, std::string_view name, const std::vector<In> &args, uint32_t child) {
  return call(slot, name, args, child).result;
}

const wire_value *Driver::out_list(uint32_t slot, const wire_value &value) {
  return reinterpret_cast<wire_value *>(reinterpret_cast<uint8_t *>(area_) + WIRE_OUT(slot) + value.off);
}

std::vector<int64_t> Driver::numbers(uint32_t slot, unsigned arg) {
  const wire_value &v = area_->slots[slot].reply.out[arg];
  std::vector<int64_t> result;
  for (uint32_t i = 0; v.kind == WIRE_LIST && i < v.len; ++i) result.push_back(out_list(slot, v)[i].num);
  return result;
}

std::string Driver::out_bytes(uint32_t slot, const wire_value &v) {
  if (v.kind != WIRE_BYTES) return "(not bytes)";
  return {reinterpret_cast<char *>(area_) + WIRE_OUT(slot) + v.off, v.len};
}

std::string Driver::out_bytes(uint32_t slot, unsigned arg) {
  return out_bytes(slot, area_->slots[slot].reply.out[arg]);
}

int64_t Driver::constant(std::string_view name) {
  return area_->constant[static_cast<size_t>(find_constant(name) - constants().data())];
}

}  // namespace ipcvet::test
