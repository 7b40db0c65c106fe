#include "fuzz/program/generate.h"

#include <algorithm>
#include <array>
#include <map>

#include "fuzz/program/arguments.h"
#include "fuzz/program/menu.h"
#include "fuzz/program/phrases.h"
#include "harness/case/parser.h"

namespace ipcvet::fuzz {
namespace {

// Of a menu, what the taste allows: each call as often as it weighs.
using Choice = std::vector<std::string_view>;

Choice allowed(std::string_view mechanism, bool one_process) {
  Choice out;
  for (const Dish &d : menu(mechanism))
    if (!one_process || fits_one_process(d.call)) out.insert(out.end(), d.weight, d.call);
  return out;
}

const Choice &choice_of(const Taste &taste) {
  static const auto all = [] {
    std::map<std::string_view, std::array<Choice, 2>> out;
    for (const std::string_view name : mechanisms()) out[name] = {allowed(name, false), allowed(name, true)};
    return out;
  }();
  return all.at(taste.mechanism)[taste.one_process];
}

// Does the call need something the Program has not made yet? Making it is the better step then.
bool starves(const CallSpec &spec, const Pool &pool) {
  for (uint32_t i = 0; i < spec.nargs; ++i) {
    const ArgSpec &arg = spec.args[i];
    if (arg.kind != ArgKind::FD || arg.name == "dirfd") continue;
    const bool id = arg.name == "id", msg = spec.name.starts_with("msg");
    const bool has = std::any_of(pool.resources().begin(), pool.resources().end(), [&](const Resource &r) {
      return id                   ? r.kind == (msg ? Kind::queue : Kind::segment)
             : arg.name == "epfd" ? r.kind == Kind::epoll
                                  : is_descriptor(r.kind);
    });
    if (!has && spec.name != "mmap") return true;
  }
  return false;
}

std::optional<Step> try_step(const Taste &taste, const Pool &pool, Random &random) {
  const std::string_view name = random.pick(choice_of(taste));
  const std::string &actor = pool.some_actor(random).name;
  if (name.starts_with("mem_")) return choose_memory_step(name == "mem_store", actor, pool, random);
  const CallSpec *spec = find_call(name);
  if (!spec || (starves(*spec, pool) && !random.chance(3))) return std::nullopt;
  if (spec->returns == Ret::ACTOR && (taste.one_process || pool.fresh_actor().empty())) return std::nullopt;
  if (spec->returns == Ret::NEVER && (actor == "P" || !random.chance(40))) return std::nullopt;
  return call_step(actor, {std::string(name), choose_arguments(*spec, actor, pool, random), {}});
}

// No more than so many are left.
void cut_behind(std::vector<SharedStep> &steps, size_t left) {
  if (steps.size() > left) steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(left), steps.end());
}

// The phrases that belong to a mechanism, as steps.
std::vector<std::vector<SharedStep>> read_phrases(std::string_view mechanism) {
  std::vector<std::vector<SharedStep>> out;
  for (const Phrase &phrase : phrases) {
    if (mechanism != "all" && phrase.mechanisms.find(mechanism) == std::string_view::npos) continue;
    const std::string head = "case  pipe/phrase\nbrief \"a phrase\"\nspec  fuzz/program  observe\n\n";
    auto parsed = parse(head + std::string(phrase.steps), "phrase.ipc");
    if (parsed) out.emplace_back(parsed->steps.begin(), parsed->steps.end());
  }
  return out;
}

const std::vector<std::vector<SharedStep>> &phrases_of(std::string_view mechanism) {
  static const auto all = [] {
    std::map<std::string_view, std::vector<std::vector<SharedStep>>> by_mechanism;
    for (const std::string_view name : mechanisms()) by_mechanism[name] = read_phrases(name);
    return by_mechanism;
  }();
  static const std::vector<std::vector<SharedStep>> none;
  const auto at = all.find(mechanism);
  return at == all.end() ? none : at->second;
}

// One of them, perhaps without its end; its root is the actor.
std::vector<SharedStep> choose_phrase(const Taste &taste, const std::string &actor, Random &random) {
  const auto &all = phrases_of(taste.mechanism);
  if (all.empty()) return {};
  std::vector<SharedStep> steps = random.pick(all);
  if (random.chance(30)) cut_behind(steps, 1 + random.below(steps.size()));
  for (SharedStep &step : steps)
    if (actor != "P" && step->actors[0] == "P") step.change([&](Step &changed) { changed.actors[0] = actor; });
  return steps;
}

Pool pool_before(const Program &program, size_t at) {
  Pool pool;
  for (size_t i = 0; i < at; ++i) pool.apply(program.steps[i]);
  return pool;
}

// Each change tells the first step that it may have made invalid.

size_t insert_step(Program &program, const Taste &taste, Random &random) {
  const size_t at = random.below(program.steps.size() + 1);
  const Pool pool = pool_before(program, at);
  if (random.chance(12)) {
    auto phrase = choose_phrase(taste, pool.some_actor(random).name, random);
    program.steps.insert(program.steps.begin() + static_cast<std::ptrdiff_t>(at),
                         std::make_move_iterator(phrase.begin()), std::make_move_iterator(phrase.end()));
    return at;
  }
  for (int tries = 0; tries < 8; ++tries) {
    auto step = try_step(taste, pool, random);
    if (!step) continue;
    program.steps.insert(program.steps.begin() + static_cast<std::ptrdiff_t>(at), std::move(*step));
    return at;
  }
  return at;
}

size_t change_argument(Program &program, Random &random) {
  const size_t at = random.below(program.steps.size());
  const Step &step = *program.steps[at];
  if (step.kind != Step::Kind::returns || step.call.args.empty()) return at;
  const Pool pool = pool_before(program, at);
  const auto i = random.below(step.call.args.size());
  const Call so_far{step.call.name, {step.call.args.begin(), step.call.args.begin() + i}, {}};
  Value chosen = choose_argument(so_far, i, step.actors[0], pool, random);
  program.steps[at].change([&](Step &changed) { changed.call.args[i] = std::move(chosen); });
  return at;
}

size_t move_step(Program &program, size_t from, Random &random) {
  auto &steps = program.steps;
  SharedStep step = std::move(steps[from]);
  steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(from));
  const size_t to = random.below(steps.size() + 1);
  steps.insert(steps.begin() + static_cast<std::ptrdiff_t>(to), std::move(step));
  return std::min(from, to);
}

size_t mutate_once(Program &program, const Taste &taste, Random &random) {
  auto &steps = program.steps;
  if (steps.empty() || random.chance(30)) return insert_step(program, taste, random);
  const size_t n = random.below(steps.size());
  const auto at = static_cast<std::ptrdiff_t>(n);
  switch (random.below(7)) {
    case 0:
      steps.erase(steps.begin() + at);
      return n;
    case 1: {  // again, and now and then often: what is wrong may be only the twentieth
      const SharedStep step = steps[n];
      steps.insert(steps.begin() + at, random.chance(20) ? 16 + random.below(24) : 1, step);
      return n;
    }
    case 2:
      return move_step(program, n, random);
    case 3:
      steps[n].change([actor = pool_before(program, n).some_actor(random).name](Step &step) { step.actors = {actor}; });
      return n;
    case 4:
      if (random.chance(30)) cut_behind(steps, n + 1);
      return n;
    default:
      return change_argument(program, random);
  }
}

// The first `valid` steps are known to be so.
Program tasted(Program program, const Taste &taste, size_t valid = 0) {
  const auto disliked = [](const SharedStep &s) { return !s.about().inside; };
  if (taste.one_process) {
    const auto first = std::find_if(program.steps.begin(), program.steps.end(), disliked);
    valid = std::min(valid, static_cast<size_t>(first - program.steps.begin()));
    program.steps.erase(std::remove_if(first, program.steps.end(), disliked), program.steps.end());
  }
  cut_behind(program.steps, taste.longest);
  return repaired(std::move(program), valid);
}

}  // namespace

Program generate(const Taste &taste, Random &random) {
  Program program;
  const size_t wanted = 2 + random.below(std::min<size_t>(taste.longest, random.chance(70) ? 16 : most_steps) - 1);
  Pool pool;
  program.steps.reserve(wanted);
  if (random.chance(35)) {
    program.steps = choose_phrase(taste, "P", random);
    program = tasted(std::move(program), taste);
    for (const SharedStep &step : program.steps) pool.apply(step);
  }
  for (size_t tries = 0; program.steps.size() < wanted && tries < wanted * 6; ++tries) {
    auto step = try_step(taste, pool, random);
    if (!step || !mended(*step, pool)) continue;
    program.steps.emplace_back(std::move(*step));
    pool.apply(program.steps.back());
  }
  return program;
}

Program mutated(Program program, const Taste &taste, Random &random) {
  size_t valid = program.steps.size();
  do {
    valid = std::min(valid, mutate_once(program, taste, random));
  } while (random.chance(45));
  return tasted(std::move(program), taste, valid);
}

Program crossed(const Program &one, const Program &other, const Taste &taste, Random &random) {
  Program out;
  const size_t head = random.below(one.steps.size() + 1), tail = random.below(other.steps.size() + 1);
  out.steps.assign(one.steps.begin(), one.steps.begin() + static_cast<std::ptrdiff_t>(head));
  out.steps.insert(out.steps.end(), other.steps.begin() + static_cast<std::ptrdiff_t>(tail), other.steps.end());
  return tasted(std::move(out), taste, head);
}

}  // namespace ipcvet::fuzz
