#include "harness/judge/concurrent.h"

#include <algorithm>
#include <array>

#include "harness/judge/concurrent_model.h"
#include "harness/judge/describe.h"

namespace ipcvet {
namespace {

using Specification = ModelSpecification;
using linear::Answer;
using linear::Linearisation;
using LinearEvent = linear::Event<Specification::Operation, Specification::Result>;
using LinearHistory = linear::History<Specification::Operation, Specification::Result>;

// Calls that touch one object, and neither descriptors nor processes: with nothing else in a history, objects are
// apart.
constexpr std::array<std::string_view, 6> of_one_object{"read", "write", "readv", "writev", "msgsnd", "msgrcv"};

// Calls that a system may perform in more points than the model, seen only by those they overlap: what looks at several
// objects or moves bytes between them, what touches memory or a file's pages one after the other.
constexpr std::array<std::string_view, 25> coarse{
    "splice",      "tee",   "vmsplice", "sendfile", "poll",     "select",    "epoll_wait", "ppoll",  "pselect",
    "epoll_pwait", "shmat", "wait",     "waitpid",  "waitid",   "pread",     "pwrite",     "preadv", "pwritev",
    "dup2",        "dup3",  "mmap",     "munmap",   "mem_load", "mem_store", "close_range"};
// Of files with pages, and of descriptors that several threads share.
constexpr std::array<std::string_view, 4> coarse_on_files{"read", "write", "readv", "writev"};
constexpr std::array<std::string_view, 12> coarse_among_threads{"channel",  "close",        "dup",           "open",
                                                                "openat",   "pipe",         "pipe2",         "creat",
                                                                "shm_open", "memfd_create", "epoll_create1", "fcntl"};
// Calls whose effect goes on after they have returned: an end closes one descriptor after the other and is told last.
constexpr std::array<std::string_view, 8> going_on{"exit", "exec",     "thread_exit", "vfork_exit",
                                                   "kill", "sigqueue", "tgkill",      "stress"};

template <typename List>
bool is_in(const List &list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

struct Translation {
  LinearHistory history{};
  std::vector<uint32_t> from{};  // the event each was
  std::string problem{};
};

class Translator {
 public:
  explicit Translator(const ConcurrentHistory &history) : h_(history) {
    for (const auto &[name, id] : h_.ids) out_.history.actors.push_back(name);
    inside_.resize(h_.ids.size());
  }

  Translation run() {
    for (uint32_t i = 0; i < h_.events.size() && out_.problem.empty(); ++i) event(h_.events[i], i);
    out_.history.actors.emplace_back("the system");
    return std::move(out_);
  }

 private:
  void event(const Event &e, uint32_t i) {
    if (e.kind == Event::Kind::note) {
      if (e.name == rest_note) add({LinearEvent::Kind::rest, 0, {}, {}}, i);
      return;
    }
    const auto at = h_.ids.find(e.actor);
    if (at == h_.ids.end()) return wrong("no number is known of actor " + e.actor);
    const auto actor = static_cast<uint32_t>(std::distance(h_.ids.begin(), at));
    switch (e.kind) {
      case Event::Kind::call:
        return call(e, actor, i);
      case Event::Kind::returned:
        if (!inside_[actor]) return wrong(e.actor + " returned from no call");
        inside_[actor] = false;
        return add({LinearEvent::Kind::returned, actor, {}, {true, {}, e}}, i);
      case Event::Kind::blocked:
      case Event::Kind::still:
        if (!inside_[actor]) return wrong(e.actor + " was blocked in no call");
        return add({LinearEvent::Kind::blocked, actor, {}, {}}, i);
      case Event::Kind::signal:
        return add({LinearEvent::Kind::seen, actor, {}, {true, {}, e}}, i);
      case Event::Kind::ended:
        inside_[actor] = false;
        return add({LinearEvent::Kind::ended, actor, {}, {true, {}, e}}, i);
      default:
        return wrong("a memory step");
    }
  }

  void call(const Event &e, uint32_t actor, uint32_t i) {
    const CallSpec *spec = find_call(e.name);
    if (!spec) return wrong("no call " + e.name);
    if (inside_[actor]) return wrong(e.actor + " was called within a call");
    inside_[actor] = true;
    std::string written = e.name + "(";
    for (size_t a = 0; a < e.args.size(); ++a) written += (a ? ", " : "") + show(e.args[a]);
    add({LinearEvent::Kind::call, actor, {{spec, e.args}, written + ")"}, {}}, i);
  }

  void add(LinearEvent e, uint32_t i) {
    out_.history.events.push_back(std::move(e));
    out_.from.push_back(i);
  }
  void wrong(std::string why) { out_.problem = std::move(why); }

  const ConcurrentHistory &h_;
  std::vector<bool> inside_{};
  Translation out_{};
};

bool apart(const ConcurrentHistory &history) {
  return std::all_of(history.events.begin(), history.events.end(), [](const Event &e) {
    if (e.kind == Event::Kind::signal || e.kind == Event::Kind::ended) return false;
    if (e.kind != Event::Kind::call) return true;
    const bool memory = e.args.size() > 1 && e.args[1].as<Value::Int>();  // mapped, and so shared with who knows whom
    return is_in(of_one_object, e.name) && !memory;
  });
}

// Tells whether the model may be too coarse for what is in a history.
class Coarseness {
 public:
  Coarseness(const ConcurrentHistory &history, const std::vector<model::World> &starts, const model::Setting &setting)
      : h_(history) {
    for (const model::World &w : starts) look_at(w);
    for (uint32_t i = 0; i < h_.events.size(); ++i) {
      const Event &e = h_.events[i];
      if (e.kind == Event::Kind::ended) look_at_end(i);
      if (e.kind != Event::Kind::call) continue;
      files_ = files_ || makes_file(e, setting);
      threads_ = threads_ || e.name == "thread" || e.name == "spawn";
    }
  }

  // What the model may be too coarse for, up to this event; empty: nothing.
  std::string found(uint32_t last) const {
    if (last >= ends_from_) return "the end of an actor";
    std::map<std::string, std::string> under_way;  // the call of each actor
    for (uint32_t i = 0; i <= last && i < h_.events.size(); ++i) {
      const Event &e = h_.events[i];
      if (e.kind == Event::Kind::returned) under_way.erase(e.actor);
      if (e.kind != Event::Kind::call) continue;
      if (is_in(going_on, e.name)) return e.name + "()";
      under_way[e.actor] = e.name;
      if (under_way.size() < 2) continue;
      for (const auto &[actor, call] : under_way)
        if (is_coarse(call)) return call + "()";
    }
    return "";
  }

 private:
  void look_at(const model::World &w) {
    using Kind = model::File::Kind;
    for (size_t i = 0; i < w.files.size(); ++i) files_ = files_ || w.files[i].kind == Kind::regular;
    for (size_t i = 0; i < w.processes.size(); ++i) threads_ = threads_ || w.processes[i].threads.size() > 1;
  }
  // An end may have begun once the actor was last seen to do something else.
  void look_at_end(uint32_t end) {
    uint32_t from = 0;
    for (uint32_t i = end; i-- > 0;)
      if (h_.events[i].actor == h_.events[end].actor) {
        from = i;
        break;
      }
    ends_from_ = std::min(ends_from_, from);
  }
  static bool makes_file(const Event &e, const model::Setting &setting) {
    if (e.name == "creat" || e.name == "shm_open" || e.name == "memfd_create") return true;
    const size_t at = e.name == "openat" ? 2 : 1;
    if (!e.name.starts_with("open") || e.args.size() <= at) return false;
    const auto *flags = e.args[at].as<Value::Int>();
    return flags && (flags->value & setting.k.O_CREAT_) != 0;
  }
  bool is_coarse(std::string_view call) const {
    return is_in(coarse, call) || (files_ && is_in(coarse_on_files, call)) ||
           (threads_ && is_in(coarse_among_threads, call));
  }

  const ConcurrentHistory &h_;
  uint32_t ends_from_ = UINT32_MAX;
  bool files_ = false, threads_ = false;
};

}  // namespace

Linearisation judge_concurrent(const ConcurrentHistory &history, const std::vector<model::World> &starts,
                               const model::Setting &setting, linear::Budget budget) {
  Linearisation result;
  const Translation translated = Translator(history).run();
  if (!translated.problem.empty()) {
    result.explanation = translated.problem;
    return result;
  }
  model::Setting overlapping = setting;
  overlapping.start.calls_overlap = true;
  Specification s{overlapping, {}};
  for (const auto &[name, id] : history.ids) s.ids.push_back(id);
  s.ids.push_back(model::first_token);  // nobody's
  if (starts.size() == 1 && apart(history)) s.start = &starts.front();
  result = linear::linearise_from(s, starts, translated.history, budget);
  const auto renumber = [&](uint32_t &event) {
    if (event < translated.from.size()) event = translated.from[event];
  };
  renumber(result.event);
  for (linear::Point &p : result.witness) {
    renumber(p.call);
    renumber(p.before);
  }
  if (result.answer != Answer::no) return result;
  if (const std::string call = Coarseness(history, starts, setting).found(result.event); !call.empty()) {
    result.answer = Answer::undecided;
    result.explanation = "The model takes " + call + " as one point, which a system need not.\n" + result.explanation;
  }
  return result;
}

}  // namespace ipcvet
