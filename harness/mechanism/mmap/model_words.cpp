// The memory steps, counters and futexes.
#include "harness/mechanism/mmap/ranges.h"

namespace ipcvet::model {
namespace {

using Stop = Access::Stop;

SignalInfo fault(int64_t signo, int64_t code, int64_t address) {
  SignalInfo info;
  info.signo = static_cast<int>(signo);
  info.code = code;
  info.address = address;
  return info;
}

// How an access that stopped ends the step.
void stopped(Attempt &a, const Access &access, int64_t at) {
  const Numerals &k = a.k;
  switch (access.stop) {
    case Stop::unmapped:
      return a.faults(RULE("posix/signal/segv-maperr"), "SIGSEGV", fault(k.SIGSEGV_, k.SEGV_MAPERR_, at));
    case Stop::forbidden:
      return a.faults(RULE("posix/signal/segv-accerr"), "SIGSEGV", fault(k.SIGSEGV_, k.SEGV_ACCERR_, at));
    case Stop::beyond_end:
      return a.faults(RULE("posix/signal/bus-adrerr"), "SIGBUS", fault(k.SIGBUS_, k.BUS_ADRERR_, at));
    default:
      return a.unmodelled("an address where the actor may have something of its own");
  }
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
  if (access.stop == Stop::stray || !access.known) return a.unmodelled("a word the model does not know"), true;
  if (access.stop != Stop::none) return a.fails(RULE("linux/futex/bad-address"), "EFAULT"), true;
  word = word_at(a, address);
  // A private page becomes the process's own.
  if (word.owner < 0 && store(a.world, a.setting, a.process_id(), address, access.bytes).stop != Stop::none)
    return a.unmodelled("a futex in private memory that cannot be written"), true;
  value = 0;
  for (size_t i = 0; i < 4; ++i) value |= int64_t{static_cast<unsigned char>(access.bytes[i])} << (8 * i);
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

}  // namespace

void store_step(Attempt &a) {
  const std::string *bytes = a.bytes(1);
  if (!bytes) return a.unmodelled("a store of something else than bytes");
  const Access access = store(a.world, a.setting, a.process_id(), a.number(0), *bytes);
  if (access.stop != Stop::none) return stopped(a, access, a.number(0) + access.done);
  a.returns(RULE("posix/mmap/shared"));
}

void load_step(Attempt &a) {
  const Access access = load(a.world, a.setting, a.process_id(), a.number(0), a.number(1));
  if (access.stop != Stop::none) return stopped(a, access, a.number(0) + access.done);
  a.fills(2, access.known ? Value::bytes(access.bytes) : Value::any());
  a.returns(RULE("posix/mmap/shared"));
}

void add_call(Attempt &a) {
  const int64_t address = a.number(0);
  const Access access = load(a.world, a.setting, a.process_id(), address, 8);
  if (access.stop != Stop::none || !access.known) return a.unmodelled("a counter that is not there");
  uint64_t sum = 0;
  for (size_t i = 0; i < 8; ++i) sum |= uint64_t{static_cast<unsigned char>(access.bytes[i])} << (8 * i);
  sum += static_cast<uint64_t>(a.number(1));
  std::string bytes(8, '\0');
  for (size_t i = 0; i < 8; ++i) bytes[i] = static_cast<char>(sum >> (8 * i));
  if (store(a.world, a.setting, a.process_id(), address, bytes).stop != Stop::none)
    return a.unmodelled("a counter that cannot be written");
  a.returns(RULE("posix/memory/synchronised"), static_cast<int64_t>(sum));
}

void futex_wait_call(Attempt &a) {
  if (a.op.memo[woken] != 0) return a.returns(RULE("linux/futex/wait-and-wake"));
  if (a.waiting()) return a.blocks(RULE("linux/futex/wait-and-wake"));
  Word word;
  int64_t value = 0;
  if (no_word(a, word, value)) return;
  if (value != (a.number(1) & 0xffffffff)) return a.fails(RULE("linux/futex/eagain"), "EAGAIN");
  a.op.memo = {0, word.owner, word.place, 0};
  a.blocks(RULE("linux/futex/shared-mapping"));
}

void futex_wake_call(Attempt &a) {
  Word word;
  int64_t value = 0;
  const int64_t most = a.number(1);
  if (most <= 0) return a.unmodelled("futex_wake() of no waiters");
  if (no_word(a, word, value)) return;
  const std::vector<ActorId> who = waiters(a, word);
  const size_t count = std::min(who.size(), static_cast<size_t>(most));
  wake(a, who, 0, count, static_cast<int64_t>(count));
}

}  // namespace ipcvet::model
