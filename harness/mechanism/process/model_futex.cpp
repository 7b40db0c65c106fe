// Counters and futexes in mapped memory.
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

// A word that waiters wait on: of an object, wherever it is mapped, or of one process.
struct Word {
  int64_t owner = 0, place = 0;
  bool operator==(const Word &) const = default;
};

Word word_at(const Attempt &a, int64_t address) {
  const Location l = locate(a.world, a.process_id(), address);
  const Mapping &m = a.world.mappings->of(a.process_id()).mappings[static_cast<size_t>(l.mapping)];
  if (m.shared) return {m.inode, m.offset + l.into};
  return {-1 - int64_t{a.process_id()}, address};
}

// Finds the word and its value; ends the attempt and says true where there is none.
bool no_word(Attempt &a, Word &word, int64_t &value) {
  const int64_t address = a.number(0);
  if (a.is_word(0, "bad") || address == 0) return a.fails(RULE("linux/futex/bad-address"), "EFAULT"), true;
  if (address % 4 != 0) return a.fails(RULE("linux/futex/bad-address"), "EINVAL"), true;
  Access access = load(a.world, a.setting, a.process_id(), address, 4);
  if (access.stop == Access::Stop::stray || !access.known) return a.unmodelled("a word the model does not know"), true;
  if (access.stop != Access::Stop::none) return a.fails(RULE("linux/futex/bad-address"), "EFAULT"), true;
  word = word_at(a, address);
  // A private page becomes the process's own.
  if (word.owner < 0 && store(a.world, a.setting, a.process_id(), address, access.bytes).stop != Access::Stop::none)
    return a.unmodelled("a futex in private memory that cannot be written"), true;
  value = number_in(access.bytes);
  return false;
}

enum Memo : size_t { woken, owner, place_ };

std::vector<ActorId> waiters(const Attempt &a, const Word &word) {
  std::vector<ActorId> out;
  for (ActorId t = 0; t < a.world.threads.size(); ++t) {
    const auto &op = a.world.threads[t].blocked;
    if (op && op->call->name == "futex_wait" && op->memo[woken] == 0 && op->memo[owner] == word.owner &&
        op->memo[place_] == word.place)
      out.push_back(t);
  }
  return out;
}

// Every choice of `left` among the waiters from `from` on.
void wake(Attempt &a, const std::vector<ActorId> &who, size_t from, size_t left, int64_t result) {
  if (left == 0) return a.returns(RULE("linux/futex/wait-and-wake"), result);
  const auto take = [&](Attempt &one) {
    one.world.threads.edit(who[from]).blocked->memo[woken] = 1;
    wake(one, who, from + 1, left - 1, result);
  };
  if (who.size() - from == left) return take(a);
  a.either(take, [&](Attempt &other) { wake(other, who, from + 1, left, result); });
}

void add_call(Attempt &a) {
  const int64_t address = a.number(0);
  const Access access = load(a.world, a.setting, a.process_id(), address, 8);
  if (access.stop != Access::Stop::none || !access.known) return a.unmodelled("a counter that is not there");
  const auto sum =
      static_cast<int64_t>(static_cast<uint64_t>(number_in(access.bytes)) + static_cast<uint64_t>(a.number(1)));
  if (store(a.world, a.setting, a.process_id(), address, bytes_of(sum)).stop != Access::Stop::none)
    return a.unmodelled("a counter that cannot be written");
  a.returns(RULE("posix/memory/synchronised"), sum);
}

void futex_wait_call(Attempt &a) {
  if (a.op.memo[woken] != 0) return a.returns(RULE("linux/futex/wait-and-wake"));
  if (a.waiting() && !a.op.restarted) return a.blocks(RULE("linux/futex/wait-and-wake"));
  Word word;
  int64_t value = 0;
  if (no_word(a, word, value)) return;
  if (value != (a.number(1) & 0xffffffff)) return a.fails(RULE("linux/futex/eagain"), "EAGAIN");
  a.op.memo = {0, word.owner, word.place, 0};
  a.op.restarted = false;
  a.blocks(RULE("linux/futex/shared-mapping"));
}

void futex_wake_call(Attempt &a) {
  Word word;
  int64_t value = 0;
  const int64_t most = a.number(1);
  if (most <= 0) return a.unmodelled("futex_wake() of no waiters");
  if (no_word(a, word, value)) return;
  const std::vector<ActorId> who = waiters(a, word);
  for (const ActorId t : who)  // Linux takes it out of the queue while it is stopped
    if (a.world.process_of(t).state == Process::State::stopped) return a.unmodelled("waking who is stopped");
  const size_t count = std::min(who.size(), static_cast<size_t>(most));
  wake(a, who, 0, count, static_cast<int64_t>(count));
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
