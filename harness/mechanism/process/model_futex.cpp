// Counters and futexes in mapped memory.
#include <algorithm>
#include <array>
#include <cstring>

#include "harness/mechanism/mmap/rules.h"
#include "harness/mechanism/process/rules.h"

namespace ipcvet::model {
namespace {

// Numbers lie in memory as this machine keeps them: the actors run on its like.
int64_t number_in(const std::string &bytes) {
  uint64_t n = 0;
  std::memcpy(&n, bytes.data(), std::min(bytes.size(), sizeof n));
  return static_cast<int64_t>(n);
}

std::string bytes_of(int64_t n) {
  std::string bytes(sizeof n, '\0');
  std::memcpy(bytes.data(), &n, sizeof n);
  return bytes;
}

void add_call(Attempt &a) {
  const Access word = load(a.world, a.setting, a.process_id(), a.number(0), sizeof(int64_t));
  if (word.stop != Access::Stop::none || !word.known)
    return a.unmodelled("a counter in memory the model does not follow");
  const int64_t sum = number_in(word.bytes) + a.number(1);
  const Access stored = store(a.world, a.setting, a.process_id(), a.number(0), bytes_of(sum));
  if (stored.stop != Access::Stop::none) return a.unmodelled("a counter in memory that cannot be stored to");
  a.returns(RULE("scaffold/memory"), sum);
}

// What makes two addresses the same word: the object and place of shared memory, the process and address of its own.
std::array<int64_t, 2> key_of(const Attempt &a, int64_t address) {
  const Location at = locate(a.world, a.process_id(), address);
  const Mapping &m = a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(at.mapping)];
  if (m.shared && m.inode >= 0) return {m.inode, m.offset + at.into};
  return {-1 - static_cast<int64_t>(a.process_id()), address};
}

struct Waiter {
  int64_t turn = 0;
  ActorId actor = nobody;
  bool operator<(const Waiter &other) const { return turn < other.turn; }
};

// Those who wait at this word and have not been woken, in the order they came.
std::vector<Waiter> waiters(const World &world, std::array<int64_t, 2> key) {
  std::vector<Waiter> out;
  for (ActorId t = 0; t < world.threads.size(); ++t) {
    const Thread &thread = world.threads[t];
    if (!thread.lives || !thread.blocked || thread.blocked->call->name != "futex_wait") continue;
    const auto &memo = thread.blocked->memo;
    if (memo[0] == key[0] && memo[1] == key[1] && memo[2] >= 0) out.push_back({memo[2], t});
  }
  std::sort(out.begin(), out.end());
  return out;
}

constexpr int64_t woken = -1;

void futex_wait_call(Attempt &a) {
  if (a.waiting()) {
    if (a.op.memo[2] != woken) return a.blocks(RULE("linux/futex/wait-and-wake"));
    return a.returns(RULE("linux/futex/wait-and-wake"));
  }
  const Access word = load(a.world, a.setting, a.process_id(), a.number(0), 4);
  if (a.number(0) % 4 != 0) return a.fails(RULE("linux/futex/eagain"), "EINVAL");
  if (word.stop == Access::Stop::stray || !word.known)
    return a.unmodelled("a futex in memory the model does not follow");
  if (word.stop != Access::Stop::none) return a.fails(RULE("linux/process/efault"), "EFAULT");
  if (number_in(word.bytes) != (a.number(1) & 0xffffffff)) return a.fails(RULE("linux/futex/eagain"), "EAGAIN");
  const auto key = key_of(a, a.number(0));
  const auto others = waiters(a.world, key);
  a.op.memo = {key[0], key[1], others.empty() ? 0 : others.back().turn + 1, 0};
  a.blocks(RULE("linux/futex/wait-and-wake"));
}

void futex_wake_call(Attempt &a) {
  if (a.number(0) % 4 != 0) return a.fails(RULE("linux/futex/eagain"), "EINVAL");
  const Location at = locate(a.world, a.process_id(), a.number(0));
  if (at.mapping < 0 && !at.once) return a.unmodelled("a futex in memory the model does not follow");
  if (at.mapping < 0) return a.fails(RULE("linux/process/efault"), "EFAULT");
  int64_t count = 0;
  for (const Waiter &w : waiters(a.world, key_of(a, a.number(0)))) {
    if (count >= a.number(1)) break;
    a.world.threads.edit(w.actor).blocked->memo[2] = woken;
    ++count;
  }
  a.returns(RULE("linux/futex/shared-mapping"), count);
}

void futex_interrupted(Attempt &a) { a.fails(RULE("linux/signal/futex-eintr"), "EINTR"); }

}  // namespace

std::span<const CallRule> futex_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"add", add_call},
      {"bump", add_call},
      {"futex_wait", futex_wait_call, restartable, futex_interrupted},
      {"futex_wake", futex_wake_call},
  };
  return table;
}

}  // namespace ipcvet::model
