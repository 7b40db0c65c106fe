#include "fuzz/drive/concurrent.h"

#include <algorithm>
#include <deque>

#include "fuzz/drive/history_story.h"
#include "fuzz/drive/players.h"
#include "harness/judge/concurrent.h"
#include "harness/run/encode.h"

namespace ipcvet::fuzz {
namespace {

using linear::Answer;

class ConcurrentRun : public Players {
 public:
  using Players::Players;

  ConcurrentStory run(const Program &program) {
    Actor &first = root();
    if (cast_.await_birth(first) != Waited::done) broken("the root actor never was ready");
    known(first);
    for (const Step &step : program.steps) {
      if (over()) break;
      if (!makes_actor(step)) {
        todo_[step.actors[0]].push_back(&step);
        continue;
      }
      go();
      if (!over()) make_actor(step);
    }
    go();
    return std::move(story_);
  }

 private:
  bool over() const { return !report_.broken.empty() || stuck_; }

  void known(const Actor &a) {
    names_[a.name] = Value::integer(a.tid);
    story_.history.ids[a.name] = a.tid;
  }

  void note(Event e, const Step *step) {
    story_.history.events.push_back(std::move(e));
    story_.steps.push_back(step);
  }

  // Everybody does what is theirs to do, until nobody can do anything more.
  void go() {
    while (!over()) {
      if (advance()) continue;
      const Waited waited = cast_.await([&] { return news() || rests(); }, false);
      if (waited == Waited::stopped) return broken("interrupted");
      if (waited == Waited::limit) stuck_ = true;  // nothing is proven, so nothing is said of rest
      if (!stuck_ && !news()) return at_rest();
    }
  }

  // Looks at each actor once; false if nothing came of it.
  bool advance() {
    bool moved = false;
    for (auto &[name, a] : cast_.all()) {
      if (a.state == Actor::State::in_call && cast_.answered(a)) {
        finish(a);
        moved = true;
      }
      if (a.state == Actor::State::idle && begin_next(a)) moved = true;
      if (over()) return true;
    }
    return moved;
  }

  bool begin_next(Actor &a) {
    std::deque<const Step *> &steps = todo_[a.name];
    while (!steps.empty()) {
      const Step &step = *steps.front();
      auto resolved = spec_of(step) ? encoded(a, step, names_) : std::unexpected(std::string("no such call"));
      if (!resolved && comes_later(step)) return false;
      steps.pop_front();
      if (!resolved) {
        ++report_.skipped;
        continue;
      }
      note({.kind = Event::Kind::call, .actor = a.name, .name = std::string(spec_of(step)->name), .args = *resolved},
           &step);
      hand_over(a, step, std::move(*resolved));
      return true;
    }
    return false;
  }

  // Will somebody else still bind a name that this step lacks?
  bool comes_later(const Step &step) const {
    for (const auto &[name, a] : cast_.all_of())
      if (name != step.actors[0] && a.state != Actor::State::gone) {
        if (a.state == Actor::State::in_call && a.step && !bound_names(*a.step).empty() && !proven_) return true;
        const auto at = todo_.find(name);
        if (at == todo_.end() || a.state == Actor::State::in_call) continue;
        if (std::any_of(at->second.begin(), at->second.end(), [](const Step *s) { return !bound_names(*s).empty(); }))
          return !proven_;
      }
    return false;
  }

  void finish(Actor &a) {
    const Seen seen = take_answer(a);
    if (!report_.broken.empty()) return;
    Event e{.kind = Event::Kind::returned, .actor = a.name, .name = std::string(a.spec->name), .args = seen.args};
    e.result = seen.result;
    note(std::move(e), a.step);
    bind(*a.step, seen, names_);
    if (const Actor *child = born(a, seen); child && report_.broken.empty()) known(*child);
  }

  bool news() {
    return std::any_of(cast_.all().begin(), cast_.all().end(), [&](auto &entry) { return has_news(entry.second); });
  }
  bool has_news(const Actor &a) { return a.state == Actor::State::in_call && cast_.answered(a); }

  // Everybody is proven to sleep, in a call or between calls, and from the first proof to the last nobody ran. Who is
  // between calls may have been killed or stopped, and not have come to it yet.
  bool rests() {
    std::vector<std::pair<Actor *, ThreadView::Look>> asleep;
    for (auto &[name, a] : cast_.all()) {
      if (a.state == Actor::State::gone || look_for_end(a)) continue;
      const bool idle = a.state == Actor::State::idle;
      if (idle ? !cast_.sleeps(a) : waits_for_its_own(a) || !cast_.prove_blocked(a)) return false;
      asleep.emplace_back(&a, a.view->look());
    }
    return std::all_of(asleep.begin(), asleep.end(), [&](const auto &entry) {
      const ThreadView::Look now = entry.first->view->look();
      return now.switches == entry.second.switches && now.state == entry.second.state && now.state != 'R' &&
             !now.gone() && !has_news(*entry.first);
    });
  }

  // Calls that sleep while who they have made is not an actor yet.
  static bool waits_for_its_own(const Actor &a) {
    return a.spec->returns == Ret::ACTOR || a.spec->name == "threads" || a.spec->name == "vfork_exit";
  }

  bool look_for_end(Actor &a) {
    if (has_news(a) || !cast_.dead(a)) return false;
    Seen seen;
    take_end(a, seen);
    Event e{.kind = Event::Kind::ended, .actor = a.name, .name = seen.end_name.empty() ? "unknown" : seen.end_name};
    e.result = Value::integer(seen.end_status);
    note(std::move(e), a.step);
    return true;
  }

  void at_rest() {
    for (auto &[name, a] : cast_.all()) {
      if (a.state == Actor::State::idle && look_for_end(a)) continue;
      if (a.state == Actor::State::gone) continue;
      for (const Value &run : handlers(a)) note(handler_event(a, run), nullptr);
      claim_handlers(a);
    }
    note({.kind = Event::Kind::note, .name = std::string(rest_note)}, nullptr);
    // Who lacks a name that did not come goes on without the step.
    proven_ = true;
    const bool goes_on = advance();
    proven_ = false;
    if (goes_on) go();
  }

  Event handler_event(const Actor &a, const Value &run) {
    Event e{.kind = Event::Kind::signal, .actor = a.name};
    e.result = run;
    if (const auto *record = run.as<Value::Record>())
      for (const Field &f : record->fields)
        if (const auto *n = f.value.as<Value::Int>(); n && f.name == "si_signo")
          e.name = signal_name(cast_.area(), static_cast<int>(n->value));
    return e;
  }

  void make_actor(const Step &step) {
    Actor *a = cast_.find(step.actors[0]);
    if (!a || a->state != Actor::State::idle || !spec_of(step)) {
      ++report_.skipped;
      return;
    }
    todo_[a->name].push_back(&step);
    go();
  }

  Bindings names_;
  std::map<std::string, std::deque<const Step *>> todo_;
  ConcurrentStory story_;
  bool stuck_ = false, proven_ = false;
};

// A history in which the model has no rule for a call is judged up to such a call.
struct Judged {
  linear::Linearisation found;
  size_t events = 0;  // so many of them
};

Judged judged(const ConcurrentHistory &history, const model::Setting &setting) {
  const std::vector<model::World> starts{model::initial_world(setting)};
  constexpr linear::Budget budget{40'000};
  Judged all{judge_concurrent(history, starts, setting, budget), history.events.size()};
  if (all.found.answer != Answer::undecided || !all.found.without_rule) return all;
  size_t right = 0, wrong = history.events.size();
  while (wrong - right > 1) {
    const size_t middle = right + (wrong - right) / 2;
    ConcurrentHistory beginning{{history.events.begin(), history.events.begin() + static_cast<ptrdiff_t>(middle)},
                                history.ids};
    linear::Linearisation found = judge_concurrent(beginning, starts, setting, budget);
    if (found.answer == Answer::no) return {std::move(found), middle};
    if (found.answer == Answer::undecided && !found.without_rule) return {std::move(found), middle};
    if (found.answer == Answer::yes)
      right = middle, all = {std::move(found), middle};
    else
      wrong = middle;
  }
  return all;
}

}  // namespace

void run_concurrently(Stage &stage, const model::Setting &setting, const Program &program, RunReport &report) {
  const ConcurrentStory story = ConcurrentRun(stage, report).run(program);
  if (!report.broken.empty()) return;
  const Judged answer = judged(story.history, setting);
  features(story, report.features);
  report.partly = answer.events < story.history.events.size();
  if (answer.found.answer == Answer::undecided)
    report.undecided = answer.found.explanation.substr(0, answer.found.explanation.find('\n'));
  if (answer.found.answer == Answer::no) report.found = found_in(story, answer.found, stage.mechanism, stage.comments);
}

}  // namespace ipcvet::fuzz
