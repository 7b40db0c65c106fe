// poll(), select() and epoll.
#include <algorithm>

#include "harness/mechanism/descriptor/rules.h"
#include "harness/mechanism/pipe/rules.h"
#include "harness/mechanism/signal/rules.h"
#include "harness/model/fields.h"

namespace ipcvet::model {
namespace {

// Whether a call waits where it finds nothing, and with which signal mask.
struct Patience {
  bool waits = false;
  std::optional<SignalSet> mask{};
};

// Each attempt begins with the thread's own mask; who waits has the one of the call.
void put_mask_back(Attempt &a) {
  if (!a.op.old_mask) return;
  a.edit_thread().mask = *a.op.old_mask;
  a.op.old_mask.reset();
}

void wait(Attempt &a, const Patience &patience, const Rule &rule) {
  if (patience.mask) {
    a.op.old_mask = a.thread().mask;
    a.edit_thread().mask = *patience.mask;
  }
  a.blocks(rule);
}

// Of a call that need not wait: whether a signal that its mask lets through comes first is not said.
bool is_met_by_a_signal(Attempt &a, const Patience &patience) {
  const SignalSet pending = a.thread().pending.set() | a.process().pending.set();
  const bool met = !a.waiting() && patience.mask && (pending & ~*patience.mask) != 0;
  if (met) a.unmodelled("a call that need not wait, and a signal that its mask lets through");
  return met;
}

// The mask in argument i of a call; nothing if the attempt has ended.
std::optional<Patience> with_mask(Attempt &a, bool waits, uint32_t i) {
  put_mask_back(a);
  if (a.is_word(i, "bad")) return a.fails(RULE("linux/process/efault"), "EFAULT"), std::nullopt;
  if (a.is_word(i, "NULL")) return Patience{waits, {}};
  return Patience{waits, signals_of(a.arg(i)) & ~unblockable_signals(a.setting)};
}

// The same with a time in argument `i`. What is long does not run out while a case runs.
std::optional<Patience> with_time_and_mask(Attempt &a, uint32_t i, uint32_t mask, const Rule &invalid) {
  constexpr int64_t second = 1000000000, long_time = 60;
  if (a.is_word(i, "bad")) return a.unmodelled("a time at a bad address, which the C library reads"), std::nullopt;
  const bool limited = a.arg(i).as<Value::Record>() != nullptr;
  const int64_t sec = limited ? int_field(a.arg(i), "sec") : 0, nsec = limited ? int_field(a.arg(i), "nsec") : 0;
  const bool wrong = sec < 0 || nsec < 0 || nsec >= second;
  if (wrong && a.is_word(mask, "bad")) return a.unmodelled("a bad time and a bad mask"), std::nullopt;
  if (wrong) return a.fails(invalid, "EINVAL"), std::nullopt;
  return with_mask(a, !limited || sec >= long_time, mask);
}

const Rule &poll_rule(const Attempt &a, int64_t seen) {
  if ((seen & a.k.POLLNVAL_) != 0) return RULE("posix/poll/nval");
  if ((seen & a.k.POLLERR_) != 0) return RULE("linux/poll/pipe-err");
  if ((seen & a.k.POLLHUP_) != 0) return RULE("posix/poll/pipe-hup");
  if ((seen & a.k.POLLOUT_) != 0) return RULE("posix/poll/pipe-writable");
  return RULE("posix/poll/pipe-readable");
}

// What poll() tells of one entry.
int64_t polled(const Attempt &a, const Value &entry) {
  const int64_t fd = int_field(entry, "fd");
  if (fd < 0) return 0;
  const int32_t f = file_of(a.process(), fd);
  if (f < 0 || a.file_at(f).kind == File::Kind::path) return a.k.POLLNVAL_;
  return readiness(a, f) & (int_field(entry, "events") | a.k.POLLERR_ | a.k.POLLHUP_);
}

void poll_for(Attempt &a, const Patience &patience) {
  if (!a.waiting() && (a.number(1) < 0 || a.number(1) > open_files_limit(a, a.process())))
    return a.fails(RULE("posix/poll/einval"), "EINVAL");
  const auto *list = a.arg(0).as<Value::List>();
  if (!list && a.number(1) > 0) return a.fails(RULE("linux/process/efault"), "EFAULT");
  std::vector<Value> out;
  int64_t count = 0, seen = 0;
  for (size_t i = 0; list && i < list->items.size(); ++i) {
    const Value &entry = list->items[i];
    const bool asked = static_cast<int64_t>(i) < a.number(1);
    if (asked) look_at(a, file_of(a.process(), int_field(entry, "fd")));
    const int64_t events = asked ? polled(a, entry) : 0;
    seen |= events;
    if (events != 0) ++count;
    out.push_back(Value::record(
        {{"fd", Value::integer(int_field(entry, "fd"))}, {"revents", asked ? Value::integer(events) : Value::any()}}));
  }
  if (count == 0 && patience.waits) return wait(a, patience, RULE("posix/poll/wakes"));
  if (is_met_by_a_signal(a, patience)) return;
  if (list) a.fills(0, Value::list(std::move(out)));
  a.returns(poll_rule(a, seen), count);
}

void poll_call(Attempt &a) { poll_for(a, {a.number(2) < 0, {}}); }

void ppoll_call(Attempt &a) {
  if (const auto patience = with_time_and_mask(a, 2, 3, RULE("linux/ppoll/einval-time"))) poll_for(a, *patience);
}

void poll_interrupted(Attempt &a) {
  put_mask_back(a);
  a.fails(RULE("linux/signal/poll-not-restarted"), "EINTR");
}

struct Set {
  bool given = false;
  bool unknown = false;  // of a number that is taken and not yet open
  std::vector<Value> ready{};
};

// The members of a set that are ready for these events; false if one is not open. Linux writes back whole words, so a
// number beyond the last word it was asked for stays as it was.
bool selected(Attempt &a, uint32_t i, int64_t events, Set &set, int64_t &count) {
  const auto *list = a.arg(i).as<Value::List>();
  set.given = list != nullptr;
  constexpr int64_t word = 64;
  const int64_t written = (a.number(0) + word - 1) / word * word;
  for (size_t n = 0; list && n < list->items.size(); ++n) {
    const auto *fd = list->items[n].as<Value::Int>();
    if (fd && fd->value >= written) set.ready.push_back(Value::integer(fd->value));
    const auto same = [fd](const Value &v) { return fd && v == Value::integer(fd->value); };
    const auto begin = list->items.begin();
    if (std::any_of(begin, begin + static_cast<ptrdiff_t>(n), same)) continue;  // it is a set
    if (!fd || fd->value >= a.number(0)) continue;
    const int32_t f = file_of(a.process(), fd->value);
    if (f == reserved_file) set.unknown = true;
    if (f < 0) return f == reserved_file;
    look_at(a, f);
    // Linux takes a descriptor that cannot be asked for one that is ready in every way.
    if (a.file_at(f).kind != File::Kind::path && (readiness(a, f) & events) == 0) continue;
    set.ready.push_back(Value::integer(fd->value));
    ++count;
  }
  std::sort(set.ready.begin(), set.ready.end(),
            [](const Value &x, const Value &y) { return x.as<Value::Int>()->value < y.as<Value::Int>()->value; });
  return true;
}

void select_for(Attempt &a, const Patience &patience) {
  const Numerals &k = a.k;
  if (a.number(0) < 0) return a.fails(RULE("posix/select/errors"), "EINVAL");
  const int64_t events[3] = {k.POLLIN_ | k.POLLRDNORM_ | k.POLLHUP_ | k.POLLERR_,
                             k.POLLOUT_ | k.POLLWRNORM_ | k.POLLERR_, k.POLLPRI_};
  Set sets[3];
  int64_t count = 0;
  for (uint32_t i = 0; i < 3; ++i)
    if (!selected(a, i + 1, events[i], sets[i], count)) return a.fails(RULE("posix/select/errors"), "EBADF");
  if (sets[0].unknown || sets[1].unknown || sets[2].unknown)
    return a.unmodelled("select() of a number that a waiting open has taken");
  if (count == 0 && patience.waits) return wait(a, patience, RULE("posix/select/pipe"));
  if (is_met_by_a_signal(a, patience)) return;
  for (uint32_t i = 0; i < 3; ++i)
    if (sets[i].given) a.fills(i + 1, Value::list(std::move(sets[i].ready)));
  a.returns(RULE("posix/select/pipe"), count);
}

void select_call(Attempt &a) { select_for(a, {a.number(4) < 0, {}}); }

void pselect_call(Attempt &a) {
  if (const auto patience = with_time_and_mask(a, 4, 5, RULE("posix/pselect/einval-time"))) select_for(a, *patience);
}

void epoll_create_call(Attempt &a) {
  if ((a.number(0) & ~a.k.EPOLL_CLOEXEC_) != 0) return a.fails(RULE("linux/epoll/errors"), "EINVAL");
  const auto fd = lowest_free(a, a.process());
  if (!fd) return a.fails(RULE("linux/epoll/errors"), "EMFILE");
  File f;
  f.kind = File::Kind::epoll;
  f.reads = f.writes = true;
  f.epoll = static_cast<int32_t>(a.world.epolls.add({}));
  put_descriptor(a.world, a.process_id(), *fd, add_file(a.world, f), (a.number(0) & a.k.EPOLL_CLOEXEC_) != 0);
  a.returns(RULE("linux/epoll/level"), *fd);
}

int64_t watched_events(const Attempt &a, int64_t events) { return events | a.k.EPOLLERR_ | a.k.EPOLLHUP_; }

void make_ready(Epoll &epoll, size_t watch) {
  if (std::find(epoll.ready.begin(), epoll.ready.end(), watch) == epoll.ready.end())
    epoll.ready.push_back(static_cast<uint32_t>(watch));
}

// A change of what is watched looks at once whether it is ready.
void arm(Attempt &a, Epoll &epoll, size_t i) {
  Epoll::Watch &w = epoll.watches[i];
  w.events = int_field(a.arg(3), "events");
  w.data = int_field(a.arg(3), "data");
  w.armed = true;
  if ((readiness(a, w.file) & watched_events(a, w.events)) != 0) make_ready(epoll, i);
}

void epoll_ctl_call(Attempt &a) {
  const bool takes_event = a.number(1) != a.k.EPOLL_CTL_DEL_;
  if (takes_event && (a.is_word(3, "NULL") || a.is_word(3, "bad")))
    return a.fails(RULE("linux/epoll/errors"), "EFAULT");
  const int32_t e = file_of(a.process(), a.number(0, -1));
  const int64_t fd = a.number(2, -1);
  const int32_t f = file_of(a.process(), fd);
  const auto opens_nothing = [&a](int32_t file) { return file < 0 || a.file_at(file).kind == File::Kind::path; };
  if (opens_nothing(e) || opens_nothing(f)) return a.fails(RULE("linux/epoll/errors"), "EBADF");
  if (a.file_at(f).kind == File::Kind::regular || a.file_at(f).kind == File::Kind::directory)
    return a.fails(RULE("linux/epoll/errors"), "EPERM");
  const bool no_epoll = a.file_at(e).kind != File::Kind::epoll;
  if (no_epoll && a.file_at(f).kind == File::Kind::null) return a.unmodelled("epoll_ctl() with two reasons to fail");
  if (e == f || no_epoll) return a.fails(RULE("linux/epoll/errors"), "EINVAL");
  if (a.file_at(f).kind != File::Kind::pipe) return a.unmodelled("epoll of this kind of file");
  if (a.number(1) != a.k.EPOLL_CTL_ADD_ && a.number(1) != a.k.EPOLL_CTL_MOD_ && takes_event)
    return a.fails(RULE("linux/epoll/errors"), "EINVAL");
  if (takes_event && (int_field(a.arg(3), "events") & a.k.EPOLLEXCLUSIVE_) != 0)
    return a.unmodelled("an exclusive entry");
  Epoll &epoll = a.world.epolls.edit(static_cast<size_t>(a.file_at(e).epoll));
  auto it = std::find_if(epoll.watches.begin(), epoll.watches.end(),
                         [&](const Epoll::Watch &w) { return w.fd == fd && w.file == f; });
  const bool known = it != epoll.watches.end();
  if (a.number(1) == a.k.EPOLL_CTL_ADD_) {
    if (known) return a.fails(RULE("linux/epoll/errors"), "EEXIST");
    epoll.watches.push_back({static_cast<int32_t>(fd), f, 0, 0, true});
    arm(a, epoll, epoll.watches.size() - 1);
    return a.returns(RULE("linux/epoll/level"));
  }
  if (!known) return a.fails(RULE("linux/epoll/errors"), "ENOENT");
  const auto index = static_cast<size_t>(it - epoll.watches.begin());
  if (a.number(1) == a.k.EPOLL_CTL_MOD_) {
    arm(a, epoll, index);
    return a.returns(RULE("linux/epoll/oneshot"));
  }
  it->file = -1;
  it->armed = false;
  std::erase(epoll.ready, static_cast<uint32_t>(index));
  a.returns(RULE("linux/epoll/level"));
}

const Rule &epoll_rule(const Attempt &a, const Epoll::Watch &w) {
  if ((w.events & a.k.EPOLLONESHOT_) != 0) return RULE("linux/epoll/oneshot");
  if ((w.events & a.k.EPOLLET_) != 0) return RULE("linux/epoll/edge");
  return a.waiting() ? RULE("linux/epoll/wakes") : RULE("linux/epoll/level");
}

// Takes what is ready off the list in its order; what is watched by level goes back to its end.
std::vector<Value> report(Attempt &a, Epoll &epoll, int64_t most, const Rule *&rule) {
  std::vector<Value> out;
  std::vector<uint32_t> later, left;
  for (const uint32_t i : epoll.ready) {
    Epoll::Watch &w = epoll.watches[i];
    if (static_cast<int64_t>(out.size()) == most) {
      left.push_back(i);
      continue;
    }
    const int64_t events = readiness(a, w.file) & watched_events(a, w.events);
    if (!w.armed || events == 0) continue;
    out.push_back(Value::record({{"events", Value::integer(events)}, {"data", Value::integer(w.data)}}));
    rule = &epoll_rule(a, w);
    if ((w.events & a.k.EPOLLONESHOT_) != 0)
      w.armed = false;
    else if ((w.events & a.k.EPOLLET_) == 0)
      later.push_back(i);
  }
  left.insert(left.end(), later.begin(), later.end());
  epoll.ready = std::move(left);
  return out;
}

bool has_events(const Attempt &a, const Epoll::Watch &w) {
  return w.armed && (readiness(a, w.file) & watched_events(a, w.events)) != 0;
}

// Of entries for one end of a pipe any may come first: they became ready at once.
bool is_tied(const Attempt &a, const Epoll &epoll) {
  std::vector<std::pair<int32_t, bool>> ends;
  for (const uint32_t i : epoll.ready) {
    const Epoll::Watch &w = epoll.watches[i];
    if (!has_events(a, w)) continue;
    const std::pair end{a.file_at(w.file).pipe, a.file_at(w.file).reads};
    if (std::find(ends.begin(), ends.end(), end) != ends.end()) return true;
    ends.push_back(end);
  }
  return false;
}

void epoll_wait_for(Attempt &a, const Patience &patience) {
  const int32_t e = a.file(0);
  if (e < 0 || a.file_at(e).kind == File::Kind::path) return a.fails(RULE("linux/epoll/errors"), "EBADF");
  if (a.file_at(e).kind != File::Kind::epoll || a.number(2) <= 0) return a.fails(RULE("linux/epoll/errors"), "EINVAL");
  const bool nowhere = a.is_word(1, "NULL") || a.is_word(1, "bad");
  if (nowhere) look_at(a, e);
  if (nowhere && (readiness(a, e) & a.k.POLLIN_) != 0) return a.fails(RULE("linux/epoll/errors"), "EFAULT");
  if (is_tied(a, a.world.epolls[static_cast<size_t>(a.file_at(e).epoll)]))
    return a.unmodelled("the order of entries that became ready at once");
  const Rule *rule = &RULE("linux/epoll/level");
  std::vector<Value> events =
      report(a, a.world.epolls.edit(static_cast<size_t>(a.file_at(e).epoll)), a.number(2), rule);
  if (events.empty() && patience.waits) return wait(a, patience, RULE("linux/epoll/wakes"));
  if (is_met_by_a_signal(a, patience)) return;
  const auto count = static_cast<int64_t>(events.size());
  if (!nowhere) a.fills(1, Value::list(std::move(events)));
  a.returns(*rule, count);
}

void epoll_wait_call(Attempt &a) { epoll_wait_for(a, {a.number(3) < 0, {}}); }

void epoll_pwait_call(Attempt &a) {
  if (const auto patience = with_mask(a, a.number(3) < 0, 4)) epoll_wait_for(a, *patience);
}

}  // namespace

void look_at(Attempt &a, int32_t file) {
  if (file < 0 || a.file_at(file).kind != File::Kind::epoll) return;
  const auto at = static_cast<size_t>(a.file_at(file).epoll);
  const auto &ready = a.world.epolls[at].ready;
  const auto first = std::find_if(ready.begin(), ready.end(),
                                  [&](uint32_t i) { return has_events(a, a.world.epolls[at].watches[i]); });
  if (first == ready.begin()) return;
  const auto stale = first - ready.begin();
  auto &list = a.world.epolls.edit(at).ready;
  list.erase(list.begin(), list.begin() + stale);
}

int64_t readiness(const Attempt &a, int32_t file) {
  const File &f = a.file_at(file);
  const Numerals &k = a.k;
  const int64_t in = k.POLLIN_ | k.POLLRDNORM_, out = k.POLLOUT_ | k.POLLWRNORM_;
  if (f.kind == File::Kind::epoll) {
    const Epoll &epoll = a.world.epolls[static_cast<size_t>(f.epoll)];
    const bool any = std::any_of(epoll.ready.begin(), epoll.ready.end(),
                                 [&](uint32_t i) { return has_events(a, epoll.watches[i]); });
    return any ? in : 0;
  }
  if (f.kind != File::Kind::pipe) return in | out;
  const Pipe &p = pipe_of(a, file);
  int64_t mask = 0;
  if (f.reads) mask |= (p.empty() ? 0 : in) | (p.writers == 0 && f.writers_at_open != p.writer_opens ? k.POLLHUP_ : 0);
  if (f.writes) mask |= (p.full() ? 0 : out) | (p.readers == 0 ? k.POLLERR_ : 0);
  return mask;
}

void tell_watchers(World &world, const Setting &setting, int32_t pipe, bool readers, int64_t events) {
  for (size_t e = 0; e < world.epolls.size(); ++e) {
    const Epoll &epoll = world.epolls[e];
    for (size_t i = 0; i < epoll.watches.size(); ++i) {
      const Epoll::Watch &w = epoll.watches[i];
      if (w.file < 0 || !w.armed) continue;
      const File &f = world.files[static_cast<size_t>(w.file)];
      const int64_t wanted = w.events | setting.k.EPOLLERR_ | setting.k.EPOLLHUP_;
      if (f.pipe == pipe && (readers ? f.reads : f.writes) && (events == 0 || (events & wanted) != 0))
        make_ready(world.epolls.edit(e), i);
    }
  }
}

void forget_watches(World &world, int32_t file) {
  for (size_t e = 0; e < world.epolls.size(); ++e)
    for (size_t i = 0; i < world.epolls[e].watches.size(); ++i) {
      if (world.epolls[e].watches[i].file != file) continue;
      Epoll &epoll = world.epolls.edit(e);
      epoll.watches[i].file = -1;
      epoll.watches[i].armed = false;
      std::erase(epoll.ready, static_cast<uint32_t>(i));
    }
}

std::span<const CallRule> wait_rules() {
  using enum CallRule::Interrupted;
  static constexpr CallRule table[] = {
      {"poll", poll_call, eintr, poll_interrupted},
      {"select", select_call, eintr, poll_interrupted},
      {"ppoll", ppoll_call, eintr, poll_interrupted},
      {"pselect", pselect_call, eintr, poll_interrupted},
      {"epoll_create1", epoll_create_call},
      {"epoll_ctl", epoll_ctl_call},
      {"epoll_wait", epoll_wait_call, also_by_stop, poll_interrupted},
      {"epoll_pwait", epoll_pwait_call, also_by_stop, poll_interrupted},
  };
  return table;
}

}  // namespace ipcvet::model
