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
// Calls the system may perform in more points than the model: each descriptor of one that ends, each of several
// objects.
constexpr std::array<std::string_view, 14> coarse{"exit",     "exec",     "kill",       "splice",     "tee",
                                                  "vmsplice", "sendfile", "poll",       "select",     "pselect",
                                                  "ppoll",    "waitpid",  "epoll_wait", "epoll_pwait"};

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
    return e.kind != Event::Kind::call || is_in(of_one_object, e.name);
  });
}

// The name of a call the model may be too coarse for, up to this event and while others were under way.
std::string too_coarse(const ConcurrentHistory &history, uint32_t last) {
  uint32_t under_way = 0;
  std::string found;
  for (uint32_t i = 0; i <= last && i < history.events.size(); ++i) {
    const Event &e = history.events[i];
    if (e.kind == Event::Kind::ended) return "the end of " + e.actor;
    if (e.kind == Event::Kind::returned) --under_way;
    if (e.kind != Event::Kind::call) continue;
    ++under_way;
    if (is_in(coarse, e.name)) found = e.name + "()";
    if (!found.empty() && under_way > 1) return found;
    if (under_way == 1 && !is_in(coarse, e.name)) found.clear();
  }
  return "";
}

}  // namespace

Linearisation judge_concurrent(const ConcurrentHistory &history, const std::vector<model::World> &starts,
                               const model::Setting &setting, linear::Budget budget) {
  Linearisation result;
  const Translation translated = Translator(history).run();
  if (!translated.problem.empty()) {
    result.explanation = translated.problem;
    return result;
  }
  Specification s{setting, {}};
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
  if (const std::string call = too_coarse(history, result.event); !call.empty()) {
    result.answer = Answer::undecided;
    result.explanation = "The model takes " + call + " as one point, which a system need not.\n" + result.explanation;
  }
  return result;
}

}  // namespace ipcvet
