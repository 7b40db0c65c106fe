#include "fuzz/program/generate.h"

#include <algorithm>
#include <map>

#include "fuzz/program/arguments.h"
#include "fuzz/program/menu.h"
#include "fuzz/program/phrases.h"
#include "harness/case/parser.h"

namespace ipcvet::fuzz {
namespace {

bool allowed(const Taste &taste, std::string_view call) { return !taste.one_process || fits_one_process(call); }

std::string_view choose_call(const Taste &taste, Random &random) {
  const auto &dishes = menu(taste.mechanism);
  uint32_t total = 0;
  for (const Dish &d : dishes) total += allowed(taste, d.call) ? d.weight : 0;
  uint32_t at = random.below(total);
  for (const Dish &d : dishes) {
    if (!allowed(taste, d.call)) continue;
    if (at < d.weight) return d.call;
    at -= d.weight;
  }
  return dishes.front().call;
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
  const std::string_view name = choose_call(taste, random);
  const std::string &actor = pool.some_actor(random).name;
  if (name.starts_with("mem_")) return choose_memory_step(name == "mem_store", actor, pool, random);
  const CallSpec *spec = find_call(name);
  if (!spec || (starves(*spec, pool) && !random.chance(3))) return std::nullopt;
  if (spec->returns == Ret::ACTOR && (taste.one_process || pool.fresh_actor().empty())) return std::nullopt;
  if (spec->returns == Ret::NEVER && (actor == "P" || !random.chance(40))) return std::nullopt;
  return call_step(actor, {std::string(name), choose_arguments(*spec, actor, pool, random), {}});
}

// The phrases that belong to a mechanism, as steps.
std::vector<std::vector<Step>> read_phrases(std::string_view mechanism) {
  std::vector<std::vector<Step>> out;
  for (const Phrase &phrase : phrases) {
    if (mechanism != "all" && phrase.mechanisms.find(mechanism) == std::string_view::npos) continue;
    const std::string head = "case  pipe/phrase\nbrief \"a phrase\"\nspec  fuzz/program  observe\n\n";
    auto parsed = parse(head + std::string(phrase.steps), "phrase.ipc");
    if (parsed) out.push_back(std::move(parsed->steps));
  }
  return out;
}

const std::vector<std::vector<Step>> &phrases_of(std::string_view mechanism) {
  static const auto all = [] {
    std::map<std::string_view, std::vector<std::vector<Step>>> by_mechanism;
    for (const std::string_view name : mechanisms()) by_mechanism[name] = read_phrases(name);
    return by_mechanism;
  }();
  static const std::vector<std::vector<Step>> none;
  const auto at = all.find(mechanism);
  return at == all.end() ? none : at->second;
}

// One of them, perhaps without its end; its root is the actor.
std::vector<Step> choose_phrase(const Taste &taste, const std::string &actor, Random &random) {
  const auto &all = phrases_of(taste.mechanism);
  if (all.empty()) return {};
  std::vector<Step> steps = random.pick(all);
  if (random.chance(30)) steps.resize(1 + random.below(steps.size()));
  for (Step &step : steps)
    if (step.actors[0] == "P") step.actors[0] = actor;
  return steps;
}

Pool pool_before(const Program &program, size_t at) {
  Pool pool;
  for (size_t i = 0; i < at; ++i) pool.apply(program.steps[i]);
  return pool;
}

void insert_step(Program &program, const Taste &taste, Random &random) {
  const size_t at = random.below(program.steps.size() + 1);
  const Pool pool = pool_before(program, at);
  if (random.chance(12)) {
    auto phrase = choose_phrase(taste, pool.some_actor(random).name, random);
    program.steps.insert(program.steps.begin() + static_cast<std::ptrdiff_t>(at),
                         std::make_move_iterator(phrase.begin()), std::make_move_iterator(phrase.end()));
    return;
  }
  for (int tries = 0; tries < 8; ++tries) {
    auto step = try_step(taste, pool, random);
    if (!step) continue;
    program.steps.insert(program.steps.begin() + static_cast<std::ptrdiff_t>(at), std::move(*step));
    return;
  }
}

void change_argument(Program &program, Random &random) {
  const size_t at = random.below(program.steps.size());
  Step &step = program.steps[at];
  if (step.kind != Step::Kind::returns || step.call.args.empty()) return;
  const Pool pool = pool_before(program, at);
  const auto i = random.below(step.call.args.size());
  const Call so_far{step.call.name, {step.call.args.begin(), step.call.args.begin() + i}, {}};
  step.call.args[i] = choose_argument(so_far, i, step.actors[0], pool, random);
}

void mutate_once(Program &program, const Taste &taste, Random &random) {
  auto &steps = program.steps;
  if (steps.empty() || random.chance(30)) return insert_step(program, taste, random);
  const auto at = static_cast<std::ptrdiff_t>(random.below(steps.size()));
  switch (random.below(7)) {
    case 0:
      steps.erase(steps.begin() + at);
      break;
    case 1:
      steps.insert(steps.begin() + at, steps[static_cast<size_t>(at)]);
      break;
    case 2: {  // moved elsewhere
      Step step = std::move(steps[static_cast<size_t>(at)]);
      steps.erase(steps.begin() + at);
      steps.insert(steps.begin() + random.below(steps.size() + 1), std::move(step));
      break;
    }
    case 3:
      steps[static_cast<size_t>(at)].actors = {pool_before(program, static_cast<size_t>(at)).some_actor(random).name};
      break;
    case 4:
      if (random.chance(30)) steps.resize(static_cast<size_t>(at) + 1);
      break;
    default:
      change_argument(program, random);
  }
}

Program tasted(Program program, const Taste &taste) {
  if (taste.one_process)
    std::erase_if(program.steps, [](const Step &s) { return !spec_of(s) || !fits_one_process(spec_of(s)->name); });
  if (program.steps.size() > taste.longest) program.steps.resize(taste.longest);
  return repaired(std::move(program));
}

}  // namespace

Program generate(const Taste &taste, Random &random) {
  Program program;
  const size_t wanted = 2 + random.below(std::min<size_t>(taste.longest, random.chance(70) ? 16 : most_steps) - 1);
  Pool pool;
  if (random.chance(35)) {
    program.steps = choose_phrase(taste, "P", random);
    program = tasted(std::move(program), taste);
    for (const Step &step : program.steps) pool.apply(step);
  }
  for (size_t tries = 0; program.steps.size() < wanted && tries < wanted * 6; ++tries) {
    auto step = try_step(taste, pool, random);
    if (!step || !mended(*step, pool)) continue;
    pool.apply(*step);
    program.steps.push_back(std::move(*step));
  }
  return program;
}

Program mutated(Program program, const Taste &taste, Random &random) {
  do {
    mutate_once(program, taste, random);
  } while (random.chance(45));
  return tasted(std::move(program), taste);
}

Program crossed(const Program &one, const Program &other, const Taste &taste, Random &random) {
  Program out;
  const size_t head = random.below(one.steps.size() + 1), tail = random.below(other.steps.size() + 1);
  out.steps.assign(one.steps.begin(), one.steps.begin() + static_cast<std::ptrdiff_t>(head));
  out.steps.insert(out.steps.end(), other.steps.begin() + static_cast<std::ptrdiff_t>(tail), other.steps.end());
  return tasted(std::move(out), taste);
}

}  // namespace ipcvet::fuzz
